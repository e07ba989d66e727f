"""Indicators: proposed, decided on, their targets changed."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, NumberField, WholeNumberField
from ministries.models import Ministry
from plan.actions.indicators import FIELDS as INDICATOR_FIELDS
from plan.enums import Accumulation, Direction, IndicatorKind
from plan.models import Indicator
from tracking.forms.base import MarkedForm

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
    formula = forms.CharField(
        label=_("算式（計算指標才填）"),
        max_length=200,
        required=False,
        help_text=_(
            "用本部會在這項措施其他指標的代號、數字、＋－×÷和括號，例如 A ÷ B × 100；由系統計算。"
        ),
    )
    dimension = forms.CharField(
        label=_("分項依據"),
        max_length=40,
        required=False,
        help_text=_("要分項填報時才填，例如性別、地區、領域。"),
    )
    parts = forms.CharField(
        label=_("分項"),
        max_length=1500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("一行一項。數量與件數的各分項要加總成總數，比率不必。"),
    )
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
        free: Iterable[int] = (),
        **kwargs,
    ) -> None:
        """`free` are the years with which another definition may begin, where it replaces one."""
        super().__init__(data, **kwargs)
        if free := list(free):
            self.fields["from_year"] = forms.TypedChoiceField(
                label=_("自哪一年起"),
                coerce=int,
                choices=[(year, str(year)) for year in free],
                help_text=_("已開放填報的年度，定義已凍結；原來的定義用到前一年。"),
            )
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
        shown |= {"parts": "\n".join(indicator.parts), "from_year": indicator.from_year}
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
        given = {name: self.cleaned_data[name] for name in INDICATOR_FIELDS}
        given["parts"] = [part for line in given["parts"].splitlines() if (part := line.strip())]
        return given

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
