"""Which ministry and year a command or an address means."""

from django.utils.translation import gettext as _

from ministries.models import Ministry
from tracking.enums import YearState
from tracking.models import ProgressReport, ReportingYear


class NotThere(LookupError):
    """No such ministry or year, or it owes nothing of it."""


def find(ministry: str, year: int, plan: str | None = None) -> tuple[Ministry, ReportingYear]:
    """The ministry by its code or short name, and the year once it was opened; of the newest plan
    in which the ministry has reports, unless one is named.
    """
    body = (
        Ministry.objects.filter(code=ministry).first()
        or Ministry.objects.filter(short_name=ministry).order_by("-pk").first()
    )
    if body is None:
        raise NotThere(_("沒有部會「%(code)s」。") % {"code": ministry})
    years = (
        ReportingYear.objects.filter(
            year=year, pk__in=ProgressReport.objects.filter(ministry=body).values("reporting_year")
        )
        .exclude(state=YearState.PLANNED)
        .select_related("plan")
        .order_by("-plan__start_year", "plan__slug")
    )
    if plan is not None:
        years = years.filter(plan__slug=plan)
    found = years.first()
    if found is None:
        raise NotThere(
            _("%(ministry)s沒有%(year)s年度的報告，或那一年還沒有開放。")
            % {"ministry": body.short_name, "year": year}
        )
    return body, found
