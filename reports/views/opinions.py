"""Opinions that were handed in: read by those who may, sent to ministries, and answered."""

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from config.kit.errors import Invalid
from config.kit.views import RefusalMixin, ScopedMixin
from reports.actions import opinions as actions
from reports.forms.experts import ReplyForm
from reports.models import Opinion, OpinionReply, Review
from reports.pages import dossier
from reports.queries.experts import labels, measures_of
from reports.queries.reviews import current_edition
from reports.rules import experts as rules_of_experts
from reports.views.base import ReviewView


def shown_scores(opinion: Opinion, review: Review) -> list[tuple[str, int | None]]:
    """(criterion, score) of those that were answered, in the review's order."""
    return [
        (criterion["name"], opinion.scores[criterion["key"]])
        for criterion in review.criteria
        if criterion["key"] in opinion.scores
    ]


def told(opinion: Opinion, names: dict[int, str], user) -> dict:
    """What a page shows of an opinion. To all but the science ministry's people its author is
    專家1, so that experts write freely. `names`: `queries_of_experts.labels`.
    """
    return {
        "opinion": opinion,
        "label": names[opinion.seat_id],
        "author": opinion.seat.user if user.is_science_staff else None,
        "scores": shown_scores(opinion, opinion.seat.review),
        "replies": [
            {
                "reply": reply,
                "earlier": bool(opinion.submitted_at) and reply.at < opinion.submitted_at,
            }
            for reply in opinion.replies.all()
        ],
    }


def readable(user) -> QuerySet[Opinion]:
    """Opinions handed in that this person may read, with their replies."""
    replies = OpinionReply.objects.select_related("ministry", "by")
    return (
        Opinion.objects.visible_to(user)
        .submitted()
        .select_related("seat__user", "seat__review", "edition")
        .prefetch_related(Prefetch("replies", replies))
    )


class Opinions(ReviewView):
    """Opinions that may be read here: by ministries those sent on their measures, with a form to
    answer; by the science ministry's people all that were handed in."""

    room = "review-opinions"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page()

    def page(self, bound: tuple[int, ReplyForm] | None = None) -> HttpResponse:
        review, user = self.review, self.request.user
        measures = measures_of(self.edition)
        rows = list(readable(user).filter(seat__review=review))
        if not user.is_science_staff:
            rows = [row for row in rows if row.sent_at]
        order = {code: place for place, code in enumerate(measures)}
        rows.sort(key=lambda row: (order.get(row.measure_code, len(order)), row.pk))
        names, shown, waiting = labels(review), [], 0
        answering = rules_of_experts.answering(rows, user)
        for row in rows:
            bodies = answering[row.pk]
            verdict = rules_of_experts.may_reply(row, bodies)
            mine = {reply.ministry_id: reply for reply in row.replies.all()}
            answered = next((mine[one.pk] for one in bodies if one.pk in mine), None)
            waiting += bool(verdict) and answered is None
            form = None
            if verdict:
                form = (
                    bound[1]
                    if bound and bound[0] == row.pk
                    else ReplyForm(
                        initial={"text": answered.text if answered else ""},
                        auto_id=f"reply_{row.pk}_%s",
                    )
                )
            shown.append(
                {
                    **told(row, names, user),
                    "measure": measures.get(row.measure_code),
                    "form": form,
                    "answered": answered,
                    "bodies": bodies,
                }
            )
        context = self.context(
            shown=shown,
            waiting=waiting,
            reads_all=user.is_science_staff,
            unsent=sum(row.sent_at is None for row in rows),
            sending=rules_of_experts.may_send(review, user),
        )
        status = 422 if bound else 200
        return render(self.request, "reports/opinions.html", context, status=status)


class Send(ReviewView):
    """Let ministries read everything that was handed in and not sent yet."""

    room = "review-opinions"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        sent = actions.send_opinions(self.review, by=request.user)
        if sent:
            done = ngettext(
                "%(n)d份意見已送給相關部會，窗口會收到通知。",
                "%(n)d份意見已送給相關部會，窗口會收到通知。",
                sent,
            )
            messages.success(request, done % {"n": sent})
        else:
            messages.info(request, _("沒有還沒送的意見。"))
        return redirect("review-opinions", pk)


class OpinionShow(ScopedMixin, View):
    """One opinion: what a citation opens. Out of sight it answers 404."""

    model = Opinion

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = readable(request.user).filter(pk=pk).first()
        if row is None:
            raise Http404
        review = row.seat.review
        edition = current_edition(review)
        context = {
            **told(row, labels(review), request.user),
            "review": review,
            "edition": row.edition,
            "measure": measures_of(row.edition).get(row.measure_code),
            "changes": dossier.changes_since(row.edition, edition, row.measure_code)
            if edition != row.edition
            else [],
            **dossier.reading_of(row.edition, row.measure_code),
        }
        return render(request, "reports/opinion_show.html", context)


class Reply(RefusalMixin, ScopedMixin, View):
    """A ministry's answer to one opinion."""

    model = Opinion

    @cached_property
    def row(self) -> Opinion:
        row = readable(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        return row

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ReplyForm(request.POST, auto_id=f"reply_{self.row.pk}_%s")
        bodies = rules_of_experts.answering([self.row], request.user)[self.row.pk]
        rules_of_experts.may_reply(self.row, bodies).enforce()
        if form.is_valid():
            try:
                answer = actions.reply(self.row, **form.cleaned_data, by=request.user)
            except Invalid as refusal:
                form.take(refusal)
            else:
                done = _("%(ministry)s對%(code)s的回復已存。")
                messages.success(
                    request,
                    done % {"ministry": answer.ministry, "code": self.row.measure_code},
                )
                return redirect(f"{self.refused_url()}#o{self.row.pk}")
        page = Opinions()
        page.setup(request, pk=self.row.seat.review_id)
        return page.page((self.row.pk, form))

    def refused_url(self) -> str:
        return reverse("review-opinions", args=[self.row.seat.review_id])
