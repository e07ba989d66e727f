"""Money of accepted reports, added up by year, measure and ministry, as far as a person may know.

What is not known stays apart: a line without spending adds to what was allocated and to `unknown`,
never to a rate, as if nothing had been spent.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast, Coalesce

from config.kit.prepared import prepared
from tracking.enums import Status
from tracking.models import MoneyLine, ReportingYear
from tracking.standing import lineage_of, may_see_year

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User

    Person = User | AnonymousUser


class Sums(NamedTuple):
    """Sums in 千元. `known` is what was allocated where it is also known what was spent, `unknown`
    the number of lines where it is not.
    """

    allocated: int = 0
    known: int = 0
    spent: int = 0
    unknown: int = 0

    @property
    def rate(self) -> Decimal | None:
        """Spent of what was allocated, per cent; None where it can't be known."""
        return Decimal(self.spent) * 100 / self.known if self.known else None

    @property
    def left(self) -> int:
        """Allocated and known not to be spent; below zero where more was spent."""
        return self.known - self.spent

    def plus(self, other: "Sums") -> "Sums":
        return Sums(
            self.allocated + other.allocated,
            self.known + other.known,
            self.spent + other.spent,
            self.unknown + other.unknown,
        )


NONE = Sums()


class Row(NamedTuple):
    """What one ministry accounts for in one measure and year; named as it is today."""

    year: int
    lineage: UUID
    ministry: str
    ministry_name: str
    sums: Sums


_LINEAGE = Cast("report__measure__lineage", TextField())


def _sums(by: Sequence[str | Cast], years: tuple[int, ...], plan: int) -> QuerySet:
    """The columns `by`, and for each of their values what `Sums` holds."""
    known = Q(spent_thousand__isnull=False)

    def whole(of: str, **of_which: Q) -> Cast:
        # PostgreSQL adds up in decimals.
        return Cast(Coalesce(Sum(of, **of_which), 0), BigIntegerField())

    return (
        MoneyLine.objects.filter(
            report__reporting_year__in=years,
            report__status=Status.ACCEPTED.value,
            # Without it the measures of every plan would be read to find its own.
            report__measure__version__plan=plan,
        )
        .order_by()
        .values_list(*by)
        .annotate(
            allocated=whole("allocated_thousand"),
            known=whole("allocated_thousand", filter=known),
            spent=whole("spent_thousand"),
            unknown=Count("pk", filter=~known),
        )
    )


_MINISTRY = ("report__ministry__code", "report__ministry__short_name")


def _rows(years: tuple[int, ...], plan: int) -> QuerySet:
    return _sums(("report__reporting_year__year", _LINEAGE, *_MINISTRY), years, plan)


_all_rows = prepared(_rows)


@prepared
def _of_measures(years: tuple[int, ...], plan: int) -> QuerySet:
    return _sums((_LINEAGE,), years, plan)


@prepared
def _rows_of(lineages: tuple[UUID, ...], years: tuple[int, ...], plan: int) -> QuerySet:
    return _rows(years, plan).filter(report__measure__lineage__in=lineages)


def money_rows(
    years: Iterable[ReportingYear], user: "Person", lineages: Sequence[UUID] | None = None
) -> list[Row]:
    """Of all measures of these years, or of the `lineages`; the years are one plan's. One query.

    Accepted reports of years that the person may see are those that `visible_to` gives everybody.
    """
    seen = [year for year in years if may_see_year(year.state, user)]
    if not seen or (lineages is not None and not lineages):
        return []
    which = tuple(year.pk for year in seen), seen[0].plan_id
    rows = _all_rows(*which) if lineages is None else _rows_of(tuple(lineages), *which)
    return [
        Row(
            year,
            lineage_of(lineage),
            code,
            name,
            Sums._make(sums),
        )
        for year, lineage, code, name, *sums in rows
    ]


def sums_of_measures(year: ReportingYear, user: "Person") -> dict[UUID, Sums]:
    """What all ministries together account for in each measure of a year, by its lineage; as
    `money_rows` has it. One query.
    """
    if not may_see_year(year.state, user):
        return {}
    rows = _of_measures((year.pk,), year.plan_id)
    return {lineage_of(lineage): Sums._make(sums) for lineage, *sums in rows}


@prepared
def _of_ministries(years: tuple[int, ...], plan: int) -> QuerySet:
    return _sums(_MINISTRY, years, plan)


def sums_of_ministries(year: ReportingYear, user: "Person") -> dict[tuple[str, str], Sums]:
    """What each ministry accounts for in a year, by its code and name of today; one query."""
    if not may_see_year(year.state, user):
        return {}
    rows = _of_ministries((year.pk,), year.plan_id)
    return {(code, name): Sums._make(sums) for code, name, *sums in rows}


def four_decimals(rate: Decimal | None) -> Decimal | None:
    """A rate as files hold it."""
    return None if rate is None else round(rate, 4)


def total(sums: Iterable[Sums]) -> Sums:
    """All of these together."""
    found = NONE
    for one in sums:
        found = found.plus(one)
    return found
