"""More time and corrections: a ministry asks, a reviewer decides, both read how it went."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin, SignedInMixin
from ministries.models import Ministry
from tracking.actions import corrections, extensions
from tracking.enums import Part
from tracking.forms.base import MarkedForm
from tracking.forms.requests import (
    CorrectionForm,
    ExtensionForm,
    GrantCorrectionForm,
    GrantExtensionForm,
    RefuseForm,
)
from tracking.models import CorrectionRequest, ExtensionRequest, ProgressReport, ReportingYear
from tracking.queries.reports import full_reports
from tracking.queries.requests import full_corrections, full_extensions
from tracking.rules import requests as rules

GRANT, REFUSE, WITHDRAW = "grant", "refuse", "withdraw"


class AskExtension(RefusalMixin, SignedInMixin, View):
    """A unit's officer or window asks for more time for one year."""

    def refused_url(self) -> str:
        return reverse("desk")

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            ours = ProgressReport.objects.visible_to(request.user).filter(
                reporting_year=kwargs["pk"], ministry__in=request.user.ministry_ids
            )
            self.ministry = get_object_or_404(
                Ministry, code=kwargs["code"], pk__in=ours.order_by().values("ministry")
            )
            years = ReportingYear.objects.select_related("plan")
            self.year = get_object_or_404(years, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs) -> HttpResponse:
        return self.page(ExtensionForm())

    def post(self, request: HttpRequest, **kwargs) -> HttpResponse:
        form = ExtensionForm(request.POST)
        if form.is_valid():
            try:
                row = extensions.ask(self.year, self.ministry, **form.cleaned_data, by=request.user)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                messages.success(request, _("已申請展延，審查人決定後會通知你。"))
                return redirect("extension", row.pk)
        return self.page(form)

    def page(self, form: ExtensionForm) -> HttpResponse:
        rows = full_extensions().visible_to(self.request.user)
        context = {
            "form": form,
            "year": self.year,
            "ministry": self.ministry,
            "latest": rules.latest_day(self.year),
            "may": rules.ask_extension(self.year, self.ministry, self.request.user),
            "earlier": rows.filter(reporting_year=self.year, ministry=self.ministry),
        }
        status = 422 if form.is_bound else 200
        return render(self.request, "tracking/extension_ask.html", context, status=status)


class AskCorrection(RefusalMixin, ScopedMixin, View):
    """The ministry of an accepted report asks to correct parts of it."""

    model = ProgressReport

    def get_queryset(self):
        user = self.request.user
        return full_reports().visible_to(user).filter(ministry__in=user.ministry_ids)

    def refused_url(self) -> str:
        return reverse("report", args=[self.kwargs["pk"]])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.get_row(), CorrectionForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report, form = self.get_row(), CorrectionForm(request.POST)
        if form.is_valid():
            try:
                row = corrections.ask(report, **form.cleaned_data, by=request.user)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                messages.success(request, _("已申請更正，審查人決定後會通知你。"))
                return redirect("correction", row.pk)
        return self.page(report, form)

    def page(self, report: ProgressReport, form: CorrectionForm) -> HttpResponse:
        user = self.request.user
        context = {
            "form": form,
            "report": report,
            "measure": report.measure,
            "may": rules.ask_correction(report, user),
            "earlier": full_corrections().visible_to(user).filter(report=report),
        }
        status = 422 if form.is_bound else 200
        return render(self.request, "tracking/correction_ask.html", context, status=status)


class RequestPage(RefusalMixin, ScopedMixin, View):
    """One request with its decision, or with the forms that decide it."""

    template = ""
    grants: type[MarkedForm]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.get_row())

    def page(self, row, form: MarkedForm | None = None, verb: str = "") -> HttpResponse:
        may = self.may(row)
        forms = {GRANT: self.blank(row), REFUSE: RefuseForm(auto_id="id_refuse_%s")}
        if form is not None:
            forms[verb] = form
        context = {
            "row": row,
            "may": may,
            "may_withdraw": rules.withdraw(row, self.ministry_of(row), self.request.user),
            "reviewer": self.request.user.is_science_staff,
            "grant_form": forms[GRANT],
            "refuse_form": forms[REFUSE],
            "refusing": verb == REFUSE,
            **self.more(row),
        }
        status = 200 if form is None else 422
        return render(self.request, self.template, context, status=status)

    def more(self, row) -> dict:
        return {}

    def decide(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """POST: grant, refuse or withdraw, by the action of that name."""
        row, by = self.get_row(), request.user
        forms = {GRANT: self.grants(request.POST), REFUSE: RefuseForm(request.POST)}
        if verb == WITHDRAW:
            self.withdraw(row, by=by)
            messages.success(request, _("已撤回申請。"))
            return redirect(self.refused_url())
        form = forms.get(verb)
        if form is None:
            raise Http404
        if form.is_valid():
            try:
                {GRANT: self.grant, REFUSE: self.turn_down}[verb](row, form.cleaned_data, by)
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                done = _("已同意，部會會收到通知。") if verb == GRANT else _("已答覆不同意。")
                messages.success(request, done)
                return redirect(self.refused_url())
        else:
            self.may(row).enforce()
        return self.page(row, form, verb)


class ExtensionPage(RequestPage):
    model = ExtensionRequest
    template = "tracking/extension.html"
    grants = GrantExtensionForm
    withdraw = staticmethod(extensions.withdraw)

    def get_queryset(self):
        return full_extensions().visible_to(self.request.user)

    def refused_url(self) -> str:
        return reverse("extension", args=[self.kwargs["pk"]])

    def ministry_of(self, row: ExtensionRequest) -> Ministry:
        return row.ministry

    def may(self, row: ExtensionRequest):
        return rules.decide_extension(row, self.request.user)

    def blank(self, row: ExtensionRequest) -> GrantExtensionForm:
        return GrantExtensionForm(initial={"granted_until": row.wanted_until})

    def more(self, row: ExtensionRequest) -> dict:
        return {"year": row.reporting_year, "latest": rules.latest_day(row.reporting_year)}

    def grant(self, row: ExtensionRequest, given: dict, by) -> None:
        extensions.grant(row, **given, by=by)

    def turn_down(self, row: ExtensionRequest, given: dict, by) -> None:
        extensions.refuse(row, **given, by=by)


class CorrectionPage(RequestPage):
    model = CorrectionRequest
    template = "tracking/correction.html"
    grants = GrantCorrectionForm
    withdraw = staticmethod(corrections.withdraw)

    def get_queryset(self):
        return full_corrections().visible_to(self.request.user)

    def refused_url(self) -> str:
        return reverse("correction", args=[self.kwargs["pk"]])

    def ministry_of(self, row: CorrectionRequest) -> Ministry:
        return row.report.ministry

    def may(self, row: CorrectionRequest):
        return rules.decide_correction(row, self.request.user)

    def blank(self, row: CorrectionRequest) -> GrantCorrectionForm:
        return GrantCorrectionForm(initial={"seen_version": row.report.version})

    def more(self, row: CorrectionRequest) -> dict:
        return {
            "report": row.report,
            "measure": row.report.measure,
            "parts": [Part(part).label for part in row.parts],
        }

    def grant(self, row: CorrectionRequest, given: dict, by) -> None:
        corrections.reopen(row.report, **given, by=by)

    def turn_down(self, row: CorrectionRequest, given: dict, by) -> None:
        corrections.refuse(row, **given, by=by)


class ExtensionMove(ExtensionPage):
    http_method_names = ["post"]
    post = RequestPage.decide


class CorrectionMove(CorrectionPage):
    http_method_names = ["post"]
    post = RequestPage.decide
