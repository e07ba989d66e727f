"""A report's questions but money, and its evidence."""

from collections.abc import Iterable
from decimal import Decimal

from django import forms
from django.conf import settings
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kit.forms import LongTextField, NumberField, RocDateField, WholeNumberField
from plan.enums import AssignmentRole, IndicatorKind
from plan.models import Indicator
from tracking.enums import Cause, Light, Part
from tracking.forms.base import MarkedForm
from tracking.models import ProgressReport
from tracking.parts import FIELDS, WRITABLE_FIELDS

# In the order in which the form shows them.
LIGHT_MEANING = {
    Light.AHEAD: _("進度高於規劃"),
    Light.ON_TRACK: _("進度與規劃相符"),
    Light.BEHIND: _("進度低於規劃，要填落後說明"),
    Light.FAR_BEHIND: _("落後到可能影響目標，要填落後說明"),
    Light.DONE: _("全部完成，要填完成日期"),
    Light.NOT_DUE: _("本年度沒有應完成的事"),
    Light.STOPPED: _("停止辦理，審查同意後次年不再填報"),
}


def _blank(choices: type[TextChoices]) -> list[tuple[str, str]]:
    return [("", _("請選擇")), *choices.choices]


class ReportForm(MarkedForm):
    """All questions of a report but money and evidence; those that are not writable are left out.

    `indicators` are the ministry's approved ones; their answers are
    `indicator_<id>_actual` and `indicator_<id>_note`, and `indicator_<id>_part_<n>` (from 0) for
    the parts of a dimension. A calculated one has no box for its actual.
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
                for place, (_name, number) in enumerate(value.by_part):
                    initial[f"indicator_{indicator.pk}_part_{place}"] = number
        super().__init__(data, initial=initial, auto_id="id_%s")
        for part, names in FIELDS.items():
            if part not in writable:
                for name in names:
                    del self.fields[name]
        for indicator in self.indicators:
            self._ask_actual(indicator)
        self._name_the_year(report.reporting_year.year)
        self._say_what_is_optional(report)

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

    def _say_what_is_optional(self, report: ProgressReport) -> None:
        """Whose light and whose completion count: `tracking.checks` asks them of no one else."""
        if "light" in self.fields and report.role == AssignmentRole.PARTNER:
            self.fields["light"].help_text = gettext("協辦部會可以不選；措施的燈號由主辦部會決定。")
        if "completion" in self.fields and not report.coordinating:
            self.fields["completion"].help_text = gettext(
                "可以不填；措施的完成度以統籌主辦填的為準。"
            )

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
        if not indicator.formula:
            self.fields[f"indicator_{indicator.pk}_actual"] = field
        for place, name in enumerate(indicator.parts):
            part = NumberField(
                required=False,
                label=gettext("%(name)s，%(part)s") % {"name": label, "part": name},
                max_digits=20,
                decimal_places=4,
            )
            part.widget.attrs["aria-label"] = part.label
            self.fields[f"indicator_{indicator.pk}_part_{place}"] = part
        self.fields[f"indicator_{indicator.pk}_note"] = note

    def model_fields(self) -> dict:
        """What `save_draft` takes as `fields`."""
        return {name: value for name, value in self.cleaned_data.items() if name in WRITABLE_FIELDS}

    def leave_out_unreadable(self) -> None:
        """`values` is then of those indicators only whose answers can all be read."""
        self.indicators = [
            indicator
            for indicator in self.indicators
            if not any(name.startswith(f"indicator_{indicator.pk}_") for name in self.errors)
        ]

    def values(self) -> dict[int, dict]:
        """What `save_draft` takes as `values`."""
        return {indicator.pk: self._given(indicator) for indicator in self.indicators}

    def _given(self, indicator: Indicator) -> dict:
        prefix, data = f"indicator_{indicator.pk}", self.cleaned_data
        given = {"note": data[f"{prefix}_note"]}
        if not indicator.formula:
            given["actual"] = data[f"{prefix}_actual"]
        if indicator.parts:
            given["parts"] = {
                name: data[f"{prefix}_part_{place}"] for place, name in enumerate(indicator.parts)
            }
        return given


class EvidenceForm(MarkedForm):
    """A file or an address to add; empty means that nothing is added."""

    file = forms.FileField(label=_("檔案"), required=False)
    url = forms.URLField(label=_("或網址"), required=False, max_length=500, assume_scheme="https")
    title = forms.CharField(
        label=_("名稱"), required=False, max_length=200, help_text=_("不填就用檔名或網址。")
    )
    public = forms.BooleanField(label=_("年度公布後可公開"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, prefix="evidence", **kwargs)
        most = settings.EVIDENCE_MAX_BYTES // 2**20
        self.fields["file"].help_text = gettext(
            "PDF、ODF、docx、xlsx、pptx、PNG、JPG、純文字或CSV，每個%(most)d MB以內。"
        ) % {"most": most}

    def is_blank(self) -> bool:
        return not (self.cleaned_data.get("file") or self.cleaned_data.get("url"))

    def clean(self) -> dict:
        data = super().clean()
        if data.get("file") and data.get("url"):
            raise forms.ValidationError(_("檔案和網址一次加一樣。"))
        return data
