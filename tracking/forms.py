"""Forms of the filing pages. They read what was typed; whether it may be filed, actions decide.

A draft may be saved incomplete, so nothing is required here: only what cannot be read (a date
that does not exist, text where a number stands) is refused, with everything typed kept.
"""

from collections.abc import Iterable
from decimal import Decimal

from django import forms
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, NumberField, RocDateField, WholeNumberField
from ministries.models import Ministry
from plan.actions.indicators import FIELDS as INDICATOR_FIELDS
from plan.enums import Accumulation, Direction, IndicatorKind
from plan.models import Indicator
from tracking.enums import Cause, Light, Part
from tracking.models import MoneyLine, ProgressReport
from tracking.parts import FIELDS, WRITABLE_FIELDS

LIGHT_MEANING = {
    Light.AHEAD: _("進度高於規劃"),
    Light.ON_TRACK: _("進度與規劃相符"),
    Light.BEHIND: _("進度低於規劃，要填落後說明"),
    Light.FAR_BEHIND: _("落後到可能影響目標，要填落後說明"),
    Light.DONE: _("全部完成，要填完成日期"),
    Light.NOT_DUE: _("本年度沒有應完成的事"),
    Light.STOPPED: _("停止辦理，審查同意後次年不再填報"),
}
MAX_MONEY_ROWS = 40
SPARE_MONEY_ROWS = 2


def _blank(choices: type[TextChoices]) -> list[tuple[str, str]]:
    return [("", _("請選擇")), *choices.choices]


class MarkedForm(forms.Form):
    """A form that can show what an action or a check found."""

    def mark(self, problems: dict[str, list[str]]) -> None:
        """Show sentences that an action or a check found, each at its field."""
        if not self.is_bound:
            self.cleaned_data = {}
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


class ReportForm(MarkedForm):
    """All questions of a report but money and evidence; those that are not writable are left out.

    `indicators` are the ministry's approved ones; their answers are
    `indicator_<id>_actual` and `indicator_<id>_note`.
    """

    nothing_to_report = forms.BooleanField(label=_("本年度沒有可填報的事項"), required=False)
    nothing_reason = forms.CharField(
        label=_("沒有事項的理由"), required=False, max_length=500, help_text=_("勾選時才要填。")
    )
    light = forms.ChoiceField(choices=Light.choices, required=False, widget=forms.RadioSelect)
    completion = WholeNumberField(label=_("累計完成度"), required=False, min_value=0, max_value=100)
    completed_on = RocDateField(
        label=_("完成日期"), required=False, help_text=_("燈號是已完成，或完成度100%時才要填。")
    )
    work_done = LongTextField(
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 7}),
        help_text=_("先寫完成的事與數字，再寫未完成的。這段會原文收進彙整本。"),
    )
    cause = forms.ChoiceField(label=_("主因"), choices=_blank(Cause), required=False)
    sub_cause = forms.CharField(label=_("細因"), required=False, max_length=60)
    obstacle = LongTextField(
        label=_("落後原因"), required=False, max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    response = LongTextField(
        label=_("因應對策"), required=False, max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    others_must_act = forms.CharField(label=_("還需要哪些機關配合"), required=False, max_length=200)
    catch_up_on = RocDateField(label=_("預計趕上日期"), required=False)
    benefit = LongTextField(
        label=_("帶來什麼改變"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("誰受惠、改變多少、怎麼知道的。"),
    )
    next_steps = LongTextField(required=False, max_length=2000, widget=forms.Textarea({"rows": 4}))

    def __init__(
        self,
        data: QueryDict | dict | None = None,
        *,
        report: ProgressReport,
        writable: frozenset[str],
        indicators: Iterable[Indicator] = (),
    ) -> None:
        self.report = report
        self.indicators = list(indicators) if Part.INDICATORS in writable else []
        values = {value.indicator_id: value for value in report.values.all()}
        initial = {name: getattr(report, name) for name in WRITABLE_FIELDS}
        for indicator in self.indicators:
            if value := values.get(indicator.pk):
                initial[f"indicator_{indicator.pk}_actual"] = value.actual
                initial[f"indicator_{indicator.pk}_note"] = value.note
        super().__init__(data, initial=initial, auto_id="id_%s")
        for part, names in FIELDS.items():
            if part not in writable:
                for name in names:
                    del self.fields[name]
        for indicator in self.indicators:
            self._ask_actual(indicator)
        self._name_the_year(report.reporting_year.year)

    def _name_the_year(self, year: int) -> None:
        labels = {
            "light": gettext("%(year)d年底的燈號"),
            "work_done": gettext("%(year)d年做了什麼"),
        }
        for name, label in labels.items():
            if name in self.fields:
                self.fields[name].label = label % {"year": year}
        if "next_steps" in self.fields:
            label = gettext("%(year)d年要做什麼") % {"year": year + 1}
            self.fields["next_steps"].label = label

    def _ask_actual(self, indicator: Indicator) -> None:
        label = gettext("%(name)s，%(year)d年實績") % {
            "name": indicator.name,
            "year": self.report.reporting_year.year,
        }
        if indicator.kind == IndicatorKind.YES_NO:
            field = forms.TypedChoiceField(
                choices=[("", "—"), ("1", _("是")), ("0", _("否"))],
                coerce=Decimal,
                empty_value=None,
                required=False,
                label=label,
            )
            if (actual := self.initial.get(f"indicator_{indicator.pk}_actual")) is not None:
                self.initial[f"indicator_{indicator.pk}_actual"] = str(int(actual))
        else:
            field = NumberField(required=False, label=label, max_digits=20, decimal_places=4)
        field.widget.attrs["aria-label"] = label
        note = forms.CharField(
            required=False,
            max_length=500,
            label=gettext("%(name)s，說明") % {"name": indicator.name},
        )
        note.widget.attrs["aria-label"] = note.label
        self.fields[f"indicator_{indicator.pk}_actual"] = field
        self.fields[f"indicator_{indicator.pk}_note"] = note

    def model_fields(self) -> dict:
        """What `save_draft` takes as `fields`."""
        return {name: value for name, value in self.cleaned_data.items() if name in WRITABLE_FIELDS}

    def values(self) -> dict[int, dict]:
        """What `save_draft` takes as `values`."""
        return {
            indicator.pk: {
                "actual": self.cleaned_data[f"indicator_{indicator.pk}_actual"],
                "note": self.cleaned_data[f"indicator_{indicator.pk}_note"],
            }
            for indicator in self.indicators
        }


class MoneyRowForm(MarkedForm):
    """One source of money in 千元. A row without numbers and note is no row."""

    source = forms.CharField(label=_("來源"), required=False, max_length=80)
    allocated_thousand = WholeNumberField(label=_("分配"), required=False, min_value=0)
    spent_thousand = WholeNumberField(label=_("支用"), required=False, min_value=0)
    note = forms.CharField(label=_("說明"), required=False, max_length=200)

    def __init__(self, *args, known_sources: frozenset[str] = frozenset(), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.known_sources = known_sources
        source = self.initial.get("source") or gettext("新的來源")
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
        return not data.get("source") or data["source"] in self.known_sources


class MoneyRows:
    """The rows of the money table: this year's lines, last year's sources, and spare rows."""

    def __init__(
        self,
        data: QueryDict | dict | None = None,
        *,
        lines: Iterable[MoneyLine],
        last_lines: Iterable[MoneyLine] = (),
        spare: int = SPARE_MONEY_ROWS,
    ) -> None:
        last = {line.source: line for line in last_lines}
        initial = [
            {
                "source": line.source,
                "allocated_thousand": line.allocated_thousand,
                "spent_thousand": line.spent_thousand,
                "note": line.note,
            }
            for line in lines
        ]
        named = {row["source"] for row in initial}
        initial += [{"source": source} for source in last if source not in named]
        count = len(initial) + spare
        if data is not None:
            count = max(count, min(_count(data.get("money_count")), MAX_MONEY_ROWS))
        initial += [{}] * (count - len(initial))
        self.rows = [
            MoneyRowForm(data, prefix=f"money_{place}", initial=row, known_sources=frozenset(last))
            for place, row in enumerate(initial)
        ]
        for row in self.rows:
            row.last = last.get(row.initial.get("source"))

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


class EvidenceForm(MarkedForm):
    """A file or an address to add; empty means that nothing is added."""

    file = forms.FileField(
        label=_("檔案"),
        required=False,
        help_text=_("PDF、ODF、Office檔或圖檔，每個20 MB以內。"),
    )
    url = forms.URLField(label=_("或網址"), required=False, max_length=500, assume_scheme="https")
    title = forms.CharField(
        label=_("名稱"), required=False, max_length=200, help_text=_("不填就用檔名或網址。")
    )
    public = forms.BooleanField(label=_("年度公布後可公開"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, prefix="evidence", **kwargs)

    def is_blank(self) -> bool:
        return not (self.cleaned_data.get("file") or self.cleaned_data.get("url"))

    def clean(self) -> dict:
        data = super().clean()
        if data.get("file") and data.get("url"):
            raise forms.ValidationError(_("檔案和網址一次加一樣。"))
        return data


class NoteForm(MarkedForm):
    """A move with its reason; `seen_version` is what the person had before their eyes."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    note = LongTextField(
        label=_("理由"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )


class ReviewForm(MarkedForm):
    """The reviewer's decision on each part: `decision_<part>` and, where returned, `reason_…`."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)
    correction_due_on = RocDateField(
        label=_("補正期限"), required=False, help_text=_("不填就不另訂期限。")
    )

    def __init__(self, data: QueryDict | None = None, *, parts: Iterable[Part], **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.parts = list(parts)
        for part in self.parts:
            self.fields[f"decision_{part}"] = forms.ChoiceField(
                label=part.label,
                choices=[("accept", _("接受")), ("return", _("退回這一段"))],
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"reason_{part}"] = LongTextField(
                label=_("退回理由（部會會看到）"),
                required=False,
                max_length=2000,
                widget=forms.Textarea({"rows": 3}),
            )

    @property
    def accept_rest(self) -> bool:
        """The button that accepts what is still undecided."""
        return self.data.get("do") == "rest"

    def clean(self) -> dict:
        data = super().clean()
        for part in self.parts:
            decision = data.get(f"decision_{part}")
            if not decision and not self.accept_rest:
                self.add_error(f"decision_{part}", _("還沒決定。"))
            if decision == "return" and not data.get(f"reason_{part}", "").strip():
                self.add_error(f"reason_{part}", _("寫出退回的理由，部會才知道要補什麼。"))
        return data

    def returned(self) -> dict[str, str]:
        """Part → reason of what is returned; empty means that all is accepted."""
        return {
            part.value: self.cleaned_data[f"reason_{part}"].strip()
            for part in self.parts
            if self.cleaned_data[f"decision_{part}"] == "return"
        }


TARGET_LABELS = {"value": _("目標值"), "low": _("下限"), "high": _("上限")}


class IndicatorForm(MarkedForm):
    """A proposal: whose, what to measure, how it counts, and a target for each year of the plan.

    Targets are `value_<year>`, `low_<year>`, `high_<year>`.
    """

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    ministry = forms.TypedChoiceField(label=_("部會"), coerce=int)
    name = forms.CharField(label=_("指標名稱"), max_length=120)
    unit = forms.CharField(label=_("單位"), max_length=20)
    kind = forms.ChoiceField(label=_("類型"), choices=IndicatorKind.choices)
    accumulation = forms.ChoiceField(label=_("計算方式"), choices=Accumulation.choices)
    direction = forms.ChoiceField(
        label=_("方向"),
        choices=Direction.choices,
        help_text=_("維持在範圍內時，每年填下限與上限；其他填目標值。"),
    )
    baseline = NumberField(label=_("基期值"), required=False, max_digits=20, decimal_places=4)
    baseline_year = WholeNumberField(label=_("基期年（民國）"), required=False, min_value=1)
    source = forms.CharField(label=_("資料來源"), max_length=200, required=False)
    note = forms.CharField(label=_("說明"), max_length=500, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        years: Iterable[int],
        ministries: Iterable[Ministry],
        **kwargs,
    ) -> None:
        super().__init__(data, **kwargs)
        self.years = list(years)
        self.fields["ministry"].choices = [(row.pk, row.full_name) for row in ministries]
        for year in self.years:
            for name, label in TARGET_LABELS.items():
                field = NumberField(required=False, max_digits=20, decimal_places=4)
                field.label = gettext("%(year)d年%(what)s") % {"year": year, "what": label}
                field.widget.attrs["aria-label"] = field.label
                self.fields[f"{name}_{year}"] = field

    @classmethod
    def initial_of(cls, indicator: Indicator) -> dict:
        """What the form shows of an indicator that is mended."""
        shown = {name: getattr(indicator, name) for name in INDICATOR_FIELDS}
        for target in indicator.targets.all():
            shown |= {f"{name}_{target.year}": getattr(target, name) for name in TARGET_LABELS}
        return {
            **shown,
            "ministry": indicator.ministry_id,
            "seen_revision": indicator.revision,
        }

    def mark(self, problems: dict[str, list[str]]) -> None:
        """`target_<year>` is shown at the year's first box."""
        super().mark(
            {
                key.replace("target_", "value_") if key.startswith("target_") else key: sentences
                for key, sentences in problems.items()
            }
        )

    def target_rows(self) -> list[tuple[int, list, list]]:
        """(year, its three bound fields, their errors) for the table of targets."""
        rows = []
        for year in self.years:
            boxes = [self[f"{name}_{year}"] for name in TARGET_LABELS]
            rows.append((year, boxes, [error for box in boxes for error in box.errors]))
        return rows

    def description(self) -> dict:
        """What the action takes as fields of the indicator."""
        return {name: self.cleaned_data[name] for name in INDICATOR_FIELDS}

    def targets(self) -> dict[int, dict]:
        """What the action takes as targets."""
        return {
            year: {name: self.cleaned_data.get(f"{name}_{year}") for name in TARGET_LABELS}
            for year in self.years
        }


class DecisionForm(MarkedForm):
    """The reviewer's word on a proposal; declining needs a reason."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput)
    note = LongTextField(
        label=_("不核定的理由"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )


class TargetForm(MarkedForm):
    """Another target for one year, with the reason that is kept beside the old one."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput)
    year = forms.TypedChoiceField(label=_("年度"), coerce=int)
    value = NumberField(label=_("新的目標值"), required=False, max_digits=20, decimal_places=4)
    low = NumberField(label=_("新的下限"), required=False, max_digits=20, decimal_places=4)
    high = NumberField(label=_("新的上限"), required=False, max_digits=20, decimal_places=4)
    reason = LongTextField(
        label=_("變更理由"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("理由與原目標會一起留著，所有人都看得到。"),
    )

    def __init__(self, *args, years: Iterable[int], within: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, str(year)) for year in years]
        for name in ("value",) if within else ("low", "high"):
            del self.fields[name]

    def mark(self, problems: dict[str, list[str]]) -> None:
        """`target_<year>` is shown at the number."""
        number = "value" if "value" in self.fields else "low"
        super().mark(
            {
                number if key.startswith("target_") else key: sentences
                for key, sentences in problems.items()
            }
        )
