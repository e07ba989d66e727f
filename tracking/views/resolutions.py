"""Resolutions of coordination meetings: the list, one with what befell it, and its moves."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from ministries.models import Ministry
from tracking.actions import resolutions as actions
from tracking.enums import ResolutionState, ResolutionVerb
from tracking.forms.base import MarkedForm
from tracking.forms.resolutions import AmendForm, ResolutionReportForm
from tracking.forms.review import NoteForm
from tracking.models import Resolution, ResolutionReport
from tracking.queries.resolutions import listed
from tracking.rules import resolutions as rules
from tracking.views.evidence import EvidenceDownload

PAGE_SIZE = 50
BUTTONS = {
    ResolutionVerb.REPORT: gettext_lazy("送出辦理情形，請審查人確認"),
    ResolutionVerb.AGREE: gettext_lazy("同意這項決議結案"),
    ResolutionVerb.SEND_BACK: gettext_lazy("退回，請部會補充"),
    ResolutionVerb.AMEND: gettext_lazy("改列這項決議"),
}
CONSEQUENCES = {
    ResolutionVerb.REPORT: gettext_lazy("送出後不能再改；審查人會同意結案，或退回補充。"),
    ResolutionVerb.AGREE: gettext_lazy("結案後不能再打開，也不再出現在部會的填報頁。"),
    ResolutionVerb.SEND_BACK: gettext_lazy("決議回到未結，部會會看到你寫的理由。"),
    ResolutionVerb.AMEND: gettext_lazy("主辦部會會收到通知；原來的內容留在稽核紀錄。"),
}
DONE = {
    ResolutionVerb.REPORT: gettext_lazy("已送出辦理情形，等審查人確認。"),
    ResolutionVerb.AGREE: gettext_lazy("已同意結案，並通知主辦部會。"),
    ResolutionVerb.SEND_BACK: gettext_lazy("已退回，並通知主辦部會補充。"),
    ResolutionVerb.AMEND: gettext_lazy("已改列，並通知主辦部會。"),
}


@dataclass
class Owed:
    """A resolution in a list, with the form to report on it where this person may."""

    row: Resolution
    form: ResolutionReportForm | None = None


def in_list(rows, user) -> list[Owed]:
    """Resolutions as the desk shows them."""
    found = []
    for row in rows:
        may = row.state == ResolutionState.OPEN and rules.verdict(ResolutionVerb.REPORT, row, user)
        found.append(Owed(row, ResolutionReportForm(resolution=row) if may else None))
    return found


class ResolutionList(ScopedMixin, View):
    """All that this person may see: the overdue first, the closed last."""

    model = Resolution

    def get(self, request: HttpRequest) -> HttpResponse:
        everything = self.get_queryset()
        rows = listed(everything)
        if (state := request.GET.get("state")) in ResolutionState.values:
            rows = rows.filter(state=state)
        if ministry := request.GET.get("ministry"):
            rows = rows.filter(owner__code=ministry)
        owners = everything.order_by("owner__code").values_list("owner__code", "owner__short_name")
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        unsettled = everything.filter(state=ResolutionState.OPEN)
        context = {
            "page": page,
            "resolutions": [Owed(row) for row in page.object_list],
            "states": ResolutionState.choices,
            "ministries": list(owners.distinct()),
            "open": unsettled.count(),
            "overdue": unsettled.filter(due_on__lt=timezone.localdate()).count(),
            "reported": everything.filter(state=ResolutionState.REPORTED).count(),
        }
        return render(request, "tracking/resolution_list.html", context)


class ResolutionPage(ScopedMixin, View):
    """What was resolved, what was done, and what this person can do next."""

    model = Resolution

    def get_queryset(self):
        return listed(super().get_queryset())

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.get_row())

    def page(self, row: Resolution, form: MarkedForm | None = None, verb: str = "") -> HttpResponse:
        user = self.request.user
        heir = row.owner.on(timezone.localdate())
        context = {
            "resolution": row,
            "heir": heir if heir != row.owner else None,
            "moves": [
                {
                    "move": move,
                    "label": BUTTONS[move.verb],
                    "consequence": CONSEQUENCES[move.verb],
                    "form": form if form and verb == move.verb else blank(move.verb, row),
                }
                for move in rules.moves(row, user)
            ],
            "source_pk": row.source_key.removeprefix("meeting:")
            if row.source_key.startswith("meeting:")
            else "",
        }
        status = 422 if form is not None else 200
        return render(self.request, "tracking/resolution.html", context, status=status)


def blank(verb: str, row: Resolution, data=None, files=None) -> MarkedForm:
    """The form of a move; bound where data is given."""
    if verb == ResolutionVerb.REPORT:
        return ResolutionReportForm(data, files, resolution=row)
    if verb == ResolutionVerb.AMEND:
        return AmendForm(data, resolution=row)
    initial = {"seen_version": row.version}
    return NoteForm(data, initial=initial, auto_id=f"id_{verb}_%s")


class ResolutionMove(RefusalMixin, ResolutionPage):
    """POST only: one move of the table, by the action of its name."""

    http_method_names = ["post"]
    verbs = {
        ResolutionVerb.REPORT: actions.report,
        ResolutionVerb.AGREE: actions.agree,
        ResolutionVerb.SEND_BACK: actions.send_back,
        ResolutionVerb.AMEND: actions.amend,
    }

    def refused_url(self) -> str:
        return reverse("resolution", args=[self.kwargs["pk"]])

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        action = self.verbs.get(verb)
        if action is None:
            raise Http404
        row = self.get_row()
        rules.verdict(verb, row, request.user).enforce()
        form = blank(verb, row, request.POST, request.FILES)
        if not form.is_valid():
            return self.page(row, form, verb)
        given = dict(form.cleaned_data)
        if verb == ResolutionVerb.AGREE:
            given.pop("note")
        try:
            action(row, by=request.user, **given)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.page(row, form, verb)
        messages.success(request, DONE[ResolutionVerb(verb)])
        return redirect(self.refused_url())


class ResolutionEvidence(EvidenceDownload):
    """The file or link that shows what was done, for those who see the resolution."""

    model = ResolutionReport
    public = False
    body = "resolution__owner"

    def body_of(self, evidence: ResolutionReport) -> Ministry:
        return evidence.resolution.owner
