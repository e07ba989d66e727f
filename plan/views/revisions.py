"""滾動修正: the list of versions, and one version with its changes and, of a draft, its tree.

What is approved is public, as the plan is; a draft is for those at work on it.
"""

from collections import defaultdict

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from plan import rules
from plan.actions import versions
from plan.enums import NodeLevel, VersionState
from plan.levels import LEVELS
from plan.models import Plan, PlanVersion, PrintedFigure
from plan.printed_sums import mismatches
from plan.queries import entries
from plan.views.version import VersionMixin, told

PAGE_SIZE = 10
_KIND_OF_LINE = {
    NodeLevel.GOAL: "goal",
    NodeLevel.SUB_GOAL: "sub",
    NodeLevel.STRATEGY: "str",
    NodeLevel.MEASURE: "",
}


class RevisionList(VersionMixin, View):
    """Every plan with its versions, and how much of what it prints does not add up; where a draft
    may be opened, and who may.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        seen = self.get_queryset()
        listed = Plan.objects.filter(versions__in=seen).distinct().prefetch_related("versions")
        page = Paginator(listed, PAGE_SIZE).get_page(request.GET.get("page"))
        by_plan = {plan: [] for plan in page}
        by_id = {plan.pk: plan for plan in by_plan}
        rows = seen.filter(plan__in=by_id).annotate(number_of_changes=Count("changes"))
        for version in rows.order_by("-number"):
            by_plan[by_id[version.plan_id]].append(version)
        figures = defaultdict(list)
        for figure in PrintedFigure.objects.filter(plan__in=by_id):
            figures[figure.plan_id].append(figure)
        works = rules.may_see_drafts(request.user)
        plans = [
            {
                "plan": plan,
                "versions": found,
                "opening": rules.may_open_draft(plan, request.user) if works else None,
                "mismatches": len(mismatches(figures[plan.pk])),
            }
            for plan, found in by_plan.items()
        ]
        return render(request, "plan/revision_list.html", {"plans": plans, "page": page})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open a draft of the plan that is named."""
        plan = Plan.objects.filter(slug=request.POST.get("plan", "")).first()
        if plan is None:
            raise Http404
        review = request.POST.get("review", "")[:60]
        draft = versions.open_draft(plan, by=request.user, review_key=review)
        messages.success(request, _("草案已開啟，內容和現行版本相同；每一項修正都要寫理由與依據。"))
        return redirect("revision", draft.pk)


class RevisionPage(VersionMixin, View):
    """One version: its facts, what was changed and why, and, of a draft, the tree to work on."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        editing = rules.may_edit_draft(version, request.user)
        changes = list(version.changes.select_related("by"))
        draft = version.state == VersionState.DRAFT
        works = rules.may_see_drafts(request.user)
        context = {
            "version": version,
            "file": getattr(version, "revision", None),
            "changes": [(change, told(change)) for change in changes],
            "works": works,
            "editing": editing,
            "approving": rules.may_approve_draft(version, request.user)
            if draft and works
            else None,
            "lacking": versions.problems(version) if draft and works else [],
            "tree": tree(version) if draft and version.based_on_id and works else [],
        }
        return render(request, "plan/revision.html", context)


def tree(version: PlanVersion) -> list[dict]:
    """Lines of the draft's tree with the address where each is worked on."""
    ids = {
        (level, str(lineage)): pk
        for level, model in LEVELS.items()
        for lineage, pk in model.objects.filter(version=version).values_list("lineage", "pk")
    }
    lines = []
    for entry in entries(version):
        if entry.implicit:
            continue
        pk = ids[NodeLevel(entry.level), entry.lineage]
        url = reverse("revision-node", args=[version.pk, entry.level, pk])
        lines.append({"entry": entry, "url": url, "kind": _KIND_OF_LINE[entry.level]})
    return lines
