"""滾動修正: versions of plans, a draft with its verbs, redline, crosswalk, approval.

What is approved is public, as the plan is; a draft is for those at work on it.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views import View

from config.kit.csv import csv_response
from config.kit.errors import Invalid, StaleVersion
from config.kit.views import RefusalMixin, ScopedMixin
from plan import revision as comparison
from plan import rules
from plan.actions import revise, versions
from plan.actions.revise import ABOVE, BELOW, Node
from plan.actions.versions import LEVELS
from plan.enums import ChangeKind, NodeLevel, VersionState
from plan.forms import (
    AddForm,
    ApproveForm,
    ChangeForm,
    EndForm,
    MergeForm,
    MoveForm,
    ReassignForm,
    RenumberForm,
    RewordForm,
    SplitForm,
)
from plan.models import Change, Measure, Plan, PlanVersion
from plan.queries import crosswalk, entries, redline, spelled, vision_rows

PLAN = "plan"  # stands for the level above the goals in addresses; its id is 0


class VersionMixin(RefusalMixin, ScopedMixin):
    """Pages about one version that this person may see."""

    model = PlanVersion
    public = True

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related(
                "plan", "based_on__plan", "revision__opened_by", "revision__approved_by"
            )
        )

    def refused_url(self) -> str:
        if "pk" in self.kwargs:
            return reverse("revision", args=[self.kwargs["pk"]])
        return reverse("revision-list")


class RevisionList(VersionMixin, View):
    """Every plan with its versions; where a draft may be opened, and who may."""

    def get(self, request: HttpRequest) -> HttpResponse:
        by_plan = defaultdict(list)
        rows = self.get_queryset().annotate(number_of_changes=Count("changes"))
        for version in rows.order_by("-plan__start_year", "plan__slug", "-number"):
            by_plan[version.plan].append(version)
        works = rules.may_see_drafts(request.user)
        plans = [
            {
                "plan": plan,
                "versions": found,
                "opening": rules.may_open_draft(plan, request.user) if works else None,
            }
            for plan, found in by_plan.items()
        ]
        return render(request, "plan/revision_list.html", {"plans": plans})

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


def told(change: Change) -> list[tuple[str, str]]:
    """Before and after of a change as lines to set side by side."""
    sides = [
        "\n".join(
            f"{node['code']} {node['name']}"
            + (f"（{node['duties']}）" if change.kind == ChangeKind.REASSIGN else "")
            for node in side
        )
        for side in (change.before, change.after)
    ]
    return [
        (label, text) for label, text in zip((_("原為"), _("改為")), sides, strict=True) if text
    ]


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


_KIND_OF_LINE = {
    NodeLevel.GOAL: "goal",
    NodeLevel.SUB_GOAL: "sub",
    NodeLevel.STRATEGY: "str",
    NodeLevel.MEASURE: "",
}


# --- one node and its verbs -----------------------------------------------------------------------
@dataclass(frozen=True)
class Tool:
    """One verb on a node's page: its form, and the action that the filled form is handed to."""

    verb: str
    label: str
    says: str
    form: Callable[..., ChangeForm]
    act: Callable[[Any], Change]
    stop: bool = False


class NodePage(VersionMixin, View):
    """A node of a draft with a form for each verb that fits it. A form that is refused comes back
    with what was typed, also where somebody else was faster.
    """

    public = False

    def get(self, request: HttpRequest, pk: int, level: str, node: int) -> HttpResponse:
        version, row = self.find()
        rules.may_edit_draft(version, request.user).enforce()
        return self.show(version, row)

    def post(self, request: HttpRequest, pk: int, level: str, node: int, verb: str) -> HttpResponse:
        version, row = self.find()
        rules.may_edit_draft(version, request.user).enforce()
        tool = next((one for one in self.tools(version, row) if one.verb == verb), None)
        if tool is None:
            raise Http404
        form = tool.form(request.POST, prefix=verb)
        if not form.is_valid():
            return self.show(version, row, verb, form, status=422)
        try:
            change = tool.act(form)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.show(version, row, verb, form, status=422)
        except StaleVersion as refusal:
            return self.show_stale(version, row, verb, form, refusal)
        messages.success(request, self.done(version, change))
        return redirect("revision", version.pk)

    def find(self) -> tuple[PlanVersion, Node | None]:
        version, level = self.get_row(), self.kwargs["level"]
        if level == PLAN:
            return version, None
        if level not in NodeLevel.values:
            raise Http404
        row = LEVELS[level].objects.filter(version=version, pk=self.kwargs["node"]).first()
        if row is None:
            raise Http404
        row.version = version
        return version, row

    def show(
        self,
        version: PlanVersion,
        row: Node | None,
        verb: str = "",
        form: forms.Form | None = None,
        *,
        meanwhile: list | None = None,
        status: int = 200,
    ) -> HttpResponse:
        start = {"seen_edits": version.edits}
        tools = []
        for tool in self.tools(version, row):
            shown = form if tool.verb == verb else tool.form(initial=start, prefix=tool.verb)
            url = reverse("revision-verb", args=[version.pk, *self.place(row), tool.verb])
            tools.append({"tool": tool, "form": shown, "url": url, "open": tool.verb == verb})
        context = {
            "version": version,
            "node": row,
            "level": level_name(version, revise.level_of(row)) if row else _("整個計畫"),
            "duties": self.printed(row),
            "tools": tools,
            "meanwhile": meanwhile,
        }
        return render(self.request, "plan/revision_node.html", context, status=status)

    def show_stale(
        self,
        version: PlanVersion,
        row: Node | None,
        verb: str,
        form: ChangeForm,
        refusal: StaleVersion,
    ) -> HttpResponse:
        """What was typed, beside the changes that came in between; sending it again means both."""
        since = version.changes.select_related("by").order_by("pk")
        seen = form.cleaned_data["seen_edits"]
        form.data = form.data.copy()
        form.data[f"{verb}-seen_edits"] = refusal.current.edits
        meanwhile = [(change, told(change)) for change in since[max(seen - 1, 0) :]]
        return self.show(version, row, verb, form, meanwhile=meanwhile, status=409)

    @staticmethod
    def place(row: Node | None) -> tuple[str, int]:
        return (revise.level_of(row).value, row.pk) if row else (PLAN, 0)

    @staticmethod
    def printed(row: Node | None) -> str:
        if isinstance(row, Measure):
            held = row.assignments.filter(until__isnull=True).order_by("role", "order")
            return spelled(held.values_list("role", "ministry__short_name"))
        return getattr(row, "cell", "")

    def tools(self, version: PlanVersion, row: Node | None) -> list[Tool]:
        """The verbs that fit the node, each bound to it."""
        user = self.request.user

        def given(form: ChangeForm) -> dict:
            return {"why": form.why, "seen_edits": form.cleaned_data["seen_edits"], "by": user}

        found: list[Tool] = []
        if row is not None:
            found += self._own(version, row, given)
        # Under an implicit sub-goal stands what is shown directly under its goal.
        holder = row
        if row is not None and revise.level_of(row) == NodeLevel.GOAL:
            holder = row.sub_goals.filter(implicit=True).first() or row
        level = revise.level_of(holder) if holder else None
        below = _below(level)
        if below is None:
            return found
        bodies = below in (NodeLevel.STRATEGY, NodeLevel.MEASURE)
        name = level_name(version, below)
        found.append(
            Tool(
                "add",
                _("新增%(level)s") % {"level": name},
                _("排在最後，用下一個號碼；現行版本用過的號碼不再用。"),
                lambda *args, **kwargs: AddForm(
                    *args, bodies=bodies, required=below == NodeLevel.STRATEGY, **kwargs
                ),
                lambda form: revise.add(
                    version,
                    below,
                    under=holder,
                    name=form.cleaned_data["name"],
                    text=form.cleaned_data["text"],
                    duties=form.cleaned_data.get("leads"),
                    **given(form),
                ),
            )
        )
        siblings = list(
            version.goals.order_by("ordinal")
            if holder is None
            else getattr(holder, BELOW[level]).order_by("ordinal")
        )
        if siblings and not getattr(siblings[0], "implicit", False):
            found.append(
                Tool(
                    "renumber",
                    _("%(level)s重新編號") % {"level": name},
                    _("從1起依順序編號，底下各層的編號跟著改。"),
                    lambda *args, **kwargs: RenumberForm(*args, siblings=siblings, **kwargs),
                    lambda form: revise.renumber(version, holder, order=form.order, **given(form)),
                )
            )
        return found

    def _own(self, version: PlanVersion, row: Node, given: Callable) -> list[Tool]:
        level = revise.level_of(row)
        found = [
            Tool(
                "reword",
                _("修改文字"),
                _("沿革不變；報告仍接得上。"),
                lambda *args, **kwargs: RewordForm(*args, node=row, **kwargs),
                lambda form: revise.reword(version, row, fields=form.given, **given(form)),
            )
        ]
        if level in (NodeLevel.STRATEGY, NodeLevel.MEASURE):
            printed = self.printed(row)
            found.append(
                Tool(
                    "reassign",
                    _("調整分工"),
                    _("生效日在核定時登錄；生效以前由原來的部會負責。"),
                    lambda *args, **kwargs: ReassignForm(*args, printed=printed, **kwargs),
                    lambda form: revise.reassign(
                        version, row, duties=form.cleaned_data["leads"], **given(form)
                    ),
                )
            )
        if level == NodeLevel.MEASURE:
            others = version.measures.exclude(pk=row.pk).order_by("position")
            found += [
                Tool(
                    "split",
                    _("分割"),
                    _("原措施由兩項以上取代；以前的報告在各項底下都看得到。"),
                    lambda *args, **kwargs: SplitForm(*args, text=row.description, **kwargs),
                    lambda form: revise.split(version, row, parts=form.parts, **given(form)),
                ),
                Tool(
                    "merge",
                    _("合併"),
                    _("選取的各項由一項取代，用這一項的編號。"),
                    lambda *args, **kwargs: MergeForm(*args, others=others, **kwargs),
                    lambda form: revise.merge(
                        version,
                        [row, *others.filter(pk__in=form.cleaned_data["measures"])],
                        name=form.cleaned_data["name"],
                        description=form.cleaned_data["text"],
                        duties=form.cleaned_data["leads"],
                        **given(form),
                    ),
                ),
            ]
        places = self._places(version, row, level)
        if places:
            found.append(
                Tool(
                    "move",
                    _("移列"),
                    _("連同底下的各層一起移，沿革不變。"),
                    lambda *args, **kwargs: MoveForm(*args, places=places, **kwargs),
                    lambda form: revise.move(
                        version,
                        row,
                        under=next(p for p in places if p.pk == form.cleaned_data["under"]),
                        **given(form),
                    ),
                )
            )
        found.append(
            Tool(
                "end",
                _("終止"),
                _("連同底下的各層一起終止；已有的報告留在原版本。"),
                EndForm,
                lambda form: revise.end(version, row, **given(form)),
                stop=True,
            )
        )
        return found

    @staticmethod
    def _places(version: PlanVersion, row: Node, level: NodeLevel) -> list[Node]:
        """What it can be moved under."""
        if level not in ABOVE:
            return []
        above, column = ABOVE[level]
        rows = LEVELS[above].objects.filter(version=version)
        rows = rows.exclude(pk=getattr(row, f"{column}_id")).order_by("pk")
        if level == NodeLevel.SUB_GOAL:
            rows = rows.exclude(sub_goals__implicit=True)
        if above == NodeLevel.SUB_GOAL:
            rows = rows.select_related("goal").order_by("goal__ordinal", "ordinal")
        return list(rows)

    @staticmethod
    def done(version: PlanVersion, change: Change) -> str:
        return format_html(
            '{} <a href="{}#h-changes">{}</a>',
            _("已%(kind)s。") % {"kind": change.get_kind_display()},
            reverse("revision", args=[version.pk]),
            _("看全部修正"),
        )


def _below(level: NodeLevel | None) -> NodeLevel | None:
    """The level under this one; None above the goals."""
    order = list(NodeLevel)
    if level is None:
        return order[0]
    place = order.index(level) + 1
    return order[place] if place < len(order) else None


def level_name(version: PlanVersion, level: str) -> str:
    """What the version calls the level."""
    name = version.level_names.get(level)
    return _(name) if name else str(NodeLevel(level).label)


# --- comparisons ----------------------------------------------------------------------------------
class Redline(VersionMixin, View):
    """The version against the one before it, as officials set it out: new, old, why."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        rows = redline(version)
        why = reasons(version)
        context = {
            "version": version,
            "rows": [
                {
                    "row": row,
                    "level": level_name(version, row.level),
                    "kinds": [ChangeKind(kind).label for kind in row.kinds],
                    "aspects": [
                        (aspect_name(aspect.key), *aspect.marked) for aspect in row.aspects
                    ],
                    "why": why_of(row, why),
                }
                for row in rows
            ],
        }
        return render(request, "plan/revision_redline.html", context)


def reasons(version: PlanVersion) -> dict[str, list[Change]]:
    """Lineage → the changes that are about it, in their order."""
    found = defaultdict(list)
    for change in version.changes.all():
        for lineage in change.lineages:
            found[lineage].append(change)
    return found


def why_of(row: comparison.Row, found: dict[str, list[Change]]) -> list[Change]:
    """The changes behind a line; none where its code only follows from what stands above it."""
    changes = {change.pk: change for lineage in row.lineages for change in found[lineage]}
    return [changes[pk] for pk in sorted(changes)]


def aspect_name(key: str) -> str:
    return {"heading": _("名稱"), "duties": _("分工"), "text": _("內容")}[key]


class Crosswalk(VersionMixin, View):
    """Codes of the version before and of this one, both ways; `?format=csv` gives the pairs."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        pairs = crosswalk(version)
        if request.GET.get("format") == "csv":
            name = f"{version.plan.slug}-crosswalk-{version.number}.csv"
            return csv_response(
                name,
                ("old_code", "old_name", "kind", "new_code", "new_name"),
                (
                    (
                        pair.old.code if pair.old else "",
                        pair.old.name if pair.old else "",
                        pair.kind,
                        pair.new.code if pair.new else "",
                        pair.new.name if pair.new else "",
                    )
                    for pair in pairs
                ),
            )
        labels = {comparison.KEPT: _("不變"), **dict(ChangeKind.choices)}
        rows = [(pair, labels[pair.kind]) for pair in pairs]
        context = {
            "version": version,
            "forward": [(pair, label) for pair, label in rows if pair.old],
            "back": sorted(
                ((pair, label) for pair, label in rows if pair.new),
                key=lambda line: _number(line[0].new.code),
            ),
            "changed": sum(pair.kind != comparison.KEPT for pair in pairs),
        }
        return render(request, "plan/revision_crosswalk.html", context)


def _number(code: str) -> list[tuple[int, str]]:
    """Sorts 1.10 after 1.9."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in code.split(".")]


class Vision(VersionMixin, View):
    """遠景、策略及現況說明 of the version, as the document says it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        chapters: list[tuple] = []
        for row in vision_rows(version):
            if row.kind == "heading" and row.level == 1:
                chapters.append((row.text, []))
            else:
                chapters[-1][1].append(row)
        context = {"version": version, "chapters": chapters}
        return render(request, "plan/revision_vision.html", context)


# --- the end of a draft ---------------------------------------------------------------------------
class Approve(VersionMixin, View):
    """Record the superior's approval, with its number and day."""

    public = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        rules.may_approve_draft(version, request.user).enforce()
        return self.show(version, ApproveForm(initial={"seen_edits": version.edits}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        rules.may_approve_draft(version, request.user).enforce()
        form = ApproveForm(request.POST)
        if not form.is_valid():
            return self.show(version, form, status=422)
        try:
            row = versions.approve_draft(version, **form.cleaned_data, by=request.user)
        except Invalid as refusal:
            form.mark(refusal.errors)
            return self.show(version, form, status=422)
        messages.success(request, _("%(title)s已核定並生效。") % {"title": row.title})
        return redirect("revision", row.pk)

    def show(self, version: PlanVersion, form: ApproveForm, status: int = 200) -> HttpResponse:
        context = {
            "version": version,
            "form": form,
            "lacking": versions.problems(version),
            "changes": version.changes.count(),
        }
        return render(self.request, "plan/revision_approve.html", context, status=status)


class Discard(VersionMixin, View):
    """Throw the draft away, after a page that says what goes with it."""

    public = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        rules.may_edit_draft(version, request.user).enforce()
        context = {"version": version, "changes": version.changes.count()}
        return render(request, "plan/revision_discard.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        version = self.get_row()
        seen = request.POST.get("seen_edits", "")
        versions.discard_draft(
            version, seen_edits=int(seen) if seen.isdecimal() else 0, by=request.user
        )
        messages.success(request, _("草案已捨棄；稽核紀錄裡留有修正內容。"))
        return redirect("revision-list")
