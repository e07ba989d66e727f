"""A report to read, what befell it, and the moves that can be made with it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from plan.models import Indicator
from tracking import parts
from tracking.actions import corrections
from tracking.actions import reports as actions
from tracking.enums import LATE_LIGHTS, Status, Verb
from tracking.forms.review import MessageForm, NoteForm
from tracking.locks import lock_of
from tracking.models import Evidence, ProgressReport
from tracking.queries.joint import joint_context
from tracking.queries.reports import full_reports, previous_report
from tracking.queries.requests import running_correction
from tracking.rules import reports as rules
from tracking.rules.messages import message_verdict
from tracking.rules.pages import may_see_history
from tracking.submitted import shown
from tracking.timeline import timeline
from tracking.views.indicator_story import indicator_story
from tracking.views.sections import indicator_rows, money_rows, money_sum
from tracking.workflow import ROAD

NOTED_VERBS = frozenset(verb for (_status, verb), step in ROAD.items() if step.note)
# What a button does that has a page of its own; the others are made on the report's page.
PAGES = {
    Verb.SAVE: ("report-edit", gettext_lazy("填寫這份報告")),
    Verb.SUBMIT: ("report-edit", gettext_lazy("看一遍再送出")),
    Verb.ACCEPT: ("report-review", gettext_lazy("審查這份報告")),
    Verb.RETURN: ("report-review", gettext_lazy("審查這份報告")),
}
CONSEQUENCES = {
    Verb.SIGN_OFF: gettext_lazy("核可後這件就送到國科會；開始審查前，貴部會都可以撤回。"),
    Verb.SEND_BACK: gettext_lazy("退給承辦人後回到草稿，承辦人會看到你寫的理由。"),
    Verb.WITHDRAW: gettext_lazy("撤回後回到草稿，改好要再送窗口核可。"),
    Verb.START: gettext_lazy("開始審查後，部會就不能撤回。"),
    Verb.EXEMPT: gettext_lazy("列為不適用後，這份報告不必再填；可以恢復。"),
    Verb.RESUME: gettext_lazy("恢復後回到草稿，由部會填報。"),
    Verb.DROP: gettext_lazy("更正就此結束，原來接受的內容不變。"),
}
DONE = {
    Verb.SIGN_OFF: gettext_lazy("已核可，送到國科會待審。"),
    Verb.SEND_BACK: gettext_lazy("已退給承辦人，回到草稿。"),
    Verb.WITHDRAW: gettext_lazy("已撤回，回到草稿，可以修改。"),
    Verb.START: gettext_lazy("審查開始了；部會不能再撤回。"),
    Verb.EXEMPT: gettext_lazy("已列為不適用。"),
    Verb.RESUME: gettext_lazy("已恢復填報，回到草稿。"),
    Verb.DROP: gettext_lazy("已撤銷更正，原來接受的內容不變。"),
}


class ReportPage(ScopedMixin, View):
    """What the report says, to those who may read it; to others only where it is on its road."""

    model = ProgressReport
    scope = "status_visible_to"
    public = True

    def get_queryset(self):
        return full_reports().status_visible_to(self.request.user)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.get_row()
        if report.corrects_id and report.status == Status.ACCEPTED:
            # Its correction is over: what it said is in the report that stands.
            return redirect("report", report.corrects_id)
        return self.page(report)

    def page(
        self,
        report: ProgressReport,
        note_form: NoteForm | None = None,
        verb: str = "",
        said: MessageForm | None = None,
    ) -> HttpResponse:
        user = self.request.user
        readable = ProgressReport.working.visible_to(user).filter(pk=report.pk).exists()
        context = {
            "report": report,
            "measure": report.measure,
            "goal": report.measure.strategy.sub_goal.goal,
            "year": report.reporting_year.year,
            "readable": readable,
            "moves": self.moves(report, note_form, verb),
            "timeline": timeline(report, user),
            "may_say": message_verdict(report, user).ok,
            "message_form": said or MessageForm(),
            "joint": joint_context(report, user, readable=readable),
            "lock": lock_of(report, user),
            "running": running_correction(report, user),
        }
        if readable:
            shown([report], user)
            indicators = indicators_to_read(report)
            context |= text_of(report, indicators) | {
                "last": previous_report(report, user),
                "story": indicator_story(
                    report, indicators, user, history=may_see_history(report, user)
                ),
                "evidence": Evidence.objects.visible_to(user).filter(report=report),
            }
        status = 422 if note_form is not None or said is not None else 200
        return render(self.request, "tracking/report.html", context, status=status)

    def moves(self, report, note_form, verb) -> list[dict]:
        """The buttons, one for each page or move, with what they will do or why they can't."""
        found, pages = [], set()
        for move in rules.moves(report, self.request.user):
            page, label = PAGES.get(move.verb, ("", ""))
            if page:
                if (page, move.ok) in pages:
                    continue
                pages.add((page, move.ok))
            form = None
            if move.note and not page:
                form = note_form if verb == move.verb else None
                form = form or NoteForm(
                    initial={"seen_version": report.version}, auto_id=f"id_{move.verb}_%s"
                )
            found.append(
                {
                    "move": move,
                    "url": reverse(page, args=[report.pk]) if page else "",
                    "label": label or move.label,
                    "consequence": CONSEQUENCES.get(move.verb, ""),
                    "form": form,
                }
            )
        return found


def indicators_to_read(report: ProgressReport) -> list[Indicator]:
    return list(parts.indicators_of(report).prefetch_related("targets", "target_changes"))


def text_of(report: ProgressReport, indicators: list[Indicator]) -> dict:
    """What `_report_text.html` shows of a report; its evidence is scoped by itself."""
    return {
        "late": report.light in LATE_LIGHTS,
        "indicator_rows": indicator_rows(report, indicators),
        "money_rows": money_rows(report),
        "sum": money_sum(report.money_lines.all()),
    }


class ReportMove(RefusalMixin, ReportPage):
    """POST only: one move of the road, by the action of its name. Reviews decide on their page."""

    public = False
    http_method_names = ["post"]
    verbs = {
        Verb.SUBMIT: actions.submit,
        Verb.SIGN_OFF: actions.sign_off,
        Verb.SEND_BACK: actions.send_back,
        Verb.WITHDRAW: actions.withdraw,
        Verb.START: actions.start_review,
        Verb.EXEMPT: actions.exempt,
        Verb.RESUME: actions.resume,
        Verb.DROP: corrections.drop,
    }

    def refused_url(self) -> str:
        return reverse("report", args=[self.kwargs["pk"]])

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        action = self.verbs.get(verb)
        if action is None:
            raise Http404
        report = self.get_row()
        form = NoteForm(request.POST, auto_id=f"id_{verb}_%s")
        if not form.is_valid():
            return self.page(report, form, verb)
        given = {"seen_version": form.cleaned_data["seen_version"], "by": request.user}
        if verb in NOTED_VERBS:
            given["note"] = form.cleaned_data["note"].strip()
        try:
            action(report, **given)
        except Invalid as refusal:
            if verb in NOTED_VERBS:
                form.mark(refusal.errors)
                return self.page(report, form, verb)
            return HttpResponseRedirect(reverse("report-edit", args=[pk]) + "?check=1")
        return self.done(report, Verb(verb))

    def done(self, report: ProgressReport, verb: Verb) -> HttpResponse:
        told = DONE.get(verb, _("已送出，等窗口核可。"))
        back, where = reverse("desk"), _("回到我的填報")
        if verb in (Verb.START, Verb.EXEMPT, Verb.RESUME, Verb.DROP):
            back, where = reverse("review-queue"), _("回到待審清單")
        what = f"{report.ministry.short_name} {report.measure.code}"
        link = format_html('<a href="{}">{}</a>', back, where)
        messages.success(self.request, format_html("{}：{}{}", what, told, link))
        return redirect("report-review" if verb == Verb.START else "report", report.pk)
