"""The editor of a conclusion: the material beside it, paragraphs with what each rests on.

One form holds all paragraphs (`reports.forms.synthesis`); every button posts it whole. `do` is save
or ready, which write, or add, up, down and drop, which only lay the paragraphs out anew, so that
all works without JavaScript and nothing that was typed is lost.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow, StaleVersion
from config.kit.set_aside import KeepsTyped, holder
from config.kit.textdiff import mark_changes
from reports import attainment
from reports.actions import synthesis as actions
from reports.actions.citing import LONGEST
from reports.citations import Cite, parsed
from reports.documents.content import words
from reports.enums import Level
from reports.forms.synthesis import Draft, laid_out, posted
from reports.models import CitationFlag, Conclusion, Opinion, SnapshotLine
from reports.queries import synthesis
from reports.rules import reviews as rules
from reports.views.conclusion import ConclusionView, number_in


class Edit(KeepsTyped, ConclusionView):
    """For reviewers, while conclusions are written."""

    def get(self, request: HttpRequest, pk: int, level: str, code: str) -> HttpResponse:
        self._only_staff()
        rules.may_write(self.review, request.user).enforce()
        if (typed := self.taken_back()) is not None:
            messages.warning(request, _("登入結束以前打的字放回來了，還沒有存。"))
            seen = number_in(typed.get("seen_version"))
            return self.page(posted(typed), seen=seen, unsaved=True)
        return self.page(self._stored())

    def post(self, request: HttpRequest, pk: int, level: str, code: str) -> HttpResponse:
        self._only_staff()
        drafts = posted(request.POST)
        do, seen = request.POST.get("do", "save"), number_in(request.POST.get("seen_version"))
        if do not in ("save", "ready"):
            return self.page(laid_out(drafts, do), seen=seen, unsaved=True)
        try:
            row = actions.save_conclusion(
                self.conclusion,
                paragraphs=[draft.told() for draft in drafts],
                seen_version=seen,
                by=request.user,
                numbers_seen="numbers_seen" in request.POST,
            )
        except Invalid as refusal:
            for name, texts in refusal.errors.items():
                place = name.removeprefix("paragraphs-")
                if place.isdecimal():
                    drafts[int(place)].errors = texts
            general = refusal.errors.get("paragraphs", [])
            shown = drafts or [Draft()]
            return self.page(shown, seen=seen, general=general, unsaved=True, status=422)
        except NotNow as refusal:
            told = [str(refusal)]
            return self.page(drafts, seen=seen, general=told, unsaved=True, status=409)
        except StaleVersion:
            return self.page(drafts, theirs=self._theirs(drafts), unsaved=True, status=409)
        return self._saved(row, ready=do == "ready")

    def _only_staff(self) -> None:
        """Drafts of conclusions are the science ministry's; for others there is no such page."""
        if not self.request.user.is_science_staff:
            raise Http404

    def _saved(self, row: Conclusion, *, ready: bool) -> HttpResponse:
        if not ready:
            messages.success(self.request, _("已存成第%(n)d版草稿。") % {"n": row.version})
            return redirect(self.address("conclusion-edit"))
        try:
            actions.mark_ready(row, seen_version=row.version, by=self.request.user)
        except NotNow as refusal:
            told = _("草稿已存，還不能寫定：%(why)s") % {"why": refusal}
            messages.warning(self.request, told)
            return redirect(self.address("conclusion-edit"))
        messages.success(self.request, _("已寫定這則結論。"))
        return redirect(self.address())

    # --- what the page shows ----------------------------------------------------------------------
    def page(
        self,
        drafts: list[Draft],
        *,
        seen: int | None = None,
        general: Iterable[str] = (),
        theirs: list[tuple[SafeString, list[Cite]]] | None = None,
        unsaved: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """`seen` is the version on which the drafts were typed; by default the one that is shown,
        which after a conflict is `theirs`.
        """
        flags = self._flags()
        for draft in drafts:
            draft.flags = flags.get(draft.was, {}) if draft.was is not None else {}
            draft.options = self._options(draft)
        row = self.conclusion
        current = Conclusion.objects.get(pk=row.pk) if theirs is not None else row
        context = self.context(
            works=True,
            drafts=list(enumerate(drafts, start=1)),
            problems=[
                (f"id_text-{place}", _("第%(n)d段：%(text)s") % {"n": place, "text": text})
                for place, draft in enumerate(drafts, start=1)
                for text in draft.errors
            ]
            + [("p-1", text) for text in general],
            longest=LONGEST,
            holder=holder(self.request),
            unsaved=unsaved,
            theirs=theirs,
            seen_version=current.version if seen is None else seen,
            current=current,
            lines=self._told_lines(),
            indicators=self._indicators(),
            opinions=self._opinions(),
            children=self._children(),
            typing=row.level != Level.MEASURE,
        )
        return render(self.request, "reports/conclusion_edit.html", context, status=status)

    def _stored(self) -> list[Draft]:
        told = self.cites.told(self.conclusion)
        return [
            Draft(text=text, was=place, picked=[one.token for one in cites])
            for place, (text, cites) in enumerate(told, start=1)
        ] or [Draft()]

    def _flags(self) -> dict[int, dict[str, Cite]]:
        """Ordinal of a stored paragraph → token → what is flagged there."""
        return {
            place: {one.token: one for one in cites if one.flag}
            for place, (_text, cites) in enumerate(self.cites.told(self.conclusion), start=1)
        }

    def _theirs(self, drafts: list[Draft]) -> list[tuple[SafeString, list[Cite]]]:
        """The paragraphs that somebody else saved, what mine don't say marked, with citations."""
        mine = "\n".join(draft.text.replace("\r\n", "\n").strip() for draft in drafts)
        rows = self.cites.told(Conclusion.objects.get(pk=self.conclusion.pk))
        return [(mark_changes(mine, text)[1], cites) for text, cites in rows]

    # --- what can be cited ------------------------------------------------------------------------
    @cached_property
    def lines(self) -> list[SnapshotLine]:
        """Lines of a measure, years in order and leads first; above, those of its weakest parts."""
        edition, codes = self.edition, [self.node[1]]
        if self.node[0] != Level.MEASURE:
            measures = self.edition.standing["measures"]
            below = [
                one.code
                for one in synthesis.walk(self.branches[self.node])
                if one.level == Level.MEASURE and measures[one.code]["below"]
            ]
            codes = sorted(below, key=lambda code: float(measures[code]["attainment"]))[:10]
        rows = list(edition.lines.filter(measure_code__in=codes).select_related("edition"))
        if self.node[0] != Level.MEASURE:
            rows = [row for row in rows if row.content["role"] == "lead"]
        return sorted(rows, key=_place)

    @cached_property
    def opinion_rows(self) -> list[Opinion]:
        rows = Opinion.objects.visible_to(self.request.user).submitted()
        codes = [
            one.code
            for one in synthesis.walk(self.branches[self.node])
            if one.level == Level.MEASURE
        ]
        found = rows.filter(seat__review=self.review, measure_code__in=codes)
        return list(found.order_by("measure_code", "pk"))

    @cached_property
    def _base(self) -> list[Cite]:
        """What every paragraph of this conclusion can cite, by checkbox."""
        branch = self.branches[self.node]
        nodes = list(synthesis.walk(branch))[1:]
        if branch.level == Level.PLAN:
            measures = self.edition.standing["measures"]
            nodes = [
                one for one in nodes if one.level != Level.MEASURE or measures[one.code]["below"]
            ]
        return [
            *(self.cites.node(one.level, one.code) for one in nodes),
            *(self.cites.line(one) for one in self.lines),
            *(self.cites.opinion(one) for one in self.opinion_rows),
        ]

    def _options(self, draft: Draft) -> list[Cite]:
        """The base with what is picked ticked; what is picked and not among it comes first."""
        known = {one.token for one in self._base}
        extra = [token for token in draft.picked if token not in known]
        found = self._looked_up(extra) if extra else []
        return [
            replace(
                one,
                picked=one.token in draft.picked,
                flag=draft.flags[one.token].flag if one.token in draft.flags else "",
            )
            for one in [*found, *self._base]
        ]

    def _looked_up(self, tokens: list[str]) -> list[Cite]:
        told = parsed(tokens)
        rows = self.edition.lines.filter(key__in=told["lines"]).select_related("edition")
        found = {f"line|{row.key}": self.cites.line(row) for row in rows}
        # What a newer edition no longer has is shown as it was cited.
        for _text, cites in self.cites.told(self.conclusion):
            found |= {one.token: one for one in cites if one.flag == CitationFlag.GONE}
        for node in told["nodes"]:
            found.setdefault(f"node|{node[0]}|{node[1]}", self.cites.node(*node))
        return [found[token] for token in tokens if token in found]

    # --- the material beside ----------------------------------------------------------------------
    def _told_lines(self) -> list[tuple[Cite, dict, str]]:
        if self.node[0] != Level.MEASURE:
            return []
        return [(self.cites.line(row), row.content, row.key) for row in self.lines]

    def _indicators(self) -> list[dict]:
        if self.node[0] != Level.MEASURE:
            return []
        return [
            row
            | {
                "target_word": words.target(row),
                "actual_word": words.number(row["actual"]),
                "attained": words.percent(row["attainment"]),
            }
            for row in attainment.indicators_of(self.lines)
        ]

    def _opinions(self) -> list[tuple[Cite, Opinion, str]]:
        names = {one["key"]: one["name"] for one in self.review.criteria}
        return [
            (
                self.cites.opinion(row),
                row,
                _("、").join(
                    f"{name}{row.scores[key]}" for key, name in names.items() if row.scores.get(key)
                ),
            )
            for row in self.opinion_rows
        ]

    def _children(self) -> list[dict]:
        """Nodes right beneath, the lowest first, with the first words of their conclusions."""
        rows = {
            (row.level, row.code): row
            for row in Conclusion.objects.visible_to(self.request.user)
            .filter(review=self.review)
            .prefetch_related("paragraphs")
        }
        found = []
        for child in self.branches[self.node].beneath:
            numbers = attainment.of(self.edition.standing, child.level, child.code)
            row = rows.get((child.level, child.code))
            found.append(
                {
                    "cite": self.cites.node(child.level, child.code),
                    "attained": words.percent(numbers["attainment"]),
                    "value": numbers["attainment"],
                    "below": numbers["below"],
                    "ready": row is not None and row.ready,
                    "paragraphs": [one.text for one in row.paragraphs.all()] if row else [],
                }
            )
        return sorted(found, key=lambda one: (one["value"] is None, float(one["value"] or 0)))

    def refused_url(self) -> str:
        return reverse("conclusion", args=[self.kwargs[one] for one in ("pk", "level", "code")])


def _place(line: SnapshotLine) -> tuple:
    content = line.content
    return (
        line.measure_code,
        line.year,
        content["role"] != "lead",
        not content["coordinating"],
        line.ministry_code,
    )
