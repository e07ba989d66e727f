"""One review: what stands, what is next, and its moves."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.errors import Invalid
from plan.models import PlanVersion
from reports import jobs
from reports.actions.reviews import MOVES, move, request_compiling
from reports.calculation import printed
from reports.enums import DocumentKind, JobState, ReviewState, ReviewVerb
from reports.forms.reviews import NoteForm
from reports.models import Document
from reports.pages.numbers import Numbers, counts_of_lines
from reports.queries import reviews as queries
from reports.rules import reviews as rules
from reports.tasks import compile_key
from reports.views.base import HEAVY, ReviewView

WORST = 8
# verb → (what the button says, what will happen)
SAYS = {
    ReviewVerb.ASSESS: (
        gettext_lazy("開始專家評估"),
        gettext_lazy("專家看得到分派給自己的卷宗，可以寫意見。"),
    ),
    ReviewVerb.SYNTHESIZE: (
        gettext_lazy("結束專家評估，開始綜整"),
        gettext_lazy("專家不再寫意見；審查人開始寫結論。"),
    ),
    ReviewVerb.ASK_COMMENTS: (
        gettext_lazy("請各部會表示意見"),
        gettext_lazy("部會看得到結論與數字，到期限為止可以表示意見；資料與規則不再變動。"),
    ),
    ReviewVerb.PROPOSE: (
        gettext_lazy("送另一位審查人覆核"),
        gettext_lazy("結論不再變動；由沒有參與撰寫的審查人定稿或退回。"),
    ),
    ReviewVerb.SEND_BACK: (
        gettext_lazy("退回綜整"),
        gettext_lazy("結論、資料與規則又可以改；理由記入評估歷程。"),
    ),
    ReviewVerb.APPROVE: (
        gettext_lazy("定稿"),
        gettext_lazy("結論、意見與會議紀錄隨這一版凍結，之後由彙整人函送。"),
    ),
}
BACKWARD = frozenset({ReviewVerb.SEND_BACK})


@dataclass(frozen=True)
class Button:
    """A move as the page draws it: `url` leads to the page on which it is made, if not here."""

    move: rules.Move
    label: str
    says: str
    primary: bool
    form: NoteForm | None
    url: str = ""


class ReviewPage(ReviewView):
    """One review. The science ministry's people see everything; ministries and experts what they
    are asked, everybody the result once it is published.
    """

    room = "review"
    public = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        parts = rules.parts_played(self.review, request.user)
        if rules.STAFF in parts and "public" not in request.GET:
            return self.staff()
        filing = queries.published_filing(self.review)
        if filing is not None:
            return self.published(filing)
        return self.asked(parts)

    def staff(self, form: NoteForm | None = None, verb: str = "") -> HttpResponse:
        review, edition, user = self.review, self.edition, self.request.user
        numbers = Numbers(edition).with_lines() if edition else None
        job = jobs.last(compile_key(review.pk))
        buttons = self.buttons(form, verb)
        context = self.context(
            buttons=buttons,
            states=list(ReviewState),
            counts=queries.room_counts(review),
            job=job if job and job.state != JobState.DONE else None,
            changing=rules.may_change(review, user),
            stale=edition is not None and edition.rules != review.rules,
            editions=list(review.editions.defer(*HEAVY).order_by("-number")),
            events=list(
                review.events.select_related("by", "edition")
                .defer(*(f"edition__{name}" for name in HEAVY))
                .order_by("-at", "-pk")
            ),
            numbers=numbers,
            rules=printed(edition.rules) if edition else None,
            whole=numbers.plan if numbers else None,
            goals=numbers.goals() if numbers else [],
            worst=numbers.worst(WORST) if numbers else [],
            below=numbers.below() if numbers else 0,
            missing=_missing(edition),
            filing=queries.standing_filing(review),
            published=queries.published_filing(review),
            versions=PlanVersion.objects.visible_to(user).filter(
                revision__review_key=f"review:{review.pk}"
            ),
        )
        status = 422 if form is not None else 200
        return render(self.request, "reports/review.html", context, status=status)

    def buttons(self, form: NoteForm | None, verb: str) -> list[Button]:
        review = self.review
        found = []
        for one in rules.moves(review, self.request.user):
            if one.verb in MOVES:
                label, says = SAYS[one.verb]
                own = form if one.verb == verb else None
                asks = own or NoteForm(
                    initial={"seen_version": review.version}, auto_id=f"id_{one.verb}_%s"
                )
                back = one.verb in BACKWARD or one.note
                found.append(Button(one, str(label), str(says), one.ok and not back, asks))
            else:
                url = reverse("review-filing", args=[review.pk])
                last = one.verb == ReviewVerb.WITHDRAW
                found.append(Button(one, one.label, "", one.ok and not last, None, url))
        # One primary button at most, and what leads on first.
        found.sort(key=lambda button: not button.primary)
        return found

    def asked(self, parts: frozenset[str]) -> HttpResponse:
        """For ministries and experts, before the result is public."""
        numbers = None
        if self.edition and rules.may_see_numbers(self.review, self.request.user):
            numbers = Numbers(self.edition).with_lines()
        context = self.context(
            parts=parts,
            rules=printed(self.edition.rules) if self.edition else None,
            whole=numbers.plan if numbers else None,
            goals=numbers.goals() if numbers else [],
            numbers=numbers,
        )
        return render(self.request, "reports/review_asked.html", context)

    def published(self, filing) -> HttpResponse:
        """The result as it was filed, read from the frozen edition alone."""
        edition, user = filing.edition, self.request.user
        numbers = Numbers(edition)
        said = edition.closing["conclusions"] if edition.closing else []
        texts = {(row["level"], row["code"]): row["paragraphs"] for row in said}
        kinds = (DocumentKind.MAIN, DocumentKind.FIGURES)
        documents = Document.objects.visible_to(user).filter(
            subject=f"edition:{edition.pk}", kind__in=kinds
        )
        newest = {(row.kind, row.format): row for row in documents.order_by("created_at", "pk")}
        context = self.context(
            filing=filing,
            frozen=edition,
            rules=printed(edition.rules),
            whole=numbers.plan,
            summary=texts.get(("plan", ""), []),
            tree=[
                (goal, texts.get(("goal", goal.code), []), _told(rows, texts))
                for goal, rows in numbers.tree()
            ],
            below=numbers.below(),
            documents=sorted(newest.values(), key=lambda row: (row.kind != "main", row.format)),
        )
        return render(self.request, "reports/review_public.html", context)


def _told(rows: list, texts: dict) -> list[tuple]:
    return [(row, texts.get((row.level, row.code), [])) for row in rows]


def _missing(edition) -> int:
    """How many duties of the edition lack an accepted report that is owed."""
    if edition is None:
        return 0
    fine = ("accepted", "nothing_to_report", "not_applicable")
    return sum(
        number
        for _year, counts in counts_of_lines(edition)
        for state, number in counts.items()
        if state not in fine
    )


class ReviewCompile(ReviewView):
    """Queue the compilation; the review's page shows how far it is."""

    room = "review"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        request_compiling(self.review, by=request.user)
        return HttpResponseRedirect(reverse("review", args=[pk]) + "#h-editions")


class ReviewMove(ReviewPage):
    """One step along the road; a missing reason shows on the review's own page."""

    public = False
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        review = self.review
        rules.verdict(verb, review, request.user).enforce()
        form = NoteForm(request.POST, auto_id=f"id_{verb}_%s")
        if form.is_valid():
            told = form.cleaned_data
            try:
                row = move(
                    review,
                    verb,
                    seen_version=told["seen_version"],
                    note=told["note"],
                    by=request.user,
                )
            except Invalid as refusal:
                form.mark(refusal.errors)
            else:
                state = row.get_state_display()
                messages.success(request, _("現在是「%(state)s」。") % {"state": state})
                return redirect("review", pk)
        return self.staff(form, verb)
