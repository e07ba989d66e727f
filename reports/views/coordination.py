"""Coordination: the proposed agenda, the meetings of a review, and one meeting."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from reports.actions import meetings as actions
from reports.agenda import Proposal, nodes, proposed
from reports.enums import MeetingState, MeetingVerb
from reports.forms.meetings import (
    CallForm,
    ChangeForm,
    DecideForm,
    NoteForm,
    RecordForm,
    VersionForm,
)
from reports.models import CoordinationMeeting, Edition
from reports.queries.meetings import full_meetings, taken_up
from reports.rules import meetings as rules_of_meetings
from reports.rules import reviews as rules
from reports.views.base import ReviewView
from tracking.forms.base import MarkedForm
from tracking.models import Resolution
from tracking.queries.resolutions import listed
from tracking.views.resolutions import in_list

FORMS: dict[str, type[MarkedForm]] = {
    MeetingVerb.CHANGE: ChangeForm,
    MeetingVerb.RECORD: RecordForm,
    MeetingVerb.DECIDE: DecideForm,
    MeetingVerb.CANCEL: NoteForm,
    MeetingVerb.HOLD: VersionForm,
}
DONE = {
    MeetingVerb.CHANGE: gettext_lazy("已更改，並通知受邀的部會。"),
    MeetingVerb.RECORD: gettext_lazy("已存下出席與紀錄。"),
    MeetingVerb.DECIDE: gettext_lazy("已登錄決議，並通知主辦部會。"),
    MeetingVerb.CANCEL: gettext_lazy("已取消，並通知受邀的部會。"),
    MeetingVerb.HOLD: gettext_lazy("已列為召開，可以登錄決議。"),
}


class Coordination(ReviewView):
    """GET: what is open, the meetings, and to those who keep them the proposed agenda. POST: call
    a meeting on what was chosen.
    """

    room = "review-coordination"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        rules_of_meetings.may_call(self.review, request.user).enforce()
        form = CallForm(request.POST, nodes=list(nodes(self.edition)))
        if not form.is_valid():
            return self.page(form)
        details = {name: form.cleaned_data[name] for name in ("title", "on", "place", "chair")}
        try:
            meeting = actions.call_meeting(
                self.review,
                items=[(one.level, one.code) for one in form.chosen()],
                ministries=form.ministries(),
                by=request.user,
                **details,
            )
        except Invalid as refusal:
            names = {"ministries": "also"}
            form.mark({names.get(name, name): told for name, told in refusal.errors.items()})
            return self.page(form)
        messages.success(request, _("已召集會議，並通知受邀部會的承辦人與窗口。"))
        return redirect("meeting", meeting.pk)

    def page(self, form: CallForm | None = None) -> HttpResponse:
        review, user, edition = self.review, self.request.user, self.edition
        meetings = list(full_meetings().visible_to(user).filter(review=review))
        resolutions = list(
            listed(Resolution.objects.visible_to(user).filter(given_by__meeting__review=review))
        )
        keeps = rules_of_meetings.keeps_meetings(user)
        context = self.context(
            meetings=meetings,
            resolutions=in_list(resolutions, user),
            late=sum(row.overdue for row in resolutions),
            unsettled=sum(row.closed_at is None for row in resolutions),
            keeps=keeps,
        )
        if keeps and edition:
            proposals = proposed(edition)
            if form is None:
                number = review.meetings.exclude(state=MeetingState.CANCELLED).count() + 1
                title = _("第%(n)d次跨部會協調會議") % {"n": number}
                form = CallForm(initial={"title": title}, nodes=list(nodes(edition)))
            context |= {
                "form": form,
                "may_call": rules_of_meetings.may_call(review, user),
                "threshold": edition.rules["threshold"],
                "proposals": _shown(edition, proposals, meetings, form["items"].value() or ()),
            }
        status = 422 if form is not None and form.is_bound else 200
        return render(self.request, "reports/coordination.html", context, status=status)


def _shown(
    edition: Edition, proposals: list[Proposal], meetings: list[CoordinationMeeting], chosen
) -> list[dict]:
    """The proposed agenda for its table, each with the meetings that took it up already."""
    names = {code: told["short_name"] for code, told in edition.head["ministries"].items()}
    taken = taken_up(meetings, edition)
    return [
        {
            "one": one,
            "key": f"{one.level}:{one.code}",
            "level": edition.head["version"]["level_names"].get(one.level, ""),
            "goal": one.code.split(".")[0],
            "leads": [names.get(code, code) for code in one.leads],
            "partners": [names.get(code, code) for code in one.partners],
            "meetings": [meeting for meeting, _item in taken.get((one.level, one.code), ())],
            "checked": f"{one.level}:{one.code}" in chosen,
        }
        for one in proposals
    ]


class MeetingPage(ScopedMixin, View):
    """One meeting: agenda, who was called and who came, minutes, resolutions, and what is next."""

    model = CoordinationMeeting

    def get_queryset(self):
        return full_meetings().visible_to(self.request.user)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.get_row())

    def page(
        self, meeting: CoordinationMeeting, form: MarkedForm | None = None, verb: str = ""
    ) -> HttpResponse:
        user = self.request.user
        keeps = rules_of_meetings.keeps_meetings(user)
        mine = set(
            Resolution.objects.visible_to(user)
            .filter(given_by__meeting=meeting)
            .values_list("pk", flat=True)
        )
        context = {
            "meeting": meeting,
            "review": meeting.review,
            "rooms": rules.rooms(meeting.review, user),
            "keeps": keeps,
            # A record in the making is the keepers' own.
            "told": keeps or meeting.state == MeetingState.HELD,
            "given": [(row, row.resolution_id in mine) for row in meeting.given],
        }
        if keeps:
            for one in MeetingVerb:
                answer = rules_of_meetings.verdict(one, meeting, user)
                shown = form if verb == one else blank(one, meeting)
                context[one.value] = {"answer": answer, "form": shown}
        status = 422 if form is not None else 200
        return render(self.request, "reports/meeting.html", context, status=status)


def blank(verb: str, meeting: CoordinationMeeting, data=None) -> MarkedForm:
    """The form of a move; bound where data is given."""
    if verb in (MeetingVerb.CHANGE, MeetingVerb.RECORD, MeetingVerb.DECIDE):
        return FORMS[verb](data, meeting=meeting)
    return FORMS[verb](data, initial={"seen_version": meeting.version}, auto_id=f"id_{verb}_%s")


class MeetingMove(RefusalMixin, MeetingPage):
    """POST only: one move of the table, by the action of its name."""

    http_method_names = ["post"]

    def refused_url(self) -> str:
        return reverse("meeting", args=[self.kwargs["pk"]])

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if verb not in FORMS:
            raise Http404
        meeting = self.get_row()
        rules_of_meetings.verdict(verb, meeting, request.user).enforce()
        form = blank(verb, meeting, request.POST)
        if not form.is_valid():
            return self.page(meeting, form, verb)
        try:
            self.move(meeting, MeetingVerb(verb), form)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.page(meeting, form, verb)
        messages.success(request, DONE[MeetingVerb(verb)])
        return redirect(self.refused_url())

    def move(self, meeting: CoordinationMeeting, verb: MeetingVerb, form: MarkedForm) -> None:
        given = {"by": self.request.user}
        match verb:
            case MeetingVerb.CHANGE:
                actions.change_meeting(meeting, **form.cleaned_data, **given)
            case MeetingVerb.RECORD:
                actions.record_meeting(meeting, **form.given(), **given)
            case MeetingVerb.DECIDE:
                actions.decide(meeting, **form.cleaned_data, **given)
            case MeetingVerb.CANCEL:
                actions.cancel_meeting(meeting, **form.cleaned_data, **given)
            case MeetingVerb.HOLD:
                actions.mark_held(meeting, **form.cleaned_data, **given)
