"""A ministry's indicators copied from one plan to the next: definitions, as proposals.

Copied are name, unit, kind, direction, formula, dimension, baseline, source and note; not copied
are targets and actuals. A reviewer approves a copy once its ministry has filled in targets.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from ministries import audit
from ministries.models import Lineage, Ministry, User
from plan import formula, rules
from plan.actions.definition import next_ordinal, siblings_of
from plan.actions.indicators import FIELDS, told
from plan.enums import IndicatorState
from plan.models import Indicator, LineageEdge, Measure, PlanVersion


class Copied(NamedTuple):
    """One indicator, where it goes (None: no counterpart was chosen), and why it can't; "" where
    it can.
    """

    indicator: Indicator
    measure: Measure | None
    problem: str


class Step(NamedTuple):
    """A measure of the old plan with the ministry's indicators, and its suggested counterpart."""

    measure: Measure
    indicators: list[Indicator]
    suggested: int | None


def steps(ministry: Ministry, source: PlanVersion, target: PlanVersion) -> list[Step]:
    """What can be copied, in the order of the old plan: approved definitions in force at its end.

    The suggested counterpart has the same lineage, comes from it by a split or a merger, or bears
    the same name; the ministry answers for it. Five queries.
    """
    bodies = _bodies(ministry)
    rows = (
        Indicator.objects.filter(
            measure__version__plan=source.plan_id,
            ministry__in=bodies,
            state=IndicatorState.APPROVED,
            until_year=None,
        )
        .select_related("measure", "ministry")
        .order_by("measure__position", "ordinal", "pk")
    )
    mine = counterparts(ministry, target)
    by_lineage = {measure.lineage: measure for measure in mine}
    by_name = {measure.name: measure for measure in mine}
    edges = dict(LineageEdge.objects.filter(version=target).values_list("predecessor", "successor"))
    now = {row.lineage: row for row in source.measures.all()}
    found: dict = {}
    for row in rows:
        lineage = row.measure.lineage
        if lineage not in found:
            other = (
                by_lineage.get(lineage)
                or by_lineage.get(edges.get(lineage))
                or by_name.get(row.measure.name)
            )
            found[lineage] = Step(now.get(lineage, row.measure), [], other.pk if other else None)
        found[lineage].indicators.append(row)
    return list(found.values())


def counterparts(ministry: Ministry, target: PlanVersion) -> list[Measure]:
    """Measures of the new plan for which the ministry answers today. Two queries."""
    lineage, today = Lineage(), timezone.localdate()
    holder = lineage.holder(ministry.pk, today)
    duties = target.measures.order_by("position").prefetch_related("assignments")
    return [
        measure
        for measure in duties
        if any(
            lineage.holder(duty.ministry_id, today) == holder
            for duty in measure.assignments.all()
            if duty.until is None or duty.until > today
        )
    ]


def preview(
    ministry: Ministry, found: Collection[Step], chosen: Mapping[int, Measure | None]
) -> list[Copied]:
    """What copying would do: `chosen` is measure of the old plan (id) → measure of the new one."""
    plan: list[Copied] = []
    taken: dict[int, set[str]] = {}
    for step in found:
        measure = chosen.get(step.measure.pk)
        for row in step.indicators:
            problem = ""
            if measure is not None:
                names = taken.setdefault(
                    measure.pk, {one.name for one in siblings_of(measure, ministry)}
                )
                if row.name in names:
                    problem = _("已經有同名的指標。")
                names.add(row.name)
            plan.append(Copied(row, measure, problem))
    return plan


@transaction.atomic
def copy_set(
    ministry: Ministry,
    source: PlanVersion,
    target: PlanVersion,
    *,
    chosen: Mapping[int, int | None],
    by: User,
) -> list[Indicator]:
    """Propose the ministry's indicators of the old plan in the new one; gives the proposals.

    `chosen` is {measure of the old plan: measure of the new one, or None to leave it out}, ids.
    What has no counterpart, or is there already by its name, is left out. Letters in formulas
    follow the copies; a formula that asks for what is left out is not copied either.
    """
    rules.may_copy_set(ministry, by).enforce()
    if source.plan_id == target.plan_id:
        raise Invalid({"target": [_("選另一個計畫；同一個計畫的指標會跟著修正版走。")]})
    wanted = {pk for pk in chosen.values() if pk is not None}
    known = {
        measure.pk: measure for measure in counterparts(ministry, target) if measure.pk in wanted
    }
    if strange := wanted - set(known):
        raise Invalid(
            {"target": [_("有%(count)d項措施不是%(ministry)s在新計畫裡的。")
                        % {"count": len(strange), "ministry": ministry.short_name}]}
        )  # fmt: skip
    list(Measure.objects.select_for_update(of=("self",)).filter(pk__in=known).order_by("pk"))
    moves = {old: known.get(new) if new is not None else None for old, new in chosen.items()}
    plan = preview(ministry, steps(ministry, source, target), moves)
    # Formulas last: what they ask for must have its new letter.
    plan.sort(key=lambda one: bool(one.indicator.formula))
    letters: dict[tuple, dict[str, str]] = {}
    waiting = [one for one in plan if one.measure is not None and not one.problem]
    made: list[Indicator] = []
    while waiting:
        left = []
        for one in waiting:
            known_letters = letters.setdefault((one.indicator.measure.lineage, one.measure.pk), {})
            text = _followed(one.indicator.formula, known_letters)
            if text is None:
                left.append(one)
                continue
            row = _copied(one, ministry, text, by)
            known_letters[one.indicator.letter] = row.letter
            made.append(row)
        if len(left) == len(waiting):
            break
        waiting = left
    if not made:
        raise Invalid({"target": [_("沒有可以複製的指標：替至少一項措施選對應的措施。")]})
    return made


def _followed(text: str, letters: Mapping[str, str]) -> str | None:
    """The formula in the letters of the copies; None while it asks for what has none."""
    if not text:
        return ""
    try:
        return formula.renamed(text, letters)
    except KeyError:
        return None


def _copied(one: Copied, ministry: Ministry, text: str, by: User) -> Indicator:
    row = Indicator(
        **{name: getattr(one.indicator, name) for name in FIELDS},
        measure=one.measure,
        ministry=ministry,
        ordinal=next_ordinal(one.measure, ministry),
        proposed_by=by,
    )
    row.formula = text
    row.save()
    audit.record(
        "indicator.copy",
        row,
        by=by,
        ministry=ministry,
        after={**told(row), "copied_from": one.indicator.pk},
    )
    return row


def _bodies(ministry: Ministry) -> set[int]:
    return {ministry.pk, *Lineage().line(ministry.pk, timezone.localdate())}
