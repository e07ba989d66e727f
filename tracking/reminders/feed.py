"""A person's own dates as an iCalendar file (RFC 5545): days, bodies and counts; no more."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from ministries.models import User
from tracking.enums import YearState
from tracking.models import ProgressReport, ReportingYear, Resolution
from tracking.notices.mail import LANGUAGE
from tracking.partners import partner_date
from tracking.queries.reports import OWED
from tracking.reminders.digest import running

PRODUCT = "-//NSTP tracking//calendar//ZH-TW"
REFRESH = "P1D"


class Entry(NamedTuple):
    """One whole day of the calendar; `key` names it in every version of the file."""

    key: str
    day: date
    says: str
    page: str


def entries(user: User) -> list[Entry]:
    """What this person's ministries owe by which day; for the science ministry's people also when
    years open, are due and close. In order of days.
    """
    found = list(_owed(user)) + list(_resolutions(user)) + list(_years(user))
    return sorted(found, key=lambda entry: (entry.day, entry.key))


def _owed(user: User) -> Iterator[Entry]:
    rows = (
        ProgressReport.working.filter(running(), ministry__in=user.ministry_ids, status__in=OWED)
        .select_related("reporting_year", "ministry")
        .only(
            *("role", "correction_due_on", "extended_until", "reporting_year", "ministry"),
            *(f"reporting_year__{name}" for name in ("year", "opens_on", "due_on", "partner_days")),
            *("ministry__short_name", "ministry__code"),
        )
        .order_by()
    )
    counts: Counter[tuple] = Counter()
    for row in rows:
        place = (row.reporting_year.year, row.ministry)
        if row.correction_due_on:
            counts[("correction", row.correction_due_on, *place)] += 1
            continue
        counts[("due", row.due_on, *place)] += 1
        if asked := partner_date(row):
            counts[("partner", asked, *place)] += 1
    words = {
        "due": _("%(year)s年度執行情形截止：%(ministry)s還有%(n)d件"),
        "correction": _("%(year)s年度補正到期：%(ministry)s%(n)d件"),
        "partner": _("%(year)s年度協辦部分請先送出：%(ministry)s%(n)d件"),
    }
    for (what, day, year, ministry), number in counts.items():
        says = words[what] % {"year": year, "ministry": ministry.short_name, "n": number}
        yield Entry(f"{what}-{year}-{ministry.code}-{day}", day, says, "desk")


def _resolutions(user: User) -> Iterator[Entry]:
    rows = Resolution.objects.visible_to(user).filter(owner__in=user.ministry_ids).unsettled()
    for day, code, name, number in (
        rows.order_by()
        .values_list("due_on", "owner__code", "owner__short_name")
        .annotate(n=Count("pk"))
    ):
        says = _("協調會議決議到期：%(ministry)s%(n)d項") % {"ministry": name, "n": number}
        yield Entry(f"resolution-{code}-{day}", day, says, "resolution-list")


def _years(user: User) -> Iterator[Entry]:
    """Days of the years that are planned or open."""
    years = ReportingYear.objects.filter(state__in=(YearState.PLANNED, YearState.OPEN))
    if not user.is_science_staff:
        for year in years.filter(state=YearState.PLANNED) if user.ministry_ids else ():
            says = _("%(year)s年度開放填報") % {"year": year.year}
            yield Entry(f"opens-{year.pk}", year.opens_on, says, "desk")
        return
    left = dict(
        ProgressReport.objects.filter(reporting_year__in=years, status__in=OWED)
        .order_by()
        .values_list("reporting_year_id")
        .annotate(n=Count("pk"))
    )
    for year in years:
        values = {"year": year.year, "n": left.get(year.pk, 0)}
        if year.state == YearState.PLANNED:
            says = _("%(year)s年度開放填報") % values
            yield Entry(f"opens-{year.pk}", year.opens_on, says, "year-list")
            continue
        says = _("%(year)s年度截止：各部會還有%(n)d件沒有送出") % values
        yield Entry(f"due-{year.pk}", year.due_on, says, "collation")
        says = _("%(year)s年度關閉") % values
        yield Entry(f"closes-{year.pk}", year.closes_on, says, "collation")


def render(user: User) -> bytes:
    """The file, in Chinese whatever the asking program's language."""
    site = settings.SITE_URL.rstrip("/")
    host, now = urlsplit(site).hostname or "localhost", timezone.now()
    with translation.override(LANGUAGE):
        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", _("國科計畫填報日期"))
        calendar.add("x-wr-timezone", settings.TIME_ZONE)
        calendar.add("x-published-ttl", REFRESH)
        for entry in entries(user):
            event = Event()
            event.add("uid", f"{entry.key}@{host}")
            event.add("dtstamp", now)
            event.add("dtstart", entry.day)
            event.add("dtend", entry.day + timedelta(days=1))
            event.add("summary", entry.says)
            event.add("url", site + reverse(entry.page))
            event.add("transp", "TRANSPARENT")
            calendar.add_component(event)
        return calendar.to_ical()
