"""Editions of a review: the numbers of one, one frozen line, and two editions side by side."""

from collections import Counter
from functools import cached_property

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from config.kit.textdiff import mark_changes
from reports.calculation import printed
from reports.compare import ChangedLine, Comparison, FieldChange, compare
from reports.documents.blocks import Content
from reports.documents.content import parts
from reports.documents.html import html
from reports.documents.render import finished
from reports.documents.sources import subject_of_edition
from reports.models import Edition, Opinion, SeatItem, SnapshotLine
from reports.pages.numbers import Numbers, counts_of_lines, gaps
from reports.queries.lineage import measures_in, now_called
from reports.rules import reviews as rules
from reports.views.base import HEAVY, ReviewView
from reports.views.compared import changed_rules, differences_in_words, plain
from tracking.enums import FilingState
from tracking.models import ProgressReport

PAGE = 40


class EditionView(ReviewView):
    """A page about one edition, for those who may see its numbers; 404 for all others."""

    def only_readers(self) -> None:
        if not rules.may_see_numbers(self.review, self.request.user):
            raise Http404


class EditionPage(EditionView):
    """All figures of an edition with the rule that made them, what is missing, what it is."""

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        self.only_readers()
        edition = self.edition_named(number)
        numbers = Numbers(edition).with_lines()
        counts = counts_of_lines(edition)
        states = [
            state for state in FilingState if any(found.get(state) for _year, found in counts)
        ]
        context = self.context(
            shown=edition,
            numbers=numbers,
            rules=printed(edition.rules),
            whole=numbers.plan,
            tree=numbers.tree(),
            below=numbers.below(),
            states=states,
            counts=[
                (year, sum(found.values()), [found.get(state, 0) for state in states])
                for year, found in counts
            ],
            gaps=gaps(edition),
            others=self.review.editions.defer(*HEAVY).exclude(pk=edition.pk).order_by("-number"),
            filings=self.review.filings.filter(edition=edition).order_by("pk"),
            subject=subject_of_edition(edition),
            works=request.user.is_science_staff,
        )
        return render(request, "reports/review_edition.html", context)


class LinePage(EditionView):
    """One frozen line as it was copied: what a citation opens.

    An expert who has stated interests reads the lines of the measures that were assigned, others
    who may see the numbers.
    """

    def get(self, request: HttpRequest, pk: int, number: int, ordinal: int) -> HttpResponse:
        edition = self.edition_named(number)
        line = edition.lines.filter(ordinal=ordinal).first()
        if line is None or not self._reads(line):
            raise Http404
        body = Content(
            line.key, "", (), edition.created_at.date().isoformat(), tuple(parts.report_body(line))
        )
        plain, _missing = finished(body)
        same = edition.lines.filter(measure_code=line.measure_code).order_by("ordinal")
        context = self.context(
            shown=edition,
            line=line,
            content=line.content,
            goal=line.measure_code.partition(".")[0],
            body=html(plain),
            live=self._live(line),
            same=[
                (row.ordinal, row.year, row.content["ministry"]["short_name"], row.kind)
                for row in same.only("ordinal", "year", "content", "kind")
            ],
            numbers=rules.may_see_numbers(self.review, request.user),
        )
        return render(request, "reports/review_line.html", context)

    def _reads(self, line: SnapshotLine) -> bool:
        user = self.request.user
        if rules.may_see_numbers(self.review, user):
            return True
        items = SeatItem.objects.filter(
            seat__review=self.review,
            seat__user=user,
            seat__ended_at__isnull=True,
            seat__declared_at__isnull=False,
        )
        code = now_called(line.edition, self.edition, line.measure_code)
        return items.filter(measure_code=code).exists()

    def _live(self, line: SnapshotLine) -> ProgressReport | None:
        """The report as it is now, if this person may read it."""
        rows = ProgressReport.objects.visible_to(self.request.user).filter(
            reporting_year__plan=self.review.plan_id,
            reporting_year__year=line.year,
            measure__lineage=line.content["measure"]["lineage"],
            ministry__code=line.ministry_code,
        )
        return rows.order_by("-measure__version__number").first()


class Compare(EditionView):
    """What the later of two editions says differently, and which opinions that touches."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.only_readers()
        editions = list(self.review.editions.defer(*HEAVY).order_by("-number"))
        if len(editions) < 2:
            return render(request, "reports/review_compare.html", self.context(editions=editions))
        before = self.edition_named(request.GET.get("from") or editions[1].number)
        after = self.edition_named(request.GET.get("to") or editions[0].number)
        found = compare(before, after)
        told = _Told(before, after, found)
        pages = Paginator(found.changed, PAGE)
        page = pages.get_page(request.GET.get("page"))
        context = self.context(
            editions=editions,
            before=before,
            after=after,
            found=found,
            standing=told.standing(),
            page=page,
            changed=[told.line(one) for one in page],
            rule_changes=changed_rules(before.rules, after.rules),
            head_changes=[one.name for one in found.head],
            touched=self._touched(found),
        )
        return render(request, "reports/review_compare.html", context)

    def _touched(self, found: Comparison) -> list[tuple[str, int]]:
        """(measure code, opinions handed in) where the lines under the opinions changed."""
        if not self.request.user.is_science_staff:
            return []
        lines = [*found.added, *found.removed]
        lines += [one.after for one in found.changed if not one.renumbered_only]
        measures = measures_in(self.edition.head)
        changed = {line.content["measure"]["lineage"]: line.measure_code for line in lines}
        codes = {measures[one]["code"] if one in measures else changed[one] for one in changed}
        rows = Opinion.objects.filter(
            seat__review=self.review, submitted_at__isnull=False, measure_code__in=codes
        )
        counts = Counter(rows.order_by("measure_code").values_list("measure_code", flat=True))
        return list(counts.items())


class _Told:
    """A comparison in words: the names of fields and nodes, values as pages write them."""

    def __init__(self, before: Edition, after: Edition, found: Comparison) -> None:
        self.before, self.after, self.found = before, after, found

    @cached_property
    def labels(self) -> dict[str, str]:
        """Field → what the form calls it, as it was frozen."""
        return {
            field["name"]: field["label"]
            for part in self.after.head["form"]
            for field in part["fields"]
        } | {
            "values": _("量化指標"),
            "money": _("經費"),
            "evidence": _("佐證資料"),
            "state": _("狀態"),
            "reason": _("理由"),
            "filed_on": _("送出"),
            "accepted_on": _("接受"),
            "ministry": _("部會"),
            "measure": _("措施"),
            "role": _("角色"),
            "late": _("逾期"),
        }

    def standing(self) -> list[dict]:
        editions = (self.before, self.after)
        return differences_in_words(
            self.found.standing, editions, self.before.rules, self.after.rules
        )

    def line(self, changed: ChangedLine) -> dict:
        return {
            "line": changed.after,
            "before": changed.before,
            "fields": [self._field(one) for one in changed.fields],
        }

    def _field(self, change: FieldChange) -> dict:
        old, new = mark_changes(plain(change.before), plain(change.after))
        return {"label": self.labels.get(change.name, change.name), "old": old, "new": new}
