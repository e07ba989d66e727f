"""A version beside the one before it: redline and crosswalk; and what it says as a vision."""

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from config.kit.csv import csv_response
from plan import revision
from plan.enums import ChangeKind
from plan.models import Change, PlanVersion
from plan.queries import crosswalk, redline, vision_rows
from plan.views.version import VersionMixin


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
                    "level": version.level_name(row.level),
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


def why_of(row: revision.Row, found: dict[str, list[Change]]) -> list[Change]:
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
        labels = {revision.KEPT: _("不變"), **dict(ChangeKind.choices)}
        rows = [(pair, labels[pair.kind]) for pair in pairs]
        context = {
            "version": version,
            "forward": [(pair, label) for pair, label in rows if pair.old],
            "back": sorted(
                ((pair, label) for pair, label in rows if pair.new),
                key=lambda line: _number(line[0].new.code),
            ),
            "changed": sum(pair.kind != revision.KEPT for pair in pairs),
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
