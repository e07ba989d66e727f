"""Comments of ministries on the conclusions: what concerns them; for the reviewer, all of them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ministries.models import Ministry
from reports import attainment
from reports.actions import comments
from reports.citations import conclusion_url
from reports.documents.content import words
from reports.models import Comment
from reports.queries import synthesis
from reports.rules import synthesis as rules_of_synthesis
from reports.views.synthesis import SynthesisRoom


class Comments(SynthesisRoom):
    """For the science ministry's people every comment, the unanswered first, and who was heard;
    for a ministry the conclusions that concern it, with its own comments.
    """

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        review, user = self.review, request.user
        rows = list(
            Comment.objects.visible_to(user)
            .filter(conclusion__review=review)
            .select_related("conclusion", "ministry", "by", "answered_by")
            .order_by("conclusion__ordinal", "ministry__code")
        )
        works = user.is_science_staff
        context = self.context(
            works=works,
            comments=[(row, *self._named(row.conclusion)) for row in _open_first(rows)]
            if works
            else [],
            heard=self._heard(rows) if works else [],
            desks=[] if works else self._desks(rows),
            open=sum(not row.answer for row in rows),
            answering=rules_of_synthesis.may_answer(review, user) if works else None,
        )
        return render(request, "reports/comments.html", context)

    def _named(self, row) -> tuple[str, str]:
        node = (row.level, row.code)
        return conclusion_url(self.review.pk, *node), self.names.get(node, "")

    def _heard(self, rows: list[Comment]) -> list[dict]:
        """Each ministry concerned: how many comments, and whether it said that it is done."""
        if self.edition is None:
            return []
        done = rules_of_synthesis.done(self.review)
        codes = synthesis.concerned(self.branches["plan", ""])
        counts: dict[str, int] = {}
        for row in rows:
            counts[row.ministry.code] = counts.get(row.ministry.code, 0) + 1
        names = self.edition.head["ministries"]
        found = [
            {
                "name": names[code]["short_name"],
                "count": counts.get(code, 0),
                "done": done.get(code),
            }
            for code in sorted(codes)
        ]
        return sorted(found, key=lambda one: one["done"] is not None)

    def _desks(self, rows: list[Comment]) -> list[dict]:
        """For each ministry that this person belongs to: what concerns it, what is below the
        threshold first.
        """
        if self.edition is None:
            return []
        user, done = self.request.user, rules_of_synthesis.done(self.review)
        own = {(row.ministry_id, row.conclusion.level, row.conclusion.code): row for row in rows}
        whole = synthesis.concerned(self.branches["plan", ""])
        found = []
        for ministry in Ministry.objects.filter(pk__in=user.ministry_ids, code__in=whole).order_by(
            "code"
        ):
            nodes = []
            for (level, code), branch in self.branches.items():
                if ministry.code not in synthesis.concerned(branch):
                    continue
                numbers = attainment.of(self.edition.standing, level, code)
                nodes.append(
                    {
                        "branch": branch,
                        "goal": code.partition(".")[0],
                        "url": conclusion_url(self.review.pk, level, code),
                        "attained": words.percent(numbers["attainment"]),
                        "below": numbers["below"],
                        "comment": own.get((ministry.pk, level, code)),
                    }
                )
            said = sum(one["comment"] is not None for one in nodes)
            found.append(
                {
                    "ministry": ministry,
                    "nodes": sorted(nodes, key=lambda one: not one["below"]),
                    "said": said,
                    "done": done.get(ministry.code),
                    "verdict": rules_of_synthesis.may_comment(self.review, ministry, user),
                }
            )
        return found


def _open_first(rows: list[Comment]) -> list[Comment]:
    return sorted(rows, key=lambda row: bool(row.answer))


class SayDone(SynthesisRoom):
    """A ministry says that it has no (further) comments."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        ministry = Ministry.objects.filter(code=request.POST.get("ministry", "")).first()
        if ministry is None:
            raise Http404
        comments.say_done(self.review, ministry, by=request.user)
        messages.success(
            request,
            _("已記下：%(ministry)s的意見表示完畢。") % {"ministry": ministry.short_name},
        )
        return redirect("review-comments", pk)
