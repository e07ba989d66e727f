"""The room of the synthesis: every node with its numbers and how far its conclusion is."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kit.errors import NotNow
from reports.actions import synthesis as actions
from reports.actions.rebase import rebase
from reports.citations import conclusion_url
from reports.enums import Level
from reports.models import Conclusion
from reports.pages.numbers import Numbers, Row
from reports.queries import synthesis
from reports.rules import reviews as rules
from reports.rules import synthesis as rules_of_synthesis
from reports.views.base import ReviewView

MISSING, DRAFT, FLAGGED, OPEN, READY = "missing", "draft", "flagged", "open", "ready"
STATES = {
    MISSING: gettext_lazy("未寫"),
    FLAGGED: gettext_lazy("資料已變，待確認"),
    DRAFT: gettext_lazy("草稿"),
    OPEN: gettext_lazy("有意見待處理"),
    READY: gettext_lazy("寫定"),
}
WORST = "worst"


@dataclass(frozen=True, slots=True)
class Listed:
    """One node in the list: its figures, its conclusion, and comments on it by whether open."""

    row: Row
    conclusion: Conclusion | None
    comments: int
    open: int
    url: str
    edit_url: str

    @property
    def state(self) -> str:
        """The first that applies, worst first."""
        if self.conclusion is None:
            return MISSING
        if self.conclusion.flagged:
            return FLAGGED
        return READY if self.conclusion.ready else DRAFT

    @property
    def state_word(self) -> str:
        return str(STATES[self.state])

    def fits(self, wanted: str) -> bool:
        return self.open > 0 if wanted == OPEN else self.state == wanted


class SynthesisRoom(ReviewView):
    """Pages of this room: for the science ministry's people, and ministries once they are asked."""

    room = "review-synthesis"

    @cached_property
    def writing(self):
        """Whether this person may write now, with the reason where not."""
        return rules.may_write(self.review, self.request.user)

    @cached_property
    def branches(self) -> dict:
        return synthesis.branches(self.edition) if self.edition else {}

    @cached_property
    def names(self) -> dict:
        return {node: branch.name for node, branch in self.branches.items()}


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of the list under one heading: the goal's own row, or None where they are sorted."""

    head: Row | None
    rows: list[Listed]

    @property
    def drafts(self) -> list[Listed]:
        return [one for one in self.rows if one.state == DRAFT]


class Synthesis(SynthesisRoom):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        review, user = self.review, request.user
        listed = self._listed() if self.edition else []
        goals = [one.row for one in listed if one.row.level == Level.GOAL]
        goal, state = request.GET.get("goal", ""), request.GET.get("state", "")
        sort = request.GET.get("sort", "")
        shown = [
            one
            for one in listed
            if (not goal or str(one.row.goal) == goal) and (not state or one.fits(state))
        ]
        if sort == WORST:
            shown = sorted(
                (one for one in shown if one.row.level == Level.MEASURE),
                key=lambda one: (one.row.attainment is None, one.row.attainment, one.row.code),
            )
        progress = rules_of_synthesis.progress(review, self.edition)
        works = user.is_science_staff
        context = self.context(
            groups=_groups(shown, sort),
            total=len(shown),
            goals=goals,
            states=STATES.items(),
            progress=progress,
            works=works,
            writing=self.writing if works else None,
            older=works and self._older(),
            comments_open=rules_of_synthesis.comments_open(review) if works else 0,
            ministries=rules_of_synthesis.speaks_for(self.edition, user) if self.edition else [],
            filtered=bool(goal or state or sort),
        )
        return render(request, "reports/synthesis.html", context)

    def _listed(self) -> list[Listed]:
        user = self.request.user
        visible = Conclusion.objects.visible_to(user).filter(review=self.review)
        # Comments of other ministries are counted for the science ministry's people only.
        counted = Q() if user.is_science_staff else Q(comments__ministry__in=user.ministry_ids)
        rows = rules_of_synthesis.flagged(visible).annotate(
            said=Count("comments", filter=counted),
            unanswered=Count("comments", filter=counted & Q(comments__answer="")),
        )
        known = {(row.level, row.code): row for row in rows}
        numbers = Numbers(self.edition)
        nodes = [numbers.plan]
        for goal, beneath in numbers.tree():
            nodes += [goal, *beneath]
        return [
            Listed(
                row=node,
                conclusion=(found := known.get((node.level, node.code))),
                comments=found.said if found else 0,
                open=found.unanswered if found else 0,
                url=conclusion_url(self.review.pk, node.level, node.code),
                edit_url=conclusion_url(self.review.pk, node.level, node.code, "conclusion-edit"),
            )
            for node in nodes
        ]

    def _older(self) -> int:
        """Conclusions that still rest on an older edition."""
        rows = Conclusion.objects.filter(review=self.review)
        return rows.exclude(edition=self.edition).count()


def _groups(listed: list[Listed], sort: str) -> list[Group]:
    """Rows by goal, each under its goal's row, the plan first; sorted ones in one group."""
    if sort == WORST:
        return [Group(None, listed)] if listed else []
    groups: dict[int, list[Listed]] = {}
    for one in listed:
        groups.setdefault(one.row.goal, []).append(one)
    return [Group(rows[0].row, rows) for _goal, rows in sorted(groups.items())]


class Prefill(SynthesisRoom):
    """Propose what is missing, and move what there is onto the current edition."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.edition is None:
            raise NotNow(_("還沒有編製任何一版，先到「評估總覽」編製。"))
        with transaction.atomic():
            moved = rebase(self.review, self.edition, by=request.user)
            made = actions.prefill(self.review, self.edition, by=request.user)
        told = [_("已預填%(n)d則結論。") % {"n": made + moved.renewed}]
        if moved.moved:
            told.append(
                _("%(n)d則改依第%(edition)s版，其中%(flagged)d則引用的資料已變，請逐則確認。")
                % {
                    "n": moved.moved,
                    "edition": self.edition.number,
                    "flagged": moved.flagged,
                }
            )
        messages.success(request, "".join(told))
        return redirect("review-synthesis", pk)


class MarkReady(Synthesis):
    """Several conclusions at once, as id:version: those that were ticked (`conclusion`), or with
    `goal` everything of one goal that is complete (`goal-N`); what remains there is then told.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        goal = request.POST.get("goal", "")
        seen = {}
        for value in request.POST.getlist(f"goal-{goal}" if goal else "conclusion"):
            row, _colon, version = value.partition(":")
            if row.isdecimal() and version.isdecimal():
                seen[int(row)] = int(version)
        if goal.isdecimal() and seen:
            self._mark_goal(int(goal), seen)
        elif seen:
            count = actions.mark_all_ready(self.review, seen, by=request.user)
            messages.success(request, _("已寫定%(n)d則結論。") % {"n": count})
        else:
            messages.warning(request, _("還沒有選取任何結論。"))
        return redirect("review-synthesis", pk)

    def _mark_goal(self, goal: int, seen: dict[int, int]) -> None:
        count, why = actions.mark_complete(self.review, seen, by=self.request.user)
        reasons: dict[str, list[str]] = {}
        for one in self._listed():
            if one.row.goal == goal and one.state != READY:
                reason = why.get(one.conclusion.pk, "") if one.conclusion else ""
                reasons.setdefault(reason or one.state_word, []).append(
                    one.row.code or one.row.name
                )
        told = [_("已寫定%(n)d則結論。") % {"n": count}]
        if reasons:
            left = [f"{_('、').join(codes)}（{reason}）" for reason, codes in reasons.items()]
            told.append(_("還沒有寫定的：%(left)s") % {"left": _("；").join(left)})
        add = messages.warning if reasons else messages.success
        add(self.request, "".join(told))
