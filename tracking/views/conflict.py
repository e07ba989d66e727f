"""Two people saved the same report: what differs, field by field, and what was chosen.

Mine is what was typed and could not be saved; theirs is what the report holds now. Both are
compared as the form's posted text, so that nothing that was typed is lost on the way.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext

from config.kit import conflicts
from config.kit.conflicts import BOTH, MINE, THEIRS
from config.kit.forms import (
    NumberField,
    RocDateField,
    WholeNumberField,
    plain_number,
)
from tracking.forms.money import MoneyRows
from tracking.forms.report import ReportForm
from tracking.views.sections import KEY_OF_FIELD, SECTIONS

NUMBER_OF = {key: number for key, number, *_rest in SECTIONS}


@dataclass(frozen=True, kw_only=True)
class Difference(conflicts.Difference):
    """One field of the form. `changed_by` is who moved away from the common start: mine, theirs, or
    both.
    """

    section: int
    changed_by: str

    @property
    def suggested(self) -> str:
        """What is picked, or what only one of the two changed."""
        return self.picked or ("" if self.changed_by == BOTH else self.changed_by)

    @property
    def note(self) -> str:
        """Why one of the two is suggested."""
        if self.changed_by == BOTH:
            return ""
        if self.changed_by == MINE:
            return gettext("只有你改過，已經先替你選了。")
        return gettext("只有對方改過，已經先替你選了。")


def as_posted(form: forms.Form) -> dict[str, str]:
    """What a browser would post of an unbound form."""
    posted = {}
    for bound in form:
        for name, text in _inputs(bound, bound.value()).items():
            posted[name] = text
    return posted


def report_as_posted(form: ReportForm, money: MoneyRows | None) -> dict[str, str]:
    """The whole report as a browser would post it."""
    posted = as_posted(form)
    if money is not None:
        for row in money:
            posted |= as_posted(row)
        posted["money_count"] = str(len(money))
    return posted


def fingerprint(form: ReportForm, money: MoneyRows | None) -> str:
    """Field → short digest of its text, as JSON: lets a later conflict tell who changed what."""
    posted = report_as_posted(form, money)
    digests = {bound.name: _digest(_plain(bound, posted)) for bound in form}
    if money is not None:
        digests["money"] = _digest(_money_text(money))
    return json.dumps(digests, separators=(",", ":"))


def differences(
    theirs: ReportForm,
    their_money: MoneyRows | None,
    my_money: MoneyRows | None,
    posted: Mapping[str, str],
) -> list[Difference]:
    """Fields of the unbound form `theirs` that were typed otherwise in `posted`."""
    start = _start(posted)
    current = report_as_posted(theirs, their_money)
    found = []
    for bound in theirs:
        mine, other = _plain(bound, posted), _plain(bound, current)
        if mine != other:
            found.append(
                Difference(
                    key=bound.name,
                    label=str(bound.label),
                    section=NUMBER_OF[KEY_OF_FIELD.get(bound.name, "indicators")],
                    mine=_shown(bound, posted),
                    theirs=_shown(bound, current),
                    long=isinstance(bound.field.widget, forms.Textarea),
                    # Neither a choice nor a number, whose words mean something only as a whole.
                    worded=type(bound.field) is forms.CharField,
                    changed_by=_changed_by(start.get(bound.name), mine, other),
                    picked=posted.get(f"pick-{bound.name}", ""),
                    merged=posted.get(f"merged-{bound.name}", ""),
                )
            )
    if their_money is not None and my_money is not None:
        mine, other = _money_text(my_money), _money_text(their_money)
        if mine != other:
            found.append(
                Difference(
                    key="money",
                    label=gettext("經費，千元"),
                    section=NUMBER_OF["money"],
                    mine=mine,
                    theirs=other,
                    long=False,
                    worded=True,
                    changed_by=_changed_by(start.get("money"), mine, other),
                    picked=posted.get("pick-money", ""),
                )
            )
    return found


def merge(
    found: list[Difference],
    theirs: ReportForm,
    their_money: MoneyRows | None,
    posted: Mapping[str, str],
) -> dict[str, str]:
    """Mine, with what was picked from theirs or written together put in its place."""
    merged = {name: posted[name] for name in posted}
    for difference in found:
        if difference.picked == BOTH:
            merged[difference.key] = posted.get(f"merged-{difference.key}", "")
        elif difference.picked == THEIRS and difference.key == "money":
            for name in list(merged):
                if name.startswith("money_"):
                    del merged[name]
            merged |= {
                name: text
                for name, text in report_as_posted(theirs, their_money).items()
                if name.startswith("money_")
            }
        elif difference.picked == THEIRS:
            bound = theirs[difference.key]
            for name, text in _inputs(bound, bound.value()).items():
                merged.pop(name, None)
                if text:
                    merged[name] = text
    return merged


def kept(posted: Mapping[str, str]) -> dict[str, str]:
    """What the conflict page carries on, unseen: all that was typed, but not its own controls."""
    return {
        name: posted[name]
        for name in posted
        if not name.startswith(("pick-", "merged-", "evidence-", "csrfmiddlewaretoken"))
        and name not in {"do", "seen_version", "conflict", "carry", "remove"}
    }


def _inputs(bound: BoundField, value: object) -> dict[str, str]:
    """Input name → text of one field."""
    name, widget = bound.html_name, bound.field.widget
    if isinstance(widget, forms.MultiWidget):
        parts = widget.decompress(value)
        return {
            f"{name}_{place}": "" if part is None else str(part) for place, part in enumerate(parts)
        }
    if isinstance(widget, forms.CheckboxInput):
        return {name: "on" if value else ""}
    return {name: "" if value is None else str(value)}


def _plain(bound: BoundField, posted: Mapping[str, str]) -> str:
    """The field's text without what makes no difference: line ends, commas, leading zeros."""
    name, field = bound.html_name, bound.field
    if isinstance(field, RocDateField):
        parts = [str(plain_number(posted.get(f"{name}_{place}") or "")) for place in range(3)]
        return "-".join(part.lstrip("0") for part in parts) if any(parts) else ""
    text = posted.get(name) or ""
    if isinstance(field, WholeNumberField | NumberField):
        return str(plain_number(text))
    return text.replace("\r\n", "\n").strip()


def _shown(bound: BoundField, posted: Mapping[str, str]) -> str:
    """The field's text as a reader wants it."""
    text, field = _plain(bound, posted), bound.field
    if isinstance(field, forms.BooleanField):
        return gettext("是") if text else gettext("否")
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(text, text)) if text else ""
    return text


def _money_text(money: MoneyRows) -> str:
    """The filled rows as lines of text."""
    lines = []
    for row in money:
        values = {bound.name: bound.value() for bound in row}
        numbers = [_amount(values[name]) for name in ("allocated_thousand", "spent_thousand")]
        source, note = (str(values[name] or "").strip() for name in ("source", "note"))
        if not any(numbers) and not note and (not source or source in money.last):
            continue
        text = gettext("%(source)s：分配%(allocated)s，支用%(spent)s") % {
            "source": source,
            "allocated": numbers[0] or "—",
            "spent": numbers[1] or "—",
        }
        lines.append(f"{text}；{note}" if note else text)
    return "\n".join(lines)


def _amount(value: object) -> str:
    text = str(plain_number(str(value))) if value not in (None, "") else ""
    return f"{int(text):,}" if text.isascii() and text.isdigit() else text


def _start(posted: Mapping[str, str]) -> dict[str, str]:
    try:
        start = json.loads(posted.get("base") or "{}")
    except ValueError:
        return {}
    return start if isinstance(start, dict) else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _changed_by(start: str | None, mine: str, theirs: str) -> str:
    if start == _digest(mine):
        return THEIRS
    if start == _digest(theirs):
        return MINE
    return BOTH
