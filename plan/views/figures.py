"""數列: the list of what is counted, one series with its values, and what does not add up in print.

All of it is public; entering and correcting is for collators and administrators.
"""

from collections import defaultdict

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from config.kit.csv import csv_response
from config.kit.ods import ods_response
from config.kit.views import RefusalMixin, ScopedMixin
from ministries.models import Ministry
from plan import rules, series_chart
from plan.enums import BudgetBasis, SeriesSubject
from plan.models import Plan, PrintedFigure, Series, SeriesValue
from plan.models.figure import place
from plan.printed_sums import IN_TEXT, TOTAL, Mismatch, mismatches
from plan.series_list import Filters, listed, values_of
from plan.value_sheets import COLUMNS, records

RANK = "名次"  # a unit in which less is better


class SeriesMixin(RefusalMixin, ScopedMixin):
    """Pages about series, which everybody may read."""

    model = Series
    public = True

    def get_row(self) -> Series:
        rows = self.get_queryset().select_related("plan", "ministry")
        row = rows.filter(code=self.kwargs["code"]).first()
        if row is None:
            raise Http404
        return row


class SeriesList(SeriesMixin, View):
    """Every series by subject, narrowed by what the address says."""

    def get(self, request: HttpRequest) -> HttpResponse:
        filters = Filters.read(request.GET)
        rows = self.get_queryset()
        by_subject = defaultdict(list)
        # What is the whole's first, then the shares of ministries.
        for row in sorted(listed(rows, filters), key=lambda row: row.ministry_id is not None):
            by_subject[row.subject].append(row)
        tables = rows.exclude(table="").order_by("table").values_list("table", flat=True)
        bodies = Ministry.objects.filter(series__isnull=False).distinct().order_by("short_name")
        bodies = list(bodies)
        # A successor has no printed figures of its own, and yet is asked for.
        if filters.ministry and filters.ministry not in bodies:
            bodies.append(filters.ministry)
        context = {
            "filters": filters,
            "groups": [
                (SeriesSubject(subject).label, by_subject[subject])
                for subject in SeriesSubject.values
                if subject in by_subject
            ],
            "count": sum(len(found) for found in by_subject.values()),
            "subjects": SeriesSubject.choices,
            "bases": BudgetBasis.choices,
            "tables": [(table, place(table)) for table in tables.distinct()],
            "ministries": bodies,
            "keeping": rules.may_keep_figures(request.user),
        }
        return render(request, "plan/figures.html", context)


class ValuesFile(SeriesMixin, View):
    """The current values of the series that the list shows, as they are imported again."""

    kind = "csv"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = records(values_of(Filters.read(request.GET)))
        if self.kind == "ods":
            return ods_response("figures.ods", COLUMNS, rows)
        return csv_response("figures.csv", COLUMNS, rows)


class SeriesPage(SeriesMixin, View):
    """One series: what it counts, from where, its values, and what they were before."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = self.get_row()
        values = list(row.values.select_related("printed"))
        current = [value for value in values if value.replaced_at is None]
        amounts = {value.year: value.amount for value in current}
        context = {
            "series": row,
            "facts": facts(row),
            "years": by_year(values),
            "current": current,
            "finding": series_chart.finding(str(row), amounts, row.unit) if amounts else "",
            "corrected": sum(value.replaced_at is not None for value in values),
            "who": rules.may_see_keepers(request.user),
            "keeping": rules.may_keep_figures(request.user),
        }
        return render(request, "plan/figure_series.html", context)


class SeriesFigure(SeriesMixin, View):
    """The chart of a series' current values."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = self.get_row()
        amounts = dict(row.values.current().values_list("year", "amount"))
        return JsonResponse(series_chart.figure(amounts, row.unit, rank=row.unit == RANK))


class Mismatches(ScopedMixin, View):
    """Printed totals and sentences that say another number than their parts, with both numbers."""

    model = Series
    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        figures = defaultdict(list)
        for figure in PrintedFigure.objects.all():
            figures[figure.plan_id].append(figure)
        plans = [
            (plan, [told(one, figures[plan.pk]) for one in mismatches(figures[plan.pk])])
            for plan in Plan.objects.filter(pk__in=figures).order_by("-start_year", "slug")
        ]
        count = sum(len(found) for _plan, found in plans)
        return render(request, "plan/figures_mismatches.html", {"plans": plans, "count": count})


def told(one: Mismatch, figures: list[PrintedFigure]) -> dict:
    """A mismatch with the pages of its printed total and, where a sentence differs, of that."""
    pages = {
        figure.table: figure.page
        for figure in figures
        if figure.year == one.year and TOTAL in (figure.row[:2], figure.column[:2])
    }
    return {
        "one": one,
        "place": place(one.table),
        "page": pages.get(one.table),
        "text_page": pages.get(f"{one.table}{IN_TEXT}"),
        "apart": abs(one.printed - one.found),
    }


def by_year(values: list[SeriesValue]) -> list[dict]:
    """Years of a series, the newest first: the current value and, newest first, those that it
    replaced, each with the value that replaced it."""
    years: dict[int, list[SeriesValue]] = defaultdict(list)
    for value in values:
        years[value.year].append(value)
    return [
        {
            "year": year,
            "value": found[-1],
            "before": list(zip(found[-2::-1], found[:0:-1], strict=True)),
        }
        for year, found in sorted(years.items(), reverse=True)
    ]


def facts(row: Series) -> list[tuple[str, object]]:
    """What sets the series apart from others, for the head of its page."""
    said = [
        (_("主題"), row.get_subject_display()),
        (_("範圍"), row.of),
        (_("部會"), row.ministry.short_name if row.ministry else ""),
        (_("基礎"), row.get_basis_display()),
        (_("狀態"), row.get_status_display()),
        (_("前瞻"), row.get_special_display()),
        (_("單位"), row.unit),
        (_("代碼"), row.code),
    ]
    return [(term, value) for term, value in said if value]
