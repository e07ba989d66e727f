"""Forms of the collator: a new reporting year with its dates, and until when one reopens."""

from collections.abc import Iterable
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit import roc
from config.kit.forms import RocDateField, WholeNumberField
from tracking.models import ReportingYear
from tracking.models.year import MOST_PARTNER_DAYS, PARTNER_DAYS


class YearForm(forms.Form):
    """A year of the plan that has none yet. The dates of the last ordinary year, moved on, stand
    in it to begin with. The action checks that they are in order.
    """

    year = forms.TypedChoiceField(label=_("年度（民國）"), coerce=int)
    opens_on = RocDateField(
        label=_("開放日"), help_text=_("這一天也決定由哪個部會填報：以當日的承辦者為準。")
    )
    due_on = RocDateField(label=_("截止日"), help_text=_("過了這一天送出的算逾期。"))
    closes_on = RocDateField(label=_("關閉日"), help_text=_("過了這一天不再收件。"))
    partner_days = WholeNumberField(
        label=_("協辦提前天數"),
        initial=PARTNER_DAYS,
        required=False,
        min_value=0,
        max_value=MOST_PARTNER_DAYS,
        help_text=_("請協辦在截止日前幾天先送，讓主辦引用；逾期仍照截止日算。"),
    )

    def __init__(
        self, *args, missing: list[int], before: Iterable[ReportingYear] = (), **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, year) for year in missing]
        ordinary = [row for row in before if row.year < min(missing, default=0) and _ordinary(row)]
        if ordinary:
            last = max(ordinary, key=lambda row: row.year)
            for name in ("opens_on", "due_on", "closes_on"):
                self.fields[name].initial = _moved(getattr(last, name), missing[0] - last.year)

    def clean_partner_days(self) -> int:
        given = self.cleaned_data["partner_days"]
        return PARTNER_DAYS if given is None else given


class PartnerDaysForm(forms.Form):
    """The same number of a year that is there."""

    partner_days = WholeNumberField(
        label=_("協辦提前天數"),
        min_value=0,
        max_value=MOST_PARTNER_DAYS,
        help_text=_("提醒、行事曆與填報頁都照新的日期；逾期仍照截止日算。"),
    )


class ReopenForm(forms.Form):
    """Until when a closed year takes filings again."""

    closes_on = RocDateField(label=_("新的關閉日"))


def _ordinary(row: ReportingYear) -> bool:
    """Whether its reports were collected within the calendar year after it: a year that opened
    late or was reopened says nothing of when the next one should.
    """
    season = roc.gregorian_year(row.year) + 1
    return row.opens_on.year == row.closes_on.year == season


def _moved(day: date, years: int) -> date:
    """The same day that many years later; 28 February for a 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
