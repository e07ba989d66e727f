"""Money of accepted reports, added up by year, measure and ministry, as far as a person may know.

What is not known stays apart: a line without spending adds to what was allocated and to `unknown`,
never to a rate, as if nothing had been spent.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast

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
        return Sums(*map(sum, zip(self, other, strict=True)))


NONE = Sums()


class Row(NamedTuple):
    """What one ministry accounts for in one measure and year; named as it is today."""

    year: int
    lineage: UUID
    ministry: str
    ministry_name: str
    sums: Sums


def _rows(years: tuple[int, ...], plan: int) -> QuerySet:
    known = Q(spent_thousand__isnull=False)
    return (
        MoneyLine.objects.filter(
            report__reporting_year__in=years,
            report__status=Status.ACCEPTED.value,
            # Without it the measures of every plan would be read to find its own.
            report__measure__version__plan=plan,
        )
        .order_by()
        .values_list(
            "report__reporting_year__year",
            Cast("report__measure__lineage", TextField()),
            "report__ministry__code",
            "report__ministry__short_name",
        )
        .annotate(
            allocated=Sum("allocated_thousand"),
            known=Sum("allocated_thousand", filter=known),
            spent=Sum("spent_thousand"),
            unknown=Count("pk", filter=~known),
        )
    )


_all_rows = prepared(_rows)


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
            Sums(int(allocated), int(known or 0), int(spent or 0), unknown),
        )
        for year, lineage, code, name, allocated, known, spent, unknown in rows
    ]


def four_decimals(rate: Decimal | None) -> Decimal | None:
    """A rate as files hold it."""
    return None if rate is None else round(rate, 4)


def total(rows: Iterable[Row]) -> Sums:
    """All of these rows together."""
    found = NONE
    for row in rows:
        found = found.plus(row.sums)
    return found
