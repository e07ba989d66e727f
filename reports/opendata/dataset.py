"""What a dataset is: a key, words about it, columns with definitions, and where its rows are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.kit.roc import OFFSET

LICENCE = _("政府資料開放授權條款－第1版")
LICENCE_URL = "https://data.gov.tw/license"
ROWS_AT_ONCE = 2000

Text = str | Promise
Cell = str | int | bool | Decimal | date | None


class Kind(StrEnum):
    """Types of a column, in the words of Table Schema; a decimal is text in JSON, so that no digit
    of it is lost.
    """

    TEXT = "string"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is the stable header; `of` the path or expression of its value, None where the
    dataset makes its rows itself.
    """

    name: str
    title: Text
    definition: Text
    kind: Kind = Kind.TEXT
    unit: Text = ""
    of: str | Combinable | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table of published rows.

    source    either a function that gives a queryset, of which each column names its part, or one
              that gives the rows themselves
    changed   day of the last change that is known of the rows; None: none is known
    years     first and last ROC year that the rows are about; None: they are not about years
    """

    key: str
    title: Text
    about: Text
    columns: tuple[Column, ...]
    source: Callable[[], QuerySet | Iterable[Sequence[Cell]]]
    frequency: Text
    changed: Callable[[], date | datetime | None]
    years: Callable[[], tuple[int, int] | None] = lambda: None
    count: Callable[[], int] | None = None

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def rows(self) -> Iterator[Sequence[Cell]]:
        """In a stable order, read piece by piece: memory doesn't grow with them."""
        found = self.source()
        if not isinstance(found, QuerySet):
            return iter(found)
        paths = [column.of or column.name for column in self.columns]
        return found.values_list(*paths).iterator(chunk_size=ROWS_AT_ONCE)

    def size(self) -> int:
        """Number of rows."""
        if self.count is not None:
            return self.count()
        found = self.source()
        return found.order_by().count() if isinstance(found, QuerySet) else sum(1 for _ in found)


# --- columns that many datasets have --------------------------------------------------------------
REPORTED_YEAR = _("填報年度")


def year(path: str, about: Text = REPORTED_YEAR) -> tuple[Column, Column]:
    """A ROC year, and the same in the Gregorian calendar."""
    return (
        Column("year", about, _("民國年。"), Kind.INTEGER, of=path),
        Column(
            "year_gregorian", _("西元年"), _("同一年的西元年：民國年加1911。"), Kind.INTEGER,
            of=F(path) + OFFSET,
        ),
    )  # fmt: skip


def plan(path: str) -> Column:
    return Column("plan", _("計畫"), _("計畫代碼，例如nstp-110-113。"), of=path)


def measure(path: str) -> tuple[Column, ...]:
    """A measure by the version in which the row names it."""
    return (
        Column("measure", _("措施編號"), _("計畫所用的編號，例如1.1.1.1。"), of=f"{path}__code"),
        Column("measure_name", _("措施名稱"), _("計畫所印的名稱。"), of=f"{path}__name"),
    )


def ministry(path: str) -> tuple[Column, ...]:
    return (
        Column(
            "ministry", _("部會代碼"), _("部會資料集的代碼；更名後的部會有自己的代碼。"),
            of=f"{path}__code",
        ),
        Column("ministry_name", _("部會"), _("簡稱。"), of=f"{path}__short_name"),
    )  # fmt: skip


def day(name: str, title: Text, definition: Text, moment: str) -> Column:
    """The day of a moment, in Asia/Taipei."""
    return Column(name, title, definition, Kind.DATE, of=TruncDate(moment))
