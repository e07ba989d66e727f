"""My desk: what do I owe, by when, and what is the next step."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from config.kit.errors import Invalid, Refused
from config.kit.views import SignedInMixin
from ministries.enums import MembershipRole
from tracking.actions import reports as actions
from tracking.enums import Status, Verb, YearState
from tracking.models import ProgressReport, ReportEvent, ReportingYear, ReturnedPart
from tracking.queries.reports import (
    Answer,
    OpenedYear,
    desk_reports,
    last_moves,
    on_desk,
    opened_years,
    plans_of,
    previous_answers,
    returns_of,
)
from tracking.queries.resolutions import owed_by
from tracking.rules import reports as rules
from tracking.rules.pages import may_file, may_review
from tracking.views.resolutions import in_list
from tracking.views.sections import sent_back

SOON_DAYS = 14
# key, title, what it means, statuses
GROUPS = (
    (
        "returned",
        gettext_lazy("退回補正"),
        gettext_lazy("只有被退回的部分可以改，其餘維持送出時的樣子。"),
        (Status.RETURNED,),
    ),
    ("due", gettext_lazy("要填的"), gettext_lazy("逾期的在最前面。"), (Status.DRAFT,)),
    (
        "signing",
        gettext_lazy("待窗口核可"),
        gettext_lazy("核可前可以撤回。"),
        (Status.SIGNING,),
    ),
    (
        "submitted",
        gettext_lazy("已送國科會"),
        gettext_lazy("開始審查前可以撤回。"),
        (Status.SUBMITTED, Status.UNDER_REVIEW),
    ),
    (
        "accepted",
        gettext_lazy("已接受"),
        gettext_lazy("數字要改須走更正程序。"),
        (Status.ACCEPTED,),
    ),
    ("not_applicable", gettext_lazy("不適用"), "", (Status.NOT_APPLICABLE,)),
)


@dataclass
class Row:
    """One report on the desk. `days` until it is due, negative when that has passed."""

    report: ProgressReport
    last: Answer | None
    due_on: date | None
    days: int
    returned: list[ReturnedPart]
    sent_back: ReportEvent | None
    url: str
    action: str
    mine: bool
    bulk: str = ""  # the move that can be made with many at once

    @property
    def goal(self) -> str:
        return self.report.measure.code.split(".")[0]

    @property
    def overdue(self) -> bool:
        return self.due_on is not None and self.days < 0

    @property
    def days_over(self) -> int:
        return -self.days

    @property
    def soon(self) -> bool:
        return self.due_on is not None and 0 <= self.days <= SOON_DAYS


@dataclass
class Group:
    key: str
    title: str
    hint: str
    rows: list[Row] = field(default_factory=list)

    @property
    def mine(self) -> bool:
        return any(row.mine for row in self.rows)


class Desk(SignedInMixin, View):
    """GET: the groups, what waits for me first. POST: one move with all reports chosen."""

    bulk = {Verb.SIGN_OFF: actions.sign_off, Verb.SUBMIT: actions.submit}

    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.ministry_ids:
            if may_review(user):
                return redirect("review-queue")
            return render(request, "tracking/desk_empty.html")
        opened = opened_years(user)
        resolutions = in_list(owed_by(user), user)
        if not opened:
            context = {"waiting": True, "resolutions": resolutions}
            return render(request, "tracking/desk_empty.html", context)
        asked = self.chosen_year(opened)
        years = [one.whole() for one in opened if one.plan_id == asked.plan_id]
        year = next(one for one in years if one.pk == asked.pk)
        reports = on_desk(user, year, opened)
        ministries = sorted({report.ministry for report in reports}, key=lambda one: one.code)
        goals = sorted({report.measure.code.split(".")[0] for report in reports})
        chosen = self.filtered(reports)
        moves = last_moves(chosen)
        groups = self.groups(chosen, moves)
        counts = {group.key: len(group.rows) for group in groups}
        rows = [row for group in groups for row in group.rows]
        owed = counts.get("returned", 0) + counts.get("due", 0)
        context = {
            "year": year,
            "years": years,
            "plans": plans_of(opened),
            "last_year": year.year - 1,
            "days": (year.due_on - timezone.localdate()).days,
            "groups": groups,
            "counts": counts,
            "owed": owed,
            "overdue": sum(row.overdue for row in rows if row.report.status == Status.DRAFT),
            "total": len(rows),
            "finding": self.finding(year, rows, moves, owed),
            "ministries": ministries,
            "goals": goals,
            "several": len(ministries) > 1,
            "bulk_verbs": self.bulk_verbs(rows),
            "resolutions": resolutions,
        }
        return render(request, "tracking/desk.html", context)

    def chosen_year(self, years: list[OpenedYear]) -> OpenedYear:
        """The one asked for, else the newest open one, else the newest; of the plan asked for."""
        plan, number = self.request.GET.get("plan"), self.request.GET.get("year")
        years = [year for year in years if year.slug == plan] or years
        asked = [year for year in years if str(year.year) == number]
        opened = [year for year in years if year.state == YearState.OPEN]
        return (asked or opened or years)[-1]

    def filtered(self, reports: list[ProgressReport]) -> list[ProgressReport]:
        ministry, goal = self.request.GET.get("ministry"), self.request.GET.get("goal")
        return [
            report
            for report in reports
            if (not ministry or report.ministry.code == ministry)
            and (not goal or report.measure.code.split(".")[0] == goal)
        ]

    def finding(
        self, year: ReportingYear, rows: list[Row], moves: dict[int, ReportEvent], owed: int
    ) -> str:
        """The h1 of somebody who signs and doesn't write; "" leaves it to the officer's."""
        user = self.request.user
        if user.ministries_as(MembershipRole.OFFICER) or not may_file(user):
            return ""
        today = timezone.localdate()
        signing = [row.report for row in rows if row.report.status == Status.SIGNING]
        since = [timezone.localdate(moves[one.pk].at) for one in signing if one.pk in moves]
        waited = (today - min(since)).days if since else 0
        left = (year.due_on - today).days
        if not signing:
            said = _("沒有等你核可的件") if owed or rows else ""
            if owed:
                said += _("，承辦人還有%(n)s件沒有送出") % {"n": owed}
        elif waited:
            said = _("%(n)s件等你核可，最早的等了%(days)s天") % {"n": len(signing), "days": waited}
        else:
            said = _("%(n)s件等你核可，都是今天送來的") % {"n": len(signing)}
        if (signing or owed) and year.state == YearState.OPEN:
            values = {"year": year.year, "days": abs(left)}
            said += (
                _("；%(year)s年度還有%(days)s天截止") % values
                if left >= 0
                else _("；%(year)s年度截止已過%(days)s天") % values
            )
        return said

    def groups(self, reports: list[ProgressReport], moves: dict[int, ReportEvent]) -> list[Group]:
        """Groups with rows, those in which something waits for me before the others."""
        last = previous_answers(reports, self.request.user)
        returned = returns_of(reports)
        today = timezone.localdate()
        by_status = {}
        found = []
        for key, title, hint, statuses in GROUPS:
            group = Group(key, str(title), str(hint))
            found.append(group)
            by_status |= dict.fromkeys(statuses, group)
        for report in reports:
            known = (table.get(report.pk) for table in (last, returned, moves))
            row = self.row(report, *known, today)
            correcting = report.status == Status.DRAFT and report.correction_due_on
            place = Status.RETURNED if correcting else Status(report.status)
            by_status[place].rows.append(row)
        due = by_status[Status.DRAFT].rows
        due.sort(key=lambda row: (not row.overdue, row.report.saved_at is None))
        found = [group for group in found if group.rows]
        return sorted(found, key=lambda group: not group.mine)

    def row(
        self,
        report: ProgressReport,
        last: Answer | None,
        returned: list[ReturnedPart] | None,
        move: ReportEvent | None,
        today: date,
    ) -> Row:
        user = self.request.user
        due_on = None
        url, action, mine, bulk = reverse("report", args=[report.pk]), _("看內容"), False, ""
        if report.status in (Status.DRAFT, Status.SIGNING, Status.RETURNED):
            due_on = report.correction_due_on or report.due_on
        if report.status in (Status.DRAFT, Status.RETURNED):
            if rules.verdict(Verb.SAVE, report, user):
                mine, url = True, reverse("report-edit", args=[report.pk])
                action = _("開始填") if report.saved_at is None else _("繼續填")
                if report.returned_parts:
                    action = _("補正")
                if report.saved_at and rules.verdict(Verb.SUBMIT, report, user):
                    bulk = Verb.SUBMIT
        elif report.status == Status.SIGNING and rules.verdict(Verb.SIGN_OFF, report, user):
            mine, action, bulk = True, _("看過再核可"), Verb.SIGN_OFF
        days = (due_on - today).days if due_on else 0
        back = sent_back(move)
        return Row(report, last, due_on, days, returned or [], back, url, action, mine, bulk)

    def bulk_verbs(self, rows: list[Row]) -> list[dict]:
        """The buttons of the bar at the foot: what can be made with several reports at once."""
        labels = {
            Verb.SIGN_OFF: _("核可選取的件，送國科會"),
            Verb.SUBMIT: _("送出選取的件，請窗口核可"),
        }
        possible = {row.bulk for row in rows}
        return [{"verb": verb, "label": labels[verb]} for verb in self.bulk if verb in possible]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Each report by itself: what can't go stays as it is, with the reason."""
        action = self.bulk.get(request.POST.get("do"))
        chosen = dict(_version(text) for text in request.POST.getlist("report"))
        if action is None or not chosen:
            messages.warning(request, _("還沒有選取任何一件。"))
            return redirect("desk")
        done, kept = 0, []
        reports = desk_reports(request.user).filter(pk__in=chosen)
        for report in reports:
            try:
                action(report, seen_version=chosen[report.pk], by=request.user)
                done += 1
            except Invalid:
                kept.append((report, _("還沒有填完")))
            except Refused as refusal:
                kept.append((report, str(refusal)))
        if done:
            told = ngettext("送出了%(n)s件。", "送出了%(n)s件。", done) % {"n": done}
            messages.success(request, told)
        for report, why in kept:
            url = reverse("report", args=[report.pk])
            if why == _("還沒有填完"):
                url = reverse("report-edit", args=[report.pk]) + "?check=1"
            messages.warning(
                request,
                format_html('<a href="{}">{}</a>　{}', url, report.measure.code, why),
            )
        return redirect("desk")


def _version(text: str) -> tuple[int, int]:
    """ "12:3" → report 12 as seen in version 3; nonsense becomes a report that does not exist."""
    pk, _colon, version = text.partition(":")
    return (int(pk), int(version)) if pk.isdigit() and version.isdigit() else (0, 0)
