"""Leads and partners: of a measure its assignments, of a strategy its cell in the document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ministries.models import Ministry
from plan.actions.revise.door import Errors, Why
from plan.enums import AssignmentRole
from plan.models import Assignment, CellEntry, Measure, Strategy
from plan.queries import printed


@dataclass(frozen=True)
class Duties:
    """Bodies by id, in order; the first lead coordinates."""

    leads: Sequence[int] = ()
    partners: Sequence[int] = ()

    def rows(self) -> Iterable[tuple[str, int, int]]:
        for role, ids in (
            (AssignmentRole.LEAD, self.leads),
            (AssignmentRole.PARTNER, self.partners),
        ):
            for order, pk in enumerate(ids, start=1):
                yield role.value, order, pk


def duty_errors(duties: Duties) -> Errors:
    """What is wrong with the bodies, by field."""
    ids = [*duties.leads, *duties.partners]
    if not duties.leads:
        return {"leads": [_("至少要有一個主辦部會。")]}
    if len(set(ids)) != len(ids):
        return {"partners": [_("同一個部會只能列一次。")]}
    known = Ministry.objects.filter(pk__in=ids).count()
    return {} if known == len(ids) else {"leads": [_("選列出的部會。")]}


def held_by(measure: Measure) -> Duties:
    """The measure's own, without those that have ended."""
    return _read(measure.assignments.filter(until__isnull=True))


def cell_of(strategy: Strategy) -> Duties:
    """Those that the strategy's cell names."""
    return _read(strategy.entries.all())


def union(measures: Sequence[Measure]) -> Duties:
    """All leads of all measures lead; who is a partner only stays one."""
    held = [held_by(measure) for measure in measures]
    leads = dict.fromkeys(pk for one in held for pk in one.leads)
    partners = dict.fromkeys(pk for one in held for pk in one.partners if pk not in leads)
    return Duties(list(leads), list(partners))


def _read(rows: QuerySet) -> Duties:
    sides: dict[str, list[int]] = {role: [] for role in AssignmentRole.values}
    for role, pk in rows.order_by("role", "order").values_list("role", "ministry_id"):
        sides[role].append(pk)
    return Duties(sides[AssignmentRole.LEAD], sides[AssignmentRole.PARTNER])


def assign(row: Strategy | Measure, duties: Duties, why: Why) -> None:
    """Write the bodies of a measure, or of a strategy's cell with its printed form."""
    if isinstance(row, Measure):
        row.assignments.all().delete()
        Assignment.objects.bulk_create(
            Assignment(measure=row, role=role, order=order, ministry_id=pk, basis=why.basis.strip())
            for role, order, pk in duties.rows()
        )
        return
    row.entries.all().delete()
    CellEntry.objects.bulk_create(
        CellEntry(strategy=row, role=role, order=order, ministry_id=pk)
        for role, order, pk in duties.rows()
    )
    row.cell = printed(row.entries.all())
    row.save(update_fields=["cell"])
