"""The list of series narrowed as its address says, each with its current values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from config.kit.fragments import query
from ministries.models import Ministry
from ministries.queries import line_of
from plan.enums import BudgetBasis, SeriesSubject
from plan.models import Series, SeriesValue


@dataclass(frozen=True)
class Filters:
    """What the address asks for; empty where it asks for nothing, or for what there is not."""

    subject: str = ""
    basis: str = ""
    table: str = ""
    ministry: Ministry | None = None
    series: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filters":
        subject, basis = given.get("subject", ""), given.get("basis", "")
        code = given.get("ministry", "")[:50].replace("\0", "")
        return cls(
            subject if subject in SeriesSubject.values else "",
            basis if basis in BudgetBasis.values else "",
            given.get("table", "")[:10].replace("\0", ""),
            Ministry.objects.filter(code=code).first() if code else None,
            given.get("series", "")[:80].replace("\0", ""),
        )

    @property
    def any(self) -> bool:
        return any((self.subject, self.basis, self.table, self.ministry, self.series))

    @property
    def query(self) -> str:
        """The same filters as an address says them: `?subject=budget`."""
        return query(
            subject=self.subject,
            basis=self.basis,
            table=self.table,
            ministry=self.ministry.code if self.ministry else "",
            series=self.series,
        )

    def condition(self) -> Q:
        """Of `Series`. A ministry stands for its whole line of names: budgets follow succession."""
        wanted = {
            "subject": self.subject,
            "basis": self.basis,
            "table": self.table,
            "code": self.series,
        }
        found = Q(**{name: value for name, value in wanted.items() if value})
        if self.ministry:
            found &= Q(ministry__in=line_of(self.ministry, date.max))
        return found


def listed(rows: QuerySet[Series], filters: Filters) -> QuerySet[Series]:
    """Series with `current_values`, oldest year first."""
    values = SeriesValue.objects.current().order_by("year")
    return (
        rows.filter(filters.condition())
        .select_related("ministry")
        .prefetch_related(Prefetch("values", values, to_attr="current_values"))
    )


def values_of(filters: Filters) -> QuerySet[SeriesValue]:
    """Current values with their series, in the order of the series and the years."""
    found = filters.condition()
    series = Series.objects.filter(found)
    rows = SeriesValue.objects.current().filter(series__in=series).select_related("series")
    return rows.order_by("series_id", "year")
