"""提醒: who will be mailed on which day and what, shown beforehand; a collator may send it now."""

from datetime import date, timedelta
from typing import NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from config.kit import roc
from config.kit.fragments import with_query
from config.kit.verdicts import Verdict, not_allowed
from config.kit.views import RefusalMixin
from tracking.models import Notice
from tracking.reminders import digest
from tracking.reminders.digest import AHEAD, BACK, Digest, Item
from tracking.reminders.people import As, Recipients
from tracking.rules.pages import may_keep_years
from tracking.views.review import ReviewerMixin

PEOPLE_A_PAGE = 50


class Day(NamedTuple):
    """One day of the list; `told` of its `people` have their mail in the outbox or in hand."""

    day: date
    people: int
    items: int
    told: int
    what: list[str]

    @property
    def state(self) -> str:
        if self.told >= self.people:
            return _("都寄了")
        if self.told:
            return _("%(n)d人已寄") % {"n": self.told}
        return _("還沒寄")


class Row(NamedTuple):
    """One person of the chosen day."""

    digest: Digest
    told_as: str
    state: str
    subject: str
    body: str


class Reminders(RefusalMixin, ReviewerMixin, View):
    """The science ministry's people and administrators look; collators send."""

    def refused_url(self) -> str:
        return reverse("reminders")

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        found = digest.due_items(today - timedelta(days=BACK), today + timedelta(days=AHEAD))
        items = [item for day in found.values() for item in day]
        recipients = Recipients(today, {item.report for item in items})
        by_day = {day: digest.digests(those, recipients) for day, those in found.items()}
        days = _days(by_day)
        # A day that has passed is listed while somebody has not been told.
        days = [one for one in days if one.day >= today or one.told < one.people]
        chosen = _chosen(request, days, today)
        working = digest.working_days()
        context = {
            "today": today,
            "days": days,
            "chosen": chosen,
            "finding": _finding(days, today),
            "ahead": AHEAD,
            "lacking": _lacking(items, recipients),
            "failing": digest.failing(),
            "unknown": _unknown(working, today),
        }
        if chosen:
            people = by_day[chosen.day]
            page = Paginator(people, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
            told = digest.told_on(chosen.day)
            context |= {
                "page": page,
                "rows": [_row(one, told.get(one.person.pk), today) for one in page],
                "verdict": _verdict(request, chosen, found[chosen.day], today),
                "left": chosen.people - chosen.told,
            }
        return render(request, "tracking/reminders.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send the day's reminders now."""
        day = _day(request.POST.get("day", ""))
        if day is None:
            raise Http404
        sent = digest.send(day, by=request.user)
        values = {"day": roc.format_date(day), "people": sent.people, "items": sent.items}
        if sent.people:
            said = _("%(day)s的提醒寄給%(people)d人，共%(items)d件；寄過的人不會再收到。") % values
        else:
            said = _("%(day)s的提醒每個人都已經寄過，這次沒有再寄。") % values
        messages.success(request, said)
        return redirect(with_query(reverse("reminders"), day=day.isoformat()))


def _days(by_day: dict[date, list[Digest]]) -> list[Day]:
    told = digest.told_lately()
    rows = []
    for day, people in by_day.items():
        items = {item for one in people for item in one.items}
        heads = {digest.heading(item.kind, item.last_day, day) for item in items}
        done = sum((day, one.person.pk) in told for one in people)
        rows.append(Day(day, len(people), len(items), done, sorted(heads)))
    return rows


def _chosen(request: HttpRequest, days: list[Day], today: date) -> Day | None:
    """The one that the address asks for, else the next that is to be sent."""
    wanted = request.GET.get("day")
    if wanted:
        day = _day(wanted)
        found = next((one for one in days if one.day == day), None)
        if found is None and day is None:
            raise Http404
        return found
    return next((one for one in days if one.day >= today), days[-1] if days else None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _finding(days: list[Day], today: date) -> str:
    coming = [one for one in days if one.day >= today]
    if not coming:
        return _("接下來%(n)d天沒有要寄的提醒") % {"n": AHEAD}
    values = {
        "n": len(coming),
        "day": roc.format_date(coming[0].day),
        "people": coming[0].people,
    }
    return _("接下來有%(n)d天要寄提醒，最近是%(day)s，寄給%(people)d人") % values


def _verdict(request: HttpRequest, chosen: Day, items: list[Item], today: date) -> Verdict:
    if not may_keep_years(request.user):
        return not_allowed(_("提醒由彙整人寄出，你不是彙整人。"))
    return digest.why_not(chosen.day, items, today)


def _row(one: Digest, notice: Notice | None, today: date) -> Row:
    subject, body = digest.text(one, today)
    if notice is None:
        state = _("還沒寄")
    elif notice.sent_at:
        state = _("%(day)s寄出") % {"day": roc.format_date(timezone.localdate(notice.sent_at))}
    elif notice.cancelled_at:
        state = _("取消了，不再寄")
    elif notice.attempts:
        state = _("寄不出去，試了%(n)d次") % {"n": notice.attempts}
    else:
        state = _("等待寄出")
    told_as = _("、").join(str(side.value) for side in As if side in one.told_as)
    return Row(one, told_as, state, subject, body)


def _lacking(items: list[Item], recipients: Recipients) -> list[tuple[str, str, str]]:
    """(ministry, whom it lacks, who is told instead) of ministries that owe something."""
    owing = {item.ministry_id: item.ministry for item in items}
    rows = []
    for pk, name in sorted(owing.items(), key=lambda pair: pair[1]):
        lacks = recipients.lacks(pk)
        if not lacks:
            continue
        if len(lacks) == 2:
            instead = _("審查人")
        else:
            instead = _("窗口") if lacks[0] is As.OFFICER else _("承辦人")
        rows.append((name, _("、").join(str(side.value) for side in lacks), instead))
    return rows


def _unknown(working, today: date) -> list[int]:
    """ROC years ahead whose official calendar is not there."""
    days = [today, today + timedelta(days=AHEAD)]
    return sorted({roc.roc_year(day) for day in days if not working.knows(day)})
