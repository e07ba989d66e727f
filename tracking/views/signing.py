"""Many at once: what waits to be signed (or submitted), with what is lacking; then the whole step.

Two steps that work without a script: the list with its boxes, and a page that names what will go.
"""

from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from config.kit.errors import Invalid, Refused
from config.kit.views import SignedInMixin
from tracking.actions import signing as actions
from tracking.enums import Status, Verb
from tracking.models import ProgressReport, Receipt
from tracking.queries.people import window_behind
from tracking.queries.wholeness import lacking, reports_at
from tracking.rules import reports as rules

ACTIONS = {Verb.SIGN_OFF: actions.sign_off_many, Verb.SUBMIT: actions.submit_many}
STATUSES = {Verb.SIGN_OFF: (Status.SIGNING,), Verb.SUBMIT: (Status.DRAFT, Status.RETURNED)}


@dataclass
class Row:
    """One report in the list. `stale`: changed since the person ticked it."""

    report: ProgressReport
    problems: list[str]
    warnings: list[str]
    version: int
    ticked: bool = False
    stale: bool = False
    refusable: bool = False  # the door would refuse it: nothing to tick

    @property
    def goal(self) -> str:
        return self.report.measure.code.split(".")[0]

    @property
    def whole(self) -> bool:
        return not self.problems


@dataclass
class Group:
    """The rows of one goal."""

    goal: object
    rows: list[Row] = field(default_factory=list)


class Signing(SignedInMixin, View):
    """GET: the list, `tick` all or those of a goal. POST: the page that names what will go, and
    with `confirm` the step itself.
    """

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        given = request.POST.get("do") or request.GET.get("do")
        self.verb = Verb.SUBMIT if given == Verb.SUBMIT else Verb.SIGN_OFF
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        tick = request.GET.get("tick", "")
        rows = self.rows(self.waiting())
        for row in rows:
            row.ticked = row.whole and tick in ("all", row.goal)
        return self.page(rows, confirming=False)

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = dict(_version(text) for text in request.POST.getlist("report"))
        # Of any status: what was moved meanwhile is refused with its reason.
        reports = list(reports_at(request.user, Status).filter(pk__in=chosen))
        if not reports:
            messages.warning(request, _("還沒有選取任何一件。"))
            return redirect(f"{reverse('signing')}?do={self.verb}")
        if "confirm" in request.POST:
            return self.carry_out(reports, chosen)
        rows = self.rows(reports)
        for row in rows:
            row.version = chosen[row.report.pk]
            row.stale = row.version != row.report.version
            row.refusable |= row.stale or not rules.verdict(self.verb, row.report, request.user)
            row.ticked = row.whole and not row.refusable
        return self.page(rows, confirming=True)

    # --- rows -------------------------------------------------------------------------------------
    def waiting(self) -> list[ProgressReport]:
        """What this person could sign or submit now; drafts only once somebody wrote in them."""
        return [
            report
            for report in reports_at(self.request.user, STATUSES[self.verb])
            if (self.verb == Verb.SIGN_OFF or report.saved_at)
            and rules.verdict(self.verb, report, self.request.user)
        ]

    def rows(self, reports: list[ProgressReport]) -> list[Row]:
        found = lacking(reports, self.request.user)
        rows = [Row(report, *found[report.pk], report.version) for report in reports]
        for row in rows:
            row.refusable = self.verb == Verb.SUBMIT and not row.whole
        return rows

    # --- answers ----------------------------------------------------------------------------------
    def page(self, rows: list[Row], *, confirming: bool) -> HttpResponse:
        groups: dict[int, Group] = {}
        for row in rows:
            goal = row.report.measure.strategy.sub_goal.goal
            groups.setdefault(goal.pk, Group(goal)).rows.append(row)
        user = self.request.user
        windows = {row.report.ministry_id for row in rows} if self.verb == Verb.SIGN_OFF else ()
        behind = {window for pk in windows if (window := window_behind(user, pk))}
        context = {
            "verb": self.verb,
            "signing": self.verb == Verb.SIGN_OFF,
            "confirming": confirming,
            "groups": groups.values(),
            "total": len(rows),
            "ticked": sum(row.ticked for row in rows),
            "incomplete": sum(not row.whole for row in rows),
            "warned": sum(bool(row.warnings) for row in rows if row.whole),
            "several": len({row.report.ministry_id for row in rows}) > 1,
            "years": len({row.report.reporting_year_id for row in rows}) > 1,
            "behind": _("、").join(sorted(window.name for window in behind)),
        }
        return render(self.request, "tracking/signing.html", context)

    def carry_out(self, reports: list[ProgressReport], chosen: dict[int, int]) -> HttpResponse:
        """Each by itself; what can't go stays as it is, and why is told."""
        pairs = [(report, chosen[report.pk]) for report in reports]
        outcome = ACTIONS[self.verb](pairs, by=self.request.user)
        if outcome.done:
            messages.success(self.request, self.told(len(outcome.done), outcome.receipts))
        why: dict[str, list[ProgressReport]] = {}
        for report, refusal in outcome.kept:
            why.setdefault(_sentence(refusal), []).append(report)
        for sentence, kept in why.items():
            messages.warning(self.request, _refused(sentence, kept))
        return redirect("desk")

    def told(self, n: int, receipts: list[Receipt]) -> str:
        if self.verb == Verb.SUBMIT:
            return ngettext("送出了%(n)s件，等窗口核可。", "送出了%(n)s件，等窗口核可。", n) % {
                "n": n
            }
        said = ngettext("核可了%(n)s件，已送國科會。", "核可了%(n)s件，已送國科會。", n) % {"n": n}
        links = format_html_join(
            _("、"),
            '<a href="{}">{}</a>',
            (
                (reverse("receipt", args=[row.number]), row.number)
                for row in receipts
                if row.report_id is None
            ),
        )
        return format_html("{}{}{}", said, _("合併收據："), links)


def _sentence(refusal: Refused) -> str:
    return _("還沒有填完") if isinstance(refusal, Invalid) else str(refusal)


def _refused(sentence: str, reports: list[ProgressReport]) -> str:
    """Which stayed, each with a link, and why."""
    check = sentence == _("還沒有填完")
    links = format_html_join(
        _("、"),
        '<a href="{}">{}</a>',
        (
            (
                reverse("report-edit", args=[report.pk]) + "?check=1"
                if check
                else reverse("report", args=[report.pk]),
                report.measure.code,
            )
            for report in reports
        ),
    )
    kept = ngettext("留下%(n)s件：", "留下%(n)s件：", len(reports)) % {"n": len(reports)}
    return format_html("{}{}　{}", kept, links, sentence)


def _version(text: str) -> tuple[int, int]:
    """ "12:3" → report 12 as seen in version 3; nonsense becomes a report that does not exist."""
    pk, _colon, version = text.partition(":")
    known = all(part.isascii() and part.isdigit() and len(part) < 10 for part in (pk, version))
    return (int(pk), int(version)) if known else (0, 0)
