"""One node of a draft, with a form for each verb that fits it."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views import View

from config.kit.errors import Invalid, StaleVersion
from plan import rules
from plan.enums import NodeLevel
from plan.forms import ChangeForm
from plan.levels import LEVELS, Node, level_of
from plan.models import Change, PlanVersion
from plan.queries import duties_text
from plan.views.tools import tools_of
from plan.views.version import VersionMixin, told

PLAN = "plan"  # stands for the level above the goals in addresses; its id is 0


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
        offered = tools_of(version, row, request.user)
        tool = next((one for one in offered if one.verb == verb), None)
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
        for tool in tools_of(version, row, self.request.user):
            shown = form if tool.verb == verb else tool.form(initial=start, prefix=tool.verb)
            url = reverse("revision-verb", args=[version.pk, *self.place(row), tool.verb])
            tools.append({"tool": tool, "form": shown, "url": url, "open": tool.verb == verb})
        context = {
            "version": version,
            "node": row,
            "level": version.level_name(level_of(row)) if row else _("整個計畫"),
            "duties": duties_text(row),
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
        first = min(max(seen - 1, 0), refusal.current.edits)
        meanwhile = [(change, told(change)) for change in since[first:]]
        return self.show(version, row, verb, form, meanwhile=meanwhile, status=409)

    @staticmethod
    def place(row: Node | None) -> tuple[str, int]:
        return (level_of(row).value, row.pk) if row else (PLAN, 0)

    @staticmethod
    def done(version: PlanVersion, change: Change) -> str:
        return format_html(
            '{} <a href="{}#h-changes">{}</a>',
            _("已%(kind)s。") % {"kind": change.get_kind_display()},
            reverse("revision", args=[version.pk]),
            _("看全部修正"),
        )
