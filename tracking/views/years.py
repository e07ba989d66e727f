"""填報年度: the collator adds, opens, closes, reopens and releases a year."""

from collections import Counter
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views import View

from config.kit import roc
from config.kit.errors import Invalid
from config.kit.fragments import with_query
from config.kit.views import RefusalMixin
from plan.models import Plan, PlanVersion
from tracking.actions import years as actions
from tracking.enums import Status, YearState, YearVerb
from tracking.forms.years import PartnerDaysForm, ReopenForm, YearForm
from tracking.models import ProgressReport, ReportingYear
from tracking.rules import years as rules
from tracking.rules.pages import may_keep_years
from tracking.views.review import ReviewerMixin

# What is said before the button is pressed.
CONSEQUENCES: dict[str, Callable[[ReportingYear, Counter], str]] = {
    YearVerb.OPEN: lambda year, counts: (
        _("會補上缺少的空白報告；已經有的一件也不動。")
        if year.state == YearState.OPEN
        else _("會依%(day)s的分工，為每個部會的每項措施建立一件空白報告，部會就可以開始填。")
        % {"day": roc.format_date(year.opens_on)}
    ),
    YearVerb.CLOSE: lambda year, counts: (
        _(
            "部會不能再送出；還有%(n)s件沒有送出。審查人退回補正的，仍可在補正期限內送出。之後可以重新開放。"
        )
        % {"n": counts[Status.DRAFT] + counts[Status.SIGNING]}
    ),
    YearVerb.REOPEN: lambda year, counts: _(
        "部會可以再送出，到新的關閉日為止；截止日不變，所以都算逾期送出。"
    ),
    YearVerb.RELEASE: lambda year, counts: (
        _(
            "%(n)s件已接受的報告從此任何人都看得到；還有%(open)s件沒有接受，不會公開。公布以後不能收回。"
        )
        % {"n": counts[Status.ACCEPTED], "open": _open(counts)}
    ),
}
BUTTONS = {
    YearVerb.OPEN: lambda year: (
        _("補齊%(year)s年度缺少的報告")
        if year.state == YearState.OPEN
        else _("開放%(year)s年度填報")
    ),
    YearVerb.CLOSE: lambda year: _("截止%(year)s年度收件"),
    YearVerb.REOPEN: lambda year: _("重新開放%(year)s年度"),
    YearVerb.RELEASE: lambda year: _("公布%(year)s年度的報告"),
}


def _open(counts: Counter) -> int:
    """Reports of a year that are neither accepted nor not applicable."""
    return sum(counts.values()) - counts[Status.ACCEPTED] - counts[Status.NOT_APPLICABLE]


class YearList(ReviewerMixin, View):
    """All years with dates, numbers and moves; the form for a new one. Science staff and
    administrators look, collators act.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add a year."""
        if not may_keep_years(request.user):
            raise PermissionDenied
        plans = _plans(request)
        if not plans:
            raise Http404
        plan = plans[0]
        years = list(plan.reporting_years.order_by("year"))
        form = _form(plan, years, request.POST)
        if form.is_valid():
            try:
                row = actions.add_year(plan, **form.cleaned_data, by=request.user)
            except Invalid as refusal:
                for name, sentences in refusal.errors.items():
                    for sentence in sentences:
                        form.add_error(name if name in form.fields else None, sentence)
            else:
                messages.success(
                    request,
                    _("已新增%(year)s年度，%(day)s起可以開放填報。")
                    % {"year": row.year, "day": roc.format_date(row.opens_on)},
                )
                return redirect(_here(plan))
        return self.show(request, form=form, chosen=plan, status=422)

    @staticmethod
    def show(
        request: HttpRequest,
        *,
        form: YearForm | None = None,
        reopen: tuple[int, ReopenForm] | None = None,
        asked: tuple[int, PartnerDaysForm] | None = None,
        chosen: Plan | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """`chosen` is the plan of the year that was acted on."""
        plans = _plans(request, chosen)
        plan = plans[0] if plans else None
        years = list(plan.reporting_years.order_by("year")) if plan else []
        counts = _counts(years, request.user)
        keeps = may_keep_years(request.user)
        if form is None and plan and keeps:
            form = _form(plan, years)
        rows = []
        for year in reversed(years):
            moves = [
                {
                    "move": move,
                    "button": BUTTONS[move.verb](year) % {"year": year.year},
                    "says": CONSEQUENCES[move.verb](year, counts[year.pk]),
                    "url": reverse("year-move", args=[year.pk, move.verb]),
                    "form": _reopen_form(year, reopen) if move.verb == YearVerb.REOPEN else None,
                }
                for move in rules.year_moves(year, request.user)
            ]
            rows.append(
                {
                    "year": year,
                    "moves": moves,
                    "total": sum(counts[year.pk].values()),
                    "accepted": counts[year.pk][Status.ACCEPTED],
                    "not_applicable": counts[year.pk][Status.NOT_APPLICABLE],
                    "open": _open(counts[year.pk]),
                    "asked": _partner_form(year, asked, request.user),
                }
            )
        context = {
            "plan": plan,
            "rows": rows,
            "form": form,
            "finding": _finding(years),
            "others": plans[1:],
            "here": _here(plan) if plan else "",
            "keeps": keeps,
        }
        return render(request, "tracking/years.html", context, status=status)


class YearMove(RefusalMixin, ReviewerMixin, View):
    """One of the collator's verbs, by POST."""

    http_method_names = ["post"]

    def refused_url(self) -> str:
        return reverse("year-list")

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in YearVerb.values:
            raise Http404
        year = get_object_or_404(ReportingYear.objects.select_related("plan"), pk=pk)
        if verb == YearVerb.REOPEN:
            return self.reopen(request, year)
        act = {
            YearVerb.OPEN: actions.open_year,
            YearVerb.CLOSE: actions.close_year,
            YearVerb.RELEASE: actions.release_year,
        }[YearVerb(verb)]
        row = act(year, by=request.user)
        messages.success(request, _done(YearVerb(verb), row))
        return redirect(_here(year.plan))

    def reopen(self, request: HttpRequest, year: ReportingYear) -> HttpResponse:
        rules.year_verdict(YearVerb.REOPEN, year, request.user).enforce()
        form = ReopenForm(request.POST, prefix=f"reopen-{year.pk}")
        if form.is_valid():
            try:
                row = actions.reopen_year(year, **form.cleaned_data, by=request.user)
            except Invalid as refusal:
                for sentences in refusal.errors.values():
                    form.add_error("closes_on", sentences)
            else:
                messages.success(request, _done(YearVerb.REOPEN, row))
                return redirect(_here(year.plan))
        return YearList.show(request, reopen=(year.pk, form), chosen=year.plan, status=422)


class YearPartnerDays(RefusalMixin, ReviewerMixin, View):
    """How long before the due date a year's partners are asked to file, changed by POST."""

    http_method_names = ["post"]

    def refused_url(self) -> str:
        return reverse("year-list")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        year = get_object_or_404(ReportingYear.objects.select_related("plan"), pk=pk)
        rules.partner_days_verdict(year, request.user).enforce()
        form = PartnerDaysForm(request.POST, prefix=f"partners-{year.pk}")
        if not form.is_valid():
            return YearList.show(request, asked=(year.pk, form), chosen=year.plan, status=422)
        row = actions.change_partner_days(year, **form.cleaned_data, by=request.user)
        messages.success(
            request,
            _("%(year)s年度的協辦請在%(day)s以前先送。")
            % {"year": row.year, "day": roc.format_date(row.partner_due_on)},
        )
        return redirect(_here(year.plan))


def _plans(request: HttpRequest, chosen: Plan | None = None) -> list[Plan]:
    """All plans, the one whose years are kept first: the chosen one, the one that `?plan=` names,
    else the newest with a version in force, else the newest. One query.
    """
    in_force = PlanVersion.objects.in_force().filter(plan=OuterRef("pk"))
    plans = list(
        Plan.objects.annotate(rules=Exists(in_force)).order_by("-rules", "-start_year", "slug")
    )
    slug = chosen.slug if chosen else request.GET.get("plan")
    if slug and slug not in [plan.slug for plan in plans]:
        raise Http404
    return sorted(plans, key=lambda plan: plan.slug != slug) if slug else plans


def _here(plan: Plan) -> str:
    """The page of this plan's years."""
    return with_query(reverse("year-list"), plan=plan.slug)


def _form(plan: Plan, years: list[ReportingYear], data=None) -> YearForm | None:
    """The form for a new year; None when the plan has all of its years."""
    present = {year.year for year in years}
    missing = [year for year in plan.years if year not in present]
    if not missing and data is None:
        return None
    return YearForm(data, missing=missing, before=years)


def _reopen_form(year: ReportingYear, given: tuple[int, ReopenForm] | None) -> ReopenForm:
    if given and given[0] == year.pk:
        return given[1]
    return ReopenForm(prefix=f"reopen-{year.pk}")


def _partner_form(
    year: ReportingYear, given: tuple[int, PartnerDaysForm] | None, user
) -> PartnerDaysForm | None:
    """None where it can't be changed, or not by this person."""
    if not rules.partner_days_verdict(year, user).ok:
        return None
    if given and given[0] == year.pk:
        return given[1]
    return PartnerDaysForm(
        prefix=f"partners-{year.pk}", initial={"partner_days": year.partner_days}
    )


def _counts(years: list[ReportingYear], user) -> dict[int, Counter]:
    """Reports by status, for each year id."""
    found: dict[int, Counter] = {year.pk: Counter() for year in years}
    rows = (
        ProgressReport.objects.status_visible_to(user)
        .filter(reporting_year__in=years)
        .order_by()
        .values_list("reporting_year_id", "status")
        .annotate(n=Count("pk"))
    )
    for pk, status, number in rows:
        found[pk][status] = number
    return found


def _finding(years: list[ReportingYear]) -> str:
    """The h1: which year takes filings, and until when."""
    taking = [year for year in years if year.state == YearState.OPEN]
    if taking:
        return _("%(year)s年度正在填報，%(due)s截止，%(closes)s關閉") % {
            "year": taking[-1].year,
            "due": roc.format_date(taking[-1].due_on),
            "closes": roc.format_date(taking[-1].closes_on),
        }
    return _("現在沒有開放填報的年度")


def _done(verb: YearVerb, year: ReportingYear) -> str:
    """What did happen, with a link to it."""
    words = {
        YearVerb.OPEN: _("%(year)s年度開放填報，這次建立%(made)s件空白報告。"),
        YearVerb.CLOSE: _("%(year)s年度已截止收件。"),
        YearVerb.REOPEN: _("%(year)s年度重新開放，收件到%(closes)s。"),
        YearVerb.RELEASE: _("%(year)s年度已公布，任何人都看得到已接受的報告。"),
    }
    sentence = words[verb] % {
        "year": year.year,
        "made": getattr(year, "made", 0),
        "closes": roc.format_date(year.closes_on),
    }
    address = "home" if verb == YearVerb.RELEASE else "collation"
    return format_html(
        '{} <a href="{}?year={}">{}</a>',
        sentence,
        reverse(address),
        year.year,
        _("看這個年度"),
    )
