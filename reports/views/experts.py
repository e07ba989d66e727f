"""The room of experts: invitations, seats with their load, recusals, coverage, agreement."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kit.errors import Invalid
from reports import agreement
from reports.actions import experts, recusals
from reports.enums import Level, RecusalState
from reports.forms.experts import AssignForm, InviteForm, ReasonForm
from reports.models import Invitation, Opinion, Recusal, Seat
from reports.queries.experts import (
    ENOUGH,
    MeasureNode,
    codes_under,
    coverage,
    loads,
    measures_of,
    scores_of,
)
from reports.queries.reviews import level_words
from reports.rules import experts as rules_of_experts
from reports.rules import reviews as rules
from reports.views.base import ReviewView

UNDECIDED = (RecusalState.PROPOSED, RecusalState.DECLARED)


class ExpertsRoom(ReviewView):
    """Pages of the room of experts: for the science ministry's people."""

    room = "review-experts"

    @cached_property
    def measures(self) -> dict[str, MeasureNode]:
        return measures_of(self.edition)

    def seat_of(self, pk: int) -> Seat:
        rows = Seat.objects.visible_to(self.request.user).filter(review=self.review)
        row = rows.select_related("user", "ministry", "review").filter(pk=pk).first()
        if row is None:
            raise Http404
        return row


class Experts(ExpertsRoom):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page()

    def page(self, form: AssignForm | None = None) -> HttpResponse:
        review, user = self.review, self.request.user
        found, covers = loads(review), coverage(review, self.edition)
        lacking = [cover for cover in covers if cover.lacking]
        keys = [criterion["key"] for criterion in review.criteria]
        scores = {code: given for code, given in scores_of(review).items() if code in self.measures}
        agreed = agreement.agreement(scores, keys)
        context = self.context(
            changing=rules.may_change(review, user),
            today=timezone.localdate(),
            invitations=Invitation.objects.visible_to(user).filter(review=review),
            loads=found,
            seated=sum(load.seat.ended_at is None for load in found),
            undecided=self.recusals(UNDECIDED),
            decided=self.recusals((RecusalState.CONFIRMED, RecusalState.DISMISSED)),
            total=len(covers),
            lacking=lacking,
            enough=ENOUGH,
            form=form or self.assign_form(found),
            agreed=agreed,
            alphas=[(one["name"], agreed.by_criterion[one["key"]]) for one in review.criteria],
            apart=[
                {
                    "measure": self.measures[one.code],
                    "widest": one.widest,
                    "ranges": [one.ranges.get(key) for key in keys],
                    "experts": len(scores[one.code]),
                }
                for one in agreement.disagreements(scores, keys)
            ],
            sending=rules_of_experts.may_send(review, user),
            unsent=Opinion.objects.visible_to(user)
            .submitted()
            .filter(seat__review=review, sent_at__isnull=True)
            .count(),
        )
        status = 422 if form is not None else 200
        return render(self.request, "reports/experts.html", context, status=status)

    def recusals(self, states: tuple[str, ...]) -> list[dict]:
        rows = Recusal.objects.visible_to(self.request.user).filter(
            seat__review=self.review, state__in=states
        )
        return [
            {"recusal": row, "measure": self.measures.get(row.measure_code)}
            for row in rows.select_related("seat__user", "decided_by")
        ]

    def assign_form(self, found: list, data=None) -> AssignForm:
        told = _("%(name)s（%(n)d項）")
        seats = [
            (str(load.seat.pk), told % {"name": load.seat.user, "n": load.items})
            for load in found
            if load.seat.ended_at is None
        ]
        words = level_words(self.edition)
        wider = any(one.sub_goal_code for one in self.measures.values()) or not self.measures
        label = _("%(wider)s或%(measure)s") % {
            "wider": words[Level.SUB_GOAL if wider else Level.STRATEGY],
            "measure": words[Level.MEASURE],
        }
        return AssignForm(data, seats=seats, scopes=self.scopes(), label=label)

    def scopes(self) -> list[tuple]:
        """Sub-goals, then the measures of each; a plan without them, its strategies."""
        branches: dict[str, str] = {}
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in self.measures.values():
            code, name = one.group
            branches.setdefault(code, f"{code} {name}")
            groups.setdefault(f"{code} {name}", []).append((one.code, f"{one.code} {one.name}"))
        return [(_("上層整項"), list(branches.items())), *groups.items()]


class Assign(Experts):
    """A sub-goal or a measure to one expert."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return redirect("review-experts", pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = self.assign_form(loads(self.review), request.POST)
        if not form.is_valid():
            return self.page(form)
        seat = self.seat_of(int(form.cleaned_data["seat"]))
        codes = codes_under(self.edition, form.cleaned_data["scope"])
        new = recusals.assign(seat, codes=codes, by=request.user)
        self.say(seat, new)
        return redirect("review-experts", pk)

    def say(self, seat: Seat, new: list[str]) -> None:
        if not new:
            messages.info(self.request, _("%(name)s已經在評估這些項目。") % {"name": seat.user})
            return
        waiting = seat.recusals.filter(measure_code__in=new, state__in=UNDECIDED).count()
        done = ngettext("請%(name)s評估%(n)d項。", "請%(name)s評估%(n)d項。", len(new)) % {
            "name": seat.user,
            "n": len(new),
        }
        if waiting:
            done += _("其中%(n)d項系統建議迴避，等你決定。") % {"n": waiting}
        messages.success(self.request, done)


class Invite(ExpertsRoom):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rules.may_change(self.review, request.user).enforce()
        return self.page(InviteForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = InviteForm(request.POST)
        if not form.is_valid():
            return self.page(form)
        try:
            invitation, _token = experts.invite(self.review, **form.cleaned_data, by=request.user)
        except Invalid as refusal:
            form.take(refusal)
            return self.page(form)
        say_mailed(request, invitation)
        return redirect("review-experts", pk)

    def page(self, form: InviteForm) -> HttpResponse:
        context = self.context(form=form, days=experts.VALID_DAYS)
        status = 422 if form.is_bound else 200
        return render(self.request, "reports/expert_invite.html", context, status=status)


class MoveInvitation(ExpertsRoom):
    """Send an invitation again, or revoke it."""

    def post(self, request: HttpRequest, pk: int, invitation: int, verb: str) -> HttpResponse:
        rows = Invitation.objects.visible_to(request.user).filter(review=self.review)
        row = rows.select_related("review").filter(pk=invitation).first()
        if row is None or verb not in ("resend", "revoke"):
            raise Http404
        if verb == "resend":
            row, _token = experts.resend(row, by=request.user)
            say_mailed(request, row)
        else:
            experts.revoke(row, by=request.user)
            messages.success(request, _("%(name)s的邀請已經撤銷。") % {"name": row.name})
        return redirect("review-experts", pk)


def say_mailed(request: HttpRequest, invitation: Invitation) -> None:
    """Whether the link went out; it is shown to nobody else."""
    if invitation.mailed_at:
        done = _("邀請已寄給%(name)s（%(email)s）。")
        messages.success(request, done % {"name": invitation.name, "email": invitation.email})
    else:
        messages.error(
            request,
            _("邀請已建立，但郵件沒有寄出給%(name)s；郵件主機恢復後請按「重寄」。")
            % {"name": invitation.name},
        )


class SeatPage(ExpertsRoom):
    """One expert: interests, what was asked and handed in, and what could be asked more."""

    def get(self, request: HttpRequest, pk: int, seat: int) -> HttpResponse:
        return self.page(self.seat_of(seat))

    def post(self, request: HttpRequest, pk: int, seat: int) -> HttpResponse:
        """Asked are from now on exactly the measures that were ticked."""
        row = self.seat_of(seat)
        wanted = {code for code in request.POST.getlist("codes") if code in self.measures}
        held = set(row.items.values_list("measure_code", flat=True))
        gone = recusals.unassign(row, codes=held & self.measures.keys() - wanted, by=request.user)
        new = recusals.assign(row, codes=wanted - held, by=request.user)
        messages.success(
            request,
            _("%(name)s的分工已更新：加%(new)d項，減%(gone)d項。")
            % {"name": row.user, "new": len(new), "gone": len(gone)},
        )
        return redirect("review-seat", pk, seat)

    def refused_url(self) -> str:
        return reverse("review-seat", args=[self.kwargs["pk"], self.kwargs["seat"]])

    def page(self, seat: Seat, ending: ReasonForm | None = None) -> HttpResponse:
        user = self.request.user
        opinions = {
            row.measure_code: row
            for row in Opinion.objects.visible_to(user).submitted().filter(seat=seat)
        }
        stopped = {row.measure_code: row for row in seat.recusals.all()}
        held = list(seat.items.values_list("measure_code", flat=True))
        experts_on = {one.measure.code: one for one in coverage(self.review, self.edition)}
        groups: dict[str, dict] = {}
        for one in self.measures.values():
            code, name = one.group
            group = groups.setdefault(code, {"code": code, "name": name, "held": 0, "rows": []})
            group["held"] += one.code in held
            group["rows"].append(
                {
                    "measure": one,
                    "held": one.code in held,
                    "cover": experts_on[one.code],
                    "locked": one.code in opinions,
                }
            )
        context = self.context(
            seat=seat,
            changing=rules.may_change(self.review, user),
            items=[
                {
                    "measure": self.measures.get(code),
                    "code": code,
                    "opinion": opinions.get(code),
                    "recusal": stopped.get(code),
                }
                for code in held
            ],
            groups=list(groups.values()),
            ending=ending or ReasonForm(),
        )
        status = 422 if ending is not None else 200
        return render(self.request, "reports/expert_seat.html", context, status=status)


class EndSeat(SeatPage):
    def get(self, request: HttpRequest, pk: int, seat: int) -> HttpResponse:
        return redirect("review-seat", pk, seat)

    def post(self, request: HttpRequest, pk: int, seat: int) -> HttpResponse:
        row, form = self.seat_of(seat), ReasonForm(request.POST)
        if not form.is_valid():
            return self.page(row, form)
        experts.end_seat(row, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("%(name)s已退出，送出的意見保留。") % {"name": row.user})
        return redirect("review-experts", pk)


class DecideRecusal(ExpertsRoom):
    def post(self, request: HttpRequest, pk: int, recusal: int) -> HttpResponse:
        rows = Recusal.objects.visible_to(request.user).filter(seat__review=self.review)
        row = rows.select_related("seat__review").filter(pk=recusal).first()
        if row is None or request.POST.get("decision") not in ("confirm", "dismiss"):
            raise Http404
        confirm = request.POST["decision"] == "confirm"
        reason = request.POST.get("reason", "")
        try:
            row = recusals.decide_recusal(row, confirm=confirm, reason=reason, by=request.user)
        except Invalid as refusal:
            messages.error(request, str(refusal))
        else:
            values = {"name": row.seat.user, "code": row.measure_code}
            done = _("%(name)s迴避%(code)s。") if confirm else _("%(name)s不必迴避%(code)s。")
            messages.success(request, done % values)
        return redirect(f"{reverse('review-experts', args=[pk])}#h-recusals")
