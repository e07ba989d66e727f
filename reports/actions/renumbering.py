"""What a review keeps by code goes with its thing where a revision gave that another code.

Weights, experts' items, recusals and opinions are moved here while an edition is written, and
conclusions by `rebase`. What was split or merged away stays with the measure that it was said of.
Editions hold copies and are not touched, so that a filed one stays what it was.
"""

from collections.abc import Mapping

from django.db.models import F, QuerySet

from ministries import audit
from ministries.models import User
from reports import compare
from reports.actions.rebase import carry, rekey
from reports.enums import Level
from reports.models import Conclusion, Edition, Opinion, Recusal, Review, SeatItem
from reports.queries import lineage

Moves = Mapping[lineage.Node, lineage.Node]
BATCH = 1000


def moves(review: Review, before: Mapping, after: Mapping) -> Moves:
    """`lineage.moves` of two heads, with everything that the review keeps by code."""
    if before["tree"] == after["tree"]:
        return {}
    held = [(level.value, code) for level in Level for code in review.rules["weights"]]
    for rows in _by_measure(review):
        codes = rows.order_by().values_list("measure_code", flat=True).distinct()
        held += [(Level.MEASURE.value, code) for code in codes]
    held += Conclusion.objects.filter(review=review).order_by().values_list("level", "code")
    return lineage.moves(review, before, after, held)


def moved_rules(rules: dict, moved: Moves) -> dict:
    """The rules with their weights under the codes of today; a weight names no level."""
    codes = {code: now for (_level, code), (_same, now) in moved.items()}
    weights = {codes.get(code, code): entry for code, entry in rules["weights"].items()}
    return {**rules, "weights": weights}


def follow(
    review: Review, before: Edition, edition: Edition, moved: Moves, *, by: User | str
) -> None:
    """Move rules, items, recusals, opinions and conclusions of the locked review to the codes of
    this edition. Forms that were opened before are refused by the review's version.

    An opinion rests on this edition from then on: on its lines where they say what they said, else
    on lines that are no longer there, and is flagged.
    """
    rules = moved_rules(review.rules, moved)
    Review.objects.filter(pk=review.pk).update(rules=rules, version=F("version") + 1)
    codes = {code: now for (level, code), (_, now) in moved.items() if level == Level.MEASURE}
    counts = {}
    for rows in _by_measure(review):
        found = list(rows.filter(measure_code__in=codes).select_for_update(of=("self",)))
        counts[rows.model._meta.model_name] = len(found)
        if rows.model is Opinion:
            _rest_on(found, before, edition, codes)
        for row in found:
            row.measure_code = codes[row.measure_code]
        rekey(found, "measure_code")
    carry(review, edition, moved, by=by)
    audit.record(
        "review.renumber",
        review,
        by=by,
        before={"edition": before.number, "weights": review.rules["weights"]},
        after={
            "edition": edition.number,
            "weights": rules["weights"],
            "codes": {f"{level}:{code}": now for (level, code), (_, now) in sorted(moved.items())},
            **counts,
        },
    )


def _by_measure(review: Review) -> list[QuerySet]:
    of_seat = {"seat__review": review}
    return [model.objects.filter(**of_seat) for model in (SeatItem, Recusal, Opinion)]


def _rest_on(
    rows: list[Opinion], before: Edition, edition: Edition, codes: Mapping[str, str]
) -> None:
    if not rows:
        return
    asked = {row.measure_code: codes[row.measure_code] for row in rows}
    same = compare.says_the_same(before, edition, asked)
    old, new = compare.bases(before), compare.bases(edition)
    for row in rows:
        if row.measure_code in same and row.basis == old.get(row.measure_code):
            row.basis = new[codes[row.measure_code]]
        row.edition = edition
    Opinion.objects.bulk_update(rows, ["edition", "basis"], batch_size=BATCH)
