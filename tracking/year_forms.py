"""Forms of the collator: a new reporting year with its dates, and until when one reopens."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.forms import RocDateField
from tracking.models import ReportingYear


class YearForm(forms.Form):
    """A year of the plan that has none yet; the dates of the year before, one year on, stand in
    it to begin with. The action checks that they are in order.
    """

    year = forms.TypedChoiceField(label=_("年度（民國）"), coerce=int)
    opens_on = RocDateField(
        label=_("開放日"), help_text=_("這一天也決定由哪個部會填報：以當日的承辦者為準。")
    )
    due_on = RocDateField(label=_("截止日"), help_text=_("過了這一天送出的算逾期。"))
    closes_on = RocDateField(label=_("關閉日"), help_text=_("過了這一天不再收件。"))

    def __init__(
        self, *args, missing: list[int], before: ReportingYear | None = None, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, year) for year in missing]
        if before:
            for name in ("opens_on", "due_on", "closes_on"):
                self.fields[name].initial = _a_year_on(getattr(before, name))


class ReopenForm(forms.Form):
    """Until when a closed year takes filings again."""

    closes_on = RocDateField(label=_("新的關閉日"))


def _a_year_on(day: date) -> date:
    """The same day of the next year; 28 February for a 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
