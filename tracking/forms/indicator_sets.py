"""Which measure of the next plan each measure's indicators are copied to."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from plan.actions.indicator_sets import Step
from plan.models import Measure, PlanVersion
from tracking.forms.base import MarkedForm


class PlansForm(MarkedForm):
    """Whose indicators go from which plan to which; asked before the measures are shown."""

    ministry = forms.TypedChoiceField(label=_("部會"), coerce=int)
    source = forms.TypedChoiceField(label=_("從哪個計畫"), coerce=int)
    target = forms.TypedChoiceField(label=_("到哪個計畫"), coerce=int)

    def __init__(
        self, *args, ministries: Iterable[Ministry], versions: Iterable[PlanVersion], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ministry"].choices = [(row.pk, row.full_name) for row in ministries]
        plans = [(row.pk, row.plan.name) for row in versions]
        self.fields["source"].choices = self.fields["target"].choices = plans

    def clean(self) -> dict:
        data = super().clean()
        if data.get("source") and data.get("source") == data.get("target"):
            self.add_error("target", _("選另一個計畫；同一個計畫的指標會跟著修正版走。"))
        return data


class CopyForm(MarkedForm):
    """`to_<measure of the old plan>` is the measure of the new one, empty to leave it out."""

    def __init__(
        self, *args, steps: Iterable[Step], counterparts: Iterable[Measure], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.steps = list(steps)
        choices = [("", _("不複製")), *((row.pk, f"{row.code} {row.name}") for row in counterparts)]
        for step in self.steps:
            field = forms.TypedChoiceField(
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
                initial=step.suggested,
                label=_("%(code)s對應的措施") % {"code": step.measure.code},
            )
            field.widget.attrs["aria-label"] = field.label
            self.fields[f"to_{step.measure.pk}"] = field

    def chosen(self) -> dict[int, int | None]:
        """What the action takes as `chosen`."""
        given = self.cleaned_data if self.is_bound else {}
        return {
            step.measure.pk: given.get(f"to_{step.measure.pk}") if self.is_bound else step.suggested
            for step in self.steps
        }
