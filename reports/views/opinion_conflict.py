"""Two windows saved the same opinion: what differs, and the draft that was chosen from both."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from config.kit.conflicts import BOTH, THEIRS, Difference
from reports.actions.opinions import Draft
from reports.forms.experts import CANNOT_JUDGE, SCORES, name_of
from reports.models import Opinion

TEXT = "text"


def differences(
    draft: Draft, saved: Opinion, criteria: list[dict], posted: Mapping[str, str]
) -> list[Difference]:
    """Mine is what was typed, theirs what is saved."""
    found = []
    for criterion in criteria:
        key = criterion["key"]
        mine, theirs = _word(draft.scores, key), _word(saved.scores, key)
        if mine != theirs:
            found.append(_difference(key, criterion["name"], mine, theirs, False, posted))
    if draft.text != saved.text:
        found.append(_difference(TEXT, _("意見"), draft.text, saved.text, True, posted))
    return found


def merged(draft: Draft, saved: Opinion, found: list[Difference]) -> Draft:
    """Mine, with what was picked from theirs or written together in its place; upon theirs."""
    scores, text = dict(draft.scores), draft.text
    for one in found:
        if one.key == TEXT:
            text = {THEIRS: saved.text, BOTH: one.written}.get(one.picked, text)
        elif one.picked == THEIRS:
            scores.pop(one.key, None)
            if one.key in saved.scores:
                scores[one.key] = saved.scores[one.key]
    return replace(draft, scores=scores, text=text, seen_version=saved.version)


def hidden(draft: Draft) -> dict[str, str]:
    """The draft as form fields, for the conflict page to carry on."""
    scores = {
        name_of(key): CANNOT_JUDGE if score is None else str(score)
        for key, score in draft.scores.items()
    }
    return {**scores, "text": draft.text, "edition": str(draft.edition)}


def _difference(
    key: str, label: str, mine: str, theirs: str, long: bool, posted: Mapping[str, str]
) -> Difference:
    return Difference(
        key=key,
        label=label,
        mine=mine,
        theirs=theirs,
        long=long,
        picked=posted.get(f"pick-{key}", ""),
        merged=posted.get(f"merged-{key}", "").replace("\r\n", "\n"),
    )


def _word(scores: Mapping, key: str) -> str:
    if key not in scores:
        return ""
    score = scores[key]
    return str(dict(SCORES)[CANNOT_JUDGE if score is None else str(score)])
