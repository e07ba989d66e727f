"""My desk: what do I owe, by when, and what is the next step."""

from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from config.kit.views import SignedInMixin
from ministries.enums import MembershipRole
from tracking.enums import Status, Verb, YearState
from tracking.models import ProgressReport, ReportEvent, ReportingYear, ReturnedPart
from tracking.partners import partner_date
from tracking.queries.reports import (
    Answer,
    OpenedYear,
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
    partner_on: date | None = None  # a partner's own date; being late counts from `due_on`

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

    @property
    def bulk(self) -> str:
        """The move that can be made with several of its rows."""
        return next((row.bulk for row in self.rows if row.bulk), "")


class Desk(SignedInMixin, View):
    """The groups, what waits for me first. What is ticked goes on to `views.signing`."""

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
            "extensions": self.extensions(year, reports),
            "groups": groups,
            "counts": counts,
            "owed": owed,
            "overdue": sum(row.overdue for row in rows if row.report.status == Status.DRAFT),
            "total": len(rows),
            "finding": self.finding(year, rows, moves, owed),
            "ministries": ministries,
            "files": may_file(user),
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

    def extensions(self, year: ReportingYear, reports: list[ProgressReport]) -> list[tuple]:
        """(ministry, its own last day of the year or None), of those for which this person may ask
        for more time; none where the year takes no filings.
        """
        if year.state != YearState.OPEN:
            return []
        mine = self.request.user.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW)
        found = {
            report.ministry: report.extended_until
            for report in reports
            if report.reporting_year_id == year.pk and report.ministry_id in mine
        }
        return sorted(found.items(), key=lambda one: one[0].code)

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
        partner_on = partner_date(report) if due_on else None
        return Row(
            report, last, due_on, days, returned or [], back, url, action, mine, bulk, partner_on
        )

    def bulk_verbs(self, rows: list[Row]) -> list[dict]:
        """The buttons of the bar at the foot: what can be made with several reports at once."""
        labels = {
            Verb.SIGN_OFF: _("核可選取的件…"),
            Verb.SUBMIT: _("送出選取的件…"),
        }
        possible = {row.bulk for row in rows}
        return [{"verb": verb, "label": labels[verb]} for verb in labels if verb in possible]
