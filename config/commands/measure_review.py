"""What ./bench review does inside Django, one thing a process: compile, set a volume as PDF, write
workbooks, read them.

Prints one line of JSON. Times are seconds, memory is the peak of this process in MB.
"""

import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django
from django.db import connection

ROUNDS = 5
# What a ministry's workbook would hold of one report.
COLUMNS = (
    "year", "measure", "name", "ministry", "role", "light", "completion", "cause", "sub_cause",
    "work_done", "benefit", "obstacle", "response", "next_steps", "allocated_thousand",
    "spent_thousand",
)  # fmt: skip
# And of one indicator's actual, on a second sheet.
VALUES = ("year", "measure", "ministry", "indicator", "unit", "actual", "note")


def main() -> int:
    django.setup()
    what, *args = sys.argv[1:]
    work = {
        "compile": compile_once_and_again,
        "document": make_document,
        "write": write_workbooks,
        "read": read_workbooks,
    }
    found = work[what](*args)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "megabytes": megabytes}))
    return 0


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


# --- compile --------------------------------------------------------------------------------------
def compile_once_and_again() -> dict:
    """Medians over runs that each make an edition of their own: a threshold of another digit."""
    from plan.models import Plan
    from reports import attainment, freeze
    from reports.actions.compile import compile_review
    from reports.enums import ReviewKind
    from reports.models import Edition, Review

    plan = Plan.objects.get()
    review, _made = Review.objects.get_or_create(
        plan=plan,
        kind=ReviewKind.FINAL,
        defaults={"title": "bench", "first_year": plan.start_year, "last_year": plan.end_year},
    )
    begun = Edition.objects.count()
    compiled = []
    for number in range(ROUNDS):
        Review.objects.update(rules=review.rules | {"threshold": f"60.{begun + number}"})
        with Counter() as compiling:
            compiled.append(_timed(lambda: compile_review(review.pk)))
    assert Edition.objects.count() == begun + ROUNDS, "an edition was not new"
    with Counter() as freezing:
        frozen = freeze.gather(review)
    lines = len(frozen.lines)
    standing = [
        _timed(lambda: attainment.standing(frozen.head, frozen.rules, frozen.lines))
        for _ in range(ROUNDS)
    ]
    frozen = None  # two at once would count double as memory
    freeze_times = [_timed(lambda: freeze.gather(review)) for _ in range(ROUNDS)]
    return {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "database": _database(),
        "rounds": ROUNDS,
        "lines": lines,
        "freeze": statistics.median(freeze_times),
        "standing": statistics.median(standing),
        "compile": statistics.median(compiled),
        "freeze_queries": freezing.count,
        "compile_queries": compiling.count,
    }


class Counter:
    """Counts queries without keeping them: the inserted texts would count as memory."""

    def __enter__(self) -> "Counter":
        self.count = 0
        self._wrapper = connection.execute_wrapper(self._counting)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *fault: object) -> None:
        self._wrapper.__exit__(*fault)

    def _counting(self, execute: Callable, *args: object) -> object:
        self.count += 1
        return execute(*args)


def _database() -> str:
    if connection.vendor == "sqlite":
        return "SQLite"
    connection.ensure_connection()
    return f"PostgreSQL {connection.pg_version // 10_000}"


# --- documents ------------------------------------------------------------------------------------
def make_document(kind: str) -> dict:
    """A volume of the newest edition as PDF, with all conclusions proposed: from rows to bytes.

    `typesetter` is the peak of the process that sets it, in MB.
    """
    from ministries.enums import SystemRole
    from ministries.models import User
    from reports.actions.synthesis import prefill
    from reports.documents.render import finished, render
    from reports.documents.sources import source_of, subject_of_edition
    from reports.enums import DocumentFormat, ReviewState
    from reports.models import Conclusion, Edition, Review

    edition = Edition.objects.select_related("review").latest("number")
    Review.objects.filter(pk=edition.review_id).update(state=ReviewState.SYNTHESIS)
    review = Review.objects.get(pk=edition.review_id)
    reviewer = next(one for one in User.objects.all() if SystemRole.REVIEWER in one.roles)
    prefill(review, edition, by=reviewer)
    started = time.perf_counter()
    content = source_of(subject_of_edition(edition)).content(kind, DocumentFormat.PDF)
    plain, _missing = finished(content)
    made = render(plain, DocumentFormat.PDF)
    return {
        "seconds": time.perf_counter() - started,
        "conclusions": Conclusion.objects.filter(review=review).count(),
        "size": len(made),
        "typesetter": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


# --- workbooks ------------------------------------------------------------------------------------
def write_workbooks(folder: str, count: str) -> dict:
    """The accepted reports of the final review's years as that many workbooks, by ministry."""
    from django.db.models import Sum
    from openpyxl import Workbook

    from tracking.enums import Status
    from tracking.models import IndicatorValue, ProgressReport

    Path(folder).mkdir(parents=True)
    books = [Workbook(write_only=True) for _ in range(int(count))]
    sheets = [book.create_sheet("reports") for book in books]
    values = [book.create_sheet("values") for book in books]
    for sheet, other in zip(sheets, values, strict=True):
        sheet.append(COLUMNS)
        other.append(VALUES)
    rows = ProgressReport.objects.filter(status=Status.ACCEPTED).order_by("ministry_id", "pk")
    places: dict[int, int] = {}
    written = 0
    for ministry, *row in rows.values_list(
        "ministry_id",
        *("reporting_year__year", "measure__code", "measure__name", "ministry__short_name"),
        *COLUMNS[4:-2],
        Sum("money_lines__allocated_thousand"),
        Sum("money_lines__spent_thousand"),
    ).iterator(chunk_size=500):
        place = places.setdefault(ministry, len(places) % len(sheets))
        sheets[place].append(row)
        written += 1
    actuals = IndicatorValue.objects.filter(report__status=Status.ACCEPTED).order_by("pk")
    for ministry, *row in actuals.values_list(
        "report__ministry_id",
        *("report__reporting_year__year", "report__measure__code"),
        *("report__ministry__short_name", "indicator__name", "indicator__unit", "actual", "note"),
    ).iterator(chunk_size=500):
        values[places[ministry]].append(row)
        written += 1
    for number, book in enumerate(books, start=1):
        book.save(Path(folder) / f"{number}.xlsx")
    return {"rows": written}


def read_workbooks(folder: str) -> dict:
    """Read them all, put them together, and compare each year with the one before."""
    import pandas

    started = time.perf_counter()
    books = [
        pandas.read_excel(path, sheet_name=None) for path in sorted(Path(folder).glob("*.xlsx"))
    ]
    rows = pandas.concat(book["reports"] for book in books)
    values = pandas.concat(book["values"] for book in books)
    key = ["measure", "ministry"]
    last = rows[["year", *key, "light", "completion"]].assign(year=rows["year"] + 1)
    merged = rows.merge(last, on=["year", *key], how="left", suffixes=("", "_last"))
    merged = merged.merge(values, on=["year", *key], how="left").sort_values(["year", *key])
    totals = rows.groupby(["year", "measure"])[["allocated_thousand", "spent_thousand"]].sum()
    seconds = time.perf_counter() - started
    assert len(merged) >= len(rows) >= len(totals) > 0
    return {"rows": len(rows) + len(values), "seconds": seconds}


if __name__ == "__main__":
    sys.exit(main())
