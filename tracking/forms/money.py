"""The money of a report: one row for each source, in 千元."""

from collections.abc import Callable, Iterable
from functools import cached_property

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import WholeNumberField
from tracking.forms.base import MarkedForm
from tracking.models import MoneyLine

MAX_MONEY_ROWS = 40
SPARE_MONEY_ROWS = 2


class MoneyRowForm(MarkedForm):
    """One source of money in 千元. A row without numbers and note is no row."""

    source = forms.CharField(label=_("來源"), required=False, max_length=80)
    allocated_thousand = WholeNumberField(label=_("分配"), required=False, min_value=0)
    spent_thousand = WholeNumberField(label=_("支用"), required=False, min_value=0)
    note = forms.CharField(label=_("說明"), required=False, max_length=200)

    def __init__(self, *args, table: "MoneyRows", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        source = self["source"].value() or gettext("新的來源")
        for name, kind in (("allocated_thousand", "allocated"), ("spent_thousand", "spent")):
            self.fields[name].widget.attrs["data-sum"] = kind
        for name, field in self.fields.items():
            what = gettext("，千元") if name.endswith("thousand") else ""
            field.widget.attrs["aria-label"] = f"{source}，{field.label}{what}"

    def add_prefix(self, field_name: str) -> str:
        """`money_0_source`: the key under which checks and actions name the field."""
        return f"{self.prefix}_{field_name}"

    def clean(self) -> dict:
        data = super().clean()
        if self.errors or self.is_blank():
            return data
        if not data.get("source"):
            self.add_error("source", _("填經費來源。"))
        if data.get("allocated_thousand") is None:
            self.add_error("allocated_thousand", _("填分配數；沒有分配請填0。"))
        return data

    def is_blank(self) -> bool:
        """Nothing was entered: an empty row, or last year's source without numbers."""
        data = self.cleaned_data
        numbers = (data.get("allocated_thousand"), data.get("spent_thousand"))
        if any(number is not None for number in numbers) or data.get("note"):
            return False
        return not data.get("source") or data["source"] in self.table.last

    @property
    def last(self) -> MoneyLine | None:
        """Last year's line of the same source."""
        return self.table.last.get(self["source"].value() or "")


class MoneyRows:
    """The rows of the money table: this year's lines, last year's sources, and spare rows.

    What was typed seldom needs last year's lines to be understood, so `last_lines` is called only
    if it does, or when the table is shown.
    """

    def __init__(
        self,
        data: QueryDict | dict | None = None,
        *,
        lines: Iterable[MoneyLine],
        last_lines: Callable[[], Iterable[MoneyLine]],
        spare: int = SPARE_MONEY_ROWS,
    ) -> None:
        self._last_lines = last_lines
        initial = [
            {
                "source": line.source,
                "allocated_thousand": line.allocated_thousand,
                "spent_thousand": line.spent_thousand,
                "note": line.note,
            }
            for line in lines
        ]
        if data is None:
            named = {row["source"] for row in initial}
            initial += [{"source": source} for source in self.last if source not in named]
        count = len(initial) + spare
        if data is not None:
            count = max(count, min(_count(data.get("money_count")), MAX_MONEY_ROWS))
        initial += [{}] * (count - len(initial))
        self.rows = [
            MoneyRowForm(data, prefix=f"money_{place}", initial=row, table=self)
            for place, row in enumerate(initial)
        ]

    @cached_property
    def last(self) -> dict[str, MoneyLine]:
        """Last year's lines by source."""
        return {line.source: line for line in self._last_lines()}

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def is_valid(self) -> bool:
        seen = set()
        for row in self.rows:
            if row.is_valid() and not row.is_blank():
                source = row.cleaned_data["source"]
                if source in seen:
                    row.add_error("source", _("同一個經費來源只填一列。"))
                seen.add(source)
        return not any(row.errors for row in self.rows)

    def mark(self, problems: dict[str, list[str]]) -> None:
        """Show sentences under keys such as `money_0_source`, which count the filled rows."""
        for place, row in enumerate(self.filled):
            start = f"money_{place}_"
            row.mark(
                {
                    key.removeprefix(start): sentences
                    for key, sentences in problems.items()
                    if key.startswith(start)
                }
            )

    @property
    def filled(self) -> list[MoneyRowForm]:
        """The rows that are lines, in the order in which checks and actions number them."""
        return [row for row in self.rows if not row.is_bound or not row.is_blank()]

    def lines(self) -> list[dict]:
        """What `save_draft` takes as `money`."""
        return [dict(row.cleaned_data) for row in self.filled]


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
