"""The verbs of the conclusions: propose, write, mark as ready, move onto a newer edition.

Each enters by the review's lock and `reports.rules.reviews.may_write`, and writes the audit.
Refusals: NotAllowed, NotNow, StaleVersion (somebody saved the conclusion meanwhile) and Invalid.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import NotNow, StaleVersion
from ministries import audit
from ministries.models import User
from reports.actions import citing
from reports.models import (
    Citation,
    CitationFlag,
    Conclusion,
    Edition,
    Opinion,
    Paragraph,
    Review,
)
from reports.prefill import Proposed, proposals
from reports.queries import reviews as queries
from reports.queries import synthesis
from reports.rules import reviews as rules

BATCH = 1000


# --- the door -------------------------------------------------------------------------------------
def enter(review: Review, *, by: User) -> Review:
    """Lock the review and ask whether its conclusions can be written by this person now."""
    row = Review.objects.select_for_update().get(pk=review.pk)
    rules.may_write(row, by).enforce()
    return row


def _lock(conclusion: Conclusion, seen_version: int, *, by: User) -> Conclusion:
    review = enter(conclusion.review, by=by)
    row = Conclusion.objects.select_for_update().get(pk=conclusion.pk)
    row.review = review
    if row.version != seen_version:
        raise StaleVersion(_("這則結論在你打開以後，已經被別人改過。"), row)
    return row


def must_be_current(review: Review, edition: Edition) -> None:
    if queries.current_edition(review) != edition:
        raise NotNow(_("這不是目前的版次；結論只能依目前的版次寫。"))


# --- proposing ------------------------------------------------------------------------------------
@transaction.atomic
def prefill(review: Review, edition: Edition, *, by: User) -> int:
    """Make the conclusions that are missing, with proposed paragraphs; how many were made.

    What is there already is left alone, so that a second run changes nothing.
    """
    review = enter(review, by=by)
    must_be_current(review, edition)
    known = set(Conclusion.objects.filter(review=review).values_list("level", "code"))
    proposed = proposed_for(review, edition)
    rows = [
        Conclusion(review=review, edition=edition, level=level, code=code, ordinal=place)
        for place, (level, code) in enumerate(proposed)
        if (level, code) not in known
    ]
    if not rows:
        return 0
    Conclusion.objects.bulk_create(rows, batch_size=BATCH)
    fill(review, edition, [(row, proposed[row.level, row.code]) for row in rows])
    audit.record(
        "conclusion.prefill",
        review,
        by=by,
        after={"edition": edition.number, "conclusions": len(rows)},
    )
    return len(rows)


def proposed_for(review: Review, edition: Edition) -> dict[tuple[str, str], list[Proposed]]:
    """What the edition and the opinions handed in propose for each node."""
    lines = list(edition.lines.order_by("ordinal").defer("digest"))
    opinions: dict[str, list[dict]] = {}
    for pk, code, scores in (
        Opinion.objects.submitted()
        .filter(seat__review=review)
        .order_by("measure_code", "pk")
        .values_list("pk", "measure_code", "scores")
    ):
        opinions.setdefault(code, []).append({"id": pk, "scores": scores})
    return proposals(synthesis.material_of(edition, lines), opinions)


def fill(
    review: Review, edition: Edition, told: Iterable[tuple[Conclusion, Sequence[Proposed]]]
) -> None:
    """Write paragraphs with what they rest on; all nodes cited must have their row by now."""
    line_ids = dict(edition.lines.order_by().values_list("key", "pk"))
    node_ids = {
        (level, code): pk
        for level, code, pk in Conclusion.objects.filter(review=review).values_list(
            "level", "code", "pk"
        )
    }
    pairs = [
        (Paragraph(conclusion=row, ordinal=place, text=one.text), one)
        for row, paragraphs in told
        for place, one in enumerate(paragraphs, start=1)
    ]
    Paragraph.objects.bulk_create((row for row, _one in pairs), batch_size=BATCH)
    citations: list[Citation] = []
    for row, one in pairs:
        citations += [Citation(paragraph=row, line_id=line_ids[key]) for key in one.lines]
        citations += [Citation(paragraph=row, opinion_id=pk) for pk in one.opinions]
        citations += [Citation(paragraph=row, node_id=node_ids[node]) for node in one.nodes]
    Citation.objects.bulk_create(citations, batch_size=BATCH)


# --- writing --------------------------------------------------------------------------------------
@transaction.atomic
def save_conclusion(
    conclusion: Conclusion,
    *,
    paragraphs: Sequence[Mapping],
    seen_version: int,
    by: User,
    numbers_seen: bool = False,
) -> Conclusion:
    """Replace the paragraphs by these, in this order. The conclusion is then no longer ready.

    A paragraph is {"text", "lines": [keys], "opinions": [ids], "nodes": [(level, code) beneath]}
    and rests on at least one of them; `was`, the ordinal that it had, and `seen`, that the writer
    looked at what a newer edition changed in its citations, may be left out. `numbers_seen`: the
    same for the node's own numbers. Invalid names the paragraph by its place, `paragraphs-0`.
    Where nothing differs, nothing is written and the version stays.
    """
    row = _lock(conclusion, seen_version, by=by)
    before = citing.told(row)
    cited = citing.resolved(row, paragraphs)
    flags = citing.flags_left(row, paragraphs, cited)
    texts = [citing.plain(one["text"]) for one in paragraphs]
    now = [
        (text, sorted((kind, pk, flags[place].get((kind, pk), "")) for kind, pk in rests.all()))
        for place, (text, rests) in enumerate(zip(texts, cited, strict=True))
    ]
    if now == before and not (numbers_seen and row.numbers_changed):
        return row
    row.paragraphs.all().delete()
    made = Paragraph.objects.bulk_create(
        Paragraph(conclusion=row, ordinal=place, text=text)
        for place, text in enumerate(texts, start=1)
    )
    Citation.objects.bulk_create(
        Citation(paragraph=paragraph, flag=flags[place].get((kind, pk), ""), **{f"{kind}_id": pk})
        for place, (paragraph, rests) in enumerate(zip(made, cited, strict=True))
        for kind, pk in rests.all()
    )
    if numbers_seen:
        row.numbers_changed = False
    row.saved_by, row.saved_at = by, timezone.now()
    row.ready, row.ready_by = False, None
    row.version += 1
    row.save()
    audit.record(
        "conclusion.save",
        row,
        by=by,
        before={"version": row.version - 1, **_audited(before)},
        after={"version": row.version, **_audited(now)},
    )
    return row


def _audited(told: list[tuple[str, list[tuple[str, int, str]]]]) -> dict:
    return {
        "paragraphs": [text for text, _rests in told],
        "cites": [[f"{kind}:{pk}" for kind, pk, _flag in rests] for _text, rests in told],
    }


# --- ready ----------------------------------------------------------------------------------------
@transaction.atomic
def mark_ready(conclusion: Conclusion, *, seen_version: int, by: User) -> Conclusion:
    """The writer stands by the conclusion as it is; refused while something is to be looked at."""
    row = _lock(conclusion, seen_version, by=by)
    if reason := not_ready(row, queries.current_edition(row.review)):
        raise NotNow(reason)
    return _set_ready(row, by=by)


@transaction.atomic
def mark_all_ready(review: Review, seen: Mapping[int, int], *, by: User) -> int:
    """The same for several at once, {id of the conclusion: version seen}; all of them or none."""
    review = enter(review, by=by)
    edition = queries.current_edition(review)
    rows = Conclusion.objects.select_for_update().filter(review=review, pk__in=seen, ready=False)
    count = 0
    for row in rows.select_related("edition"):
        row.review = review
        if row.version != seen[row.pk]:
            raise StaleVersion(_("選取的結論在你打開以後，有的已經被別人改過。"), row)
        if reason := not_ready(row, edition):
            raise NotNow(f"{row.code or row.get_level_display()}：{reason}")
        _set_ready(row, by=by)
        count += 1
    return count


@transaction.atomic
def mark_complete(
    review: Review, seen: Mapping[int, int], *, by: User
) -> tuple[int, dict[int, str]]:
    """Of these, {id: version seen}, mark all that nothing keeps from it. Returns how many were, and
    {id: why not} of the others, which are left as they are.
    """
    review = enter(review, by=by)
    edition = queries.current_edition(review)
    rows = Conclusion.objects.select_for_update().filter(review=review, pk__in=seen, ready=False)
    count, left = 0, {}
    for row in rows.order_by("ordinal"):
        row.review = review
        reason = not_ready(row, edition)
        if row.version != seen[row.pk]:
            reason = _("在你打開以後，已經被別人改過。")
        if reason:
            left[row.pk] = reason
        else:
            _set_ready(row, by=by)
            count += 1
    return count, left


@transaction.atomic
def unmark_ready(conclusion: Conclusion, *, seen_version: int, by: User) -> Conclusion:
    """Take it back: the conclusion is a draft again."""
    row = _lock(conclusion, seen_version, by=by)
    if not row.ready:
        return row
    row.ready, row.ready_by = False, None
    row.version += 1
    row.save()
    audit.record("conclusion.unready", row, by=by, after={"version": row.version})
    return row


def not_ready(row: Conclusion, edition: Edition | None) -> str:
    """Why this conclusion can't be marked as ready; "" where it can."""
    if edition is None or row.edition_id != edition.pk:
        return _("這則結論還依較早的版次，先改依目前的版次。")
    if not row.paragraphs.exists():
        return _("這則結論還沒有任何一段。")
    if row.numbers_changed:
        return _("這一版的數字或編號和寫的時候不同，先看過再寫定。")
    flagged = Citation.objects.filter(paragraph__conclusion=row).exclude(flag=CitationFlag.NONE)
    if count := flagged.count():
        return _("有%(count)d項引用在這一版已經改變，先看過再寫定。") % {"count": count}
    return ""


def _set_ready(row: Conclusion, *, by: User) -> Conclusion:
    if row.ready:
        return row
    row.ready, row.ready_by = True, by
    row.version += 1
    row.save()
    audit.record("conclusion.ready", row, by=by, after={"version": row.version})
    return row
