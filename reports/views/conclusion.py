"""One conclusion to read, with what each paragraph rests on, and what ministries said of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow, StaleVersion
from ministries.models import Ministry
from reports import attainment
from reports.actions import comments
from reports.actions import synthesis as actions
from reports.citations import PLAN, Cites, conclusion_url
from reports.documents.content import words
from reports.enums import Level
from reports.explained import explain
from reports.models import Comment, Conclusion
from reports.queries import lineage, synthesis
from reports.queries import reviews as queries
from reports.rules import synthesis as rules_of_synthesis
from reports.views.synthesis import SynthesisRoom


class ConclusionView(SynthesisRoom):
    """Pages of the node that the address names by level and code; 404 where it is out of sight."""

    room = ""

    @cached_property
    def node(self) -> synthesis.Node:
        level, code = self.kwargs["level"], self.kwargs["code"]
        # A NUL reaches PostgreSQL as a fault, and is no code.
        if (level == Level.PLAN) != (code == PLAN) or "\0" in code:
            raise Http404
        return level, "" if level == Level.PLAN else code

    @cached_property
    def conclusion(self) -> Conclusion:
        rows = Conclusion.objects.visible_to(self.request.user).filter(
            review=self.review, level=self.node[0], code=self.node[1]
        )
        row = (
            rules_of_synthesis.flagged(rows)
            .select_related("review", "edition", "saved_by", "ready_by")
            .first()
        )
        if row is None or self.node not in self.branches:
            raise Http404
        return row

    @cached_property
    def edition(self):
        """The public reads the edition that was filed, others the current one."""
        if not self.request.user.is_authenticated:
            filing = queries.published_filing(self.review)
            return filing.edition if filing else None
        return queries.current_edition(self.review)

    @cached_property
    def cites(self) -> Cites:
        return Cites(self.review, self.request.user, self.names, own=self.node[1])

    def address(self, name: str = "conclusion") -> str:
        return conclusion_url(self.review.pk, *self.node, name)

    def refused_url(self) -> str:
        return reverse("conclusion", args=[self.kwargs[one] for one in ("pk", "level", "code")])

    def context(self, **more: object) -> dict:
        row, branch = self.conclusion, self.branches[self.node]
        order = list(self.branches)
        place = order.index(self.node)
        numbers = attainment.of(self.edition.standing, *self.node)
        return super().context(
            **{
                "conclusion": row,
                "branch": branch,
                "level_name": queries.level_words(self.edition).get(
                    branch.level, Level(branch.level).label
                ),
                "parted": self._parted(),
                "goal": branch.code.partition(".")[0],
                "numbers": numbers,
                "attained": words.percent(numbers["attainment"]),
                "band": words.band(self.edition.rules, numbers["band"]),
                "threshold": words.number(self.edition.rules["threshold"]),
                "explained": explain(
                    numbers,
                    self.edition.head["version"]["level_names"],
                    branch.beneath[0].level if branch.beneath else "",
                ),
                "share": attainment.unknown_share(numbers),
                "parents": self._parents(),
                "previous": self._link(order[place - 1]) if place else None,
                "next": self._link(order[place + 1]) if place + 1 < len(order) else None,
                "address_code": branch.code or PLAN,
                **more,
            }
        )

    def _parted(self) -> list[str]:
        """Codes of what a revision made of this measure, where it was split or merged."""
        level, code = self.node
        if level != Level.MEASURE:
            return []
        return lineage.parted(self.review, self.edition.head).get(code, [])

    def _link(self, node: synthesis.Node) -> tuple[str, str]:
        return conclusion_url(self.review.pk, *node), " ".join(
            filter(None, [node[1], self.names[node]])
        )

    def _parents(self) -> list[tuple[str, str]]:
        """Nodes above, the plan first."""
        above = []
        for node, branch in self.branches.items():
            if node != self.node and any(
                (one.level, one.code) == self.node for one in synthesis.walk(branch)
            ):
                above.append(self._link(node))
        return above


class ConclusionPage(ConclusionView):
    public = True

    def get(self, request: HttpRequest, pk: int, level: str, code: str) -> HttpResponse:
        return self.page()

    def page(
        self, *, errors: dict | None = None, typed: dict | None = None, status: int = 200
    ) -> HttpResponse:
        """`typed` is what could not be taken: a ministry's code or a comment's id → text."""
        row, user, errors, typed = self.conclusion, self.request.user, errors or {}, typed or {}
        told = self.cites.told(row)
        numbered: dict[str, int] = {}
        listed, paragraphs = [], []
        for text, cites in told:
            for one in cites:
                if one.token not in numbered:
                    numbered[one.token] = len(numbered) + 1
                    listed.append((numbered[one.token], one))
            paragraphs.append((text, [(numbered[one.token], one) for one in cites]))
        rows = Comment.objects.visible_to(user).filter(conclusion=row)
        said = list(rows.select_related("ministry", "by", "answered_by"))
        answering = rules_of_synthesis.may_answer(self.review, user)
        forms = self._forms(said, errors, typed)
        typing = {
            one["comment"].pk
            for one in forms
            if one["comment"] and one["verdict"] and not (one["answered"] or one["error"])
        }
        context = self.context(
            with_acts=user.is_authenticated and user.is_science_staff,
            paragraphs=paragraphs,
            cited=listed,
            comments=[
                (one, typed.get(one.pk, one.answer), errors.get(one.pk, ""))
                for one in said
                if one.pk not in typing
            ],
            answering=answering if user.is_authenticated and user.is_science_staff else None,
            forms=forms,
            works=user.is_authenticated and user.is_science_staff,
            writing=self.writing,
            not_ready=actions.not_ready(row, self.edition) if self.writing else "",
        )
        return render(self.request, "reports/conclusion.html", context, status=status)

    def _forms(self, said: list[Comment], errors: dict, typed: dict) -> list[dict]:
        """One form for each ministry that this person speaks for and that the node concerns."""
        user = self.request.user
        if not user.is_authenticated:
            return []
        concerned = synthesis.concerned(self.branches[self.node])
        own = {one.ministry_id: one for one in said}
        found = []
        for ministry in rules_of_synthesis.speaks_for(self.edition, user):
            if ministry.code not in concerned:
                continue
            row = own.get(ministry.pk)
            answered = row is not None and bool(row.answer)
            found.append(
                {
                    "ministry": ministry,
                    "comment": row,
                    "verdict": rules_of_synthesis.may_comment(self.review, ministry, user),
                    "answered": answered,
                    "text": typed.get(ministry.code, row.text if row else ""),
                    "error": errors.get(ministry.code, ""),
                }
            )
        return found


class Ready(ConclusionView):
    """Mark this one as ready, or take it back; `do` says which."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, level: str, code: str) -> HttpResponse:
        row, seen = self.conclusion, number_in(request.POST.get("seen_version"))
        if request.POST.get("do") == "unready":
            actions.unmark_ready(row, seen_version=seen, by=request.user)
            messages.success(request, _("改回草稿了。"))
        else:
            actions.mark_ready(row, seen_version=seen, by=request.user)
            messages.success(request, _("已寫定這則結論。"))
        return redirect(self.address())


class MakeComment(ConclusionPage):
    """A ministry's comment on this conclusion."""

    public = False
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, level: str, code: str) -> HttpResponse:
        row = self.conclusion
        given = request.POST.get("ministry", "")
        ministry = Ministry.objects.filter(code=given).first()
        if ministry is None:
            raise Http404
        text = request.POST.get("text", "")
        try:
            comments.comment(
                row,
                ministry,
                text,
                seen_version=number_in(request.POST.get("seen_version")),
                by=request.user,
            )
        except Invalid as refusal:
            errors = {given: " ".join(refusal.errors["text"])}
            return self.page(errors=errors, typed={given: text}, status=422)
        except (NotNow, StaleVersion) as refusal:
            return self.page(errors={given: str(refusal)}, typed={given: text}, status=409)
        messages.success(
            request, _("已存下%(ministry)s的意見。") % {"ministry": ministry.short_name}
        )
        return redirect(self.address())


class Answer(ConclusionPage):
    """The reviewer's answer to one comment on this conclusion."""

    public = False
    http_method_names = ["post"]

    def post(
        self, request: HttpRequest, pk: int, level: str, code: str, comment: int
    ) -> HttpResponse:
        rows = Comment.objects.visible_to(request.user).filter(conclusion=self.conclusion)
        row = rows.select_related("conclusion").filter(pk=comment).first()
        if row is None:
            raise Http404
        text = request.POST.get("answer", "")
        seen = number_in(request.POST.get("seen_version"))
        try:
            comments.answer(row, text, seen_version=seen, by=request.user)
        except Invalid as refusal:
            errors = {comment: " ".join(refusal.errors["answer"])}
            return self.page(errors=errors, typed={comment: text}, status=422)
        except (NotNow, StaleVersion) as refusal:
            return self.page(errors={comment: str(refusal)}, typed={comment: text}, status=409)
        messages.success(request, _("已存下處理情形。"))
        if request.POST.get("next") == "comments":
            return redirect("review-comments", self.review.pk)
        return redirect(self.address())


def number_in(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
