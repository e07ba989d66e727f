"""What ./bench pages does inside Django: every read page on one database, and what the overview
adds up beside the same sums in one SQL statement.

Prints one line of JSON: {"pages": {name: {"queries", "times", "scans"}}, "aggregate": {"page",
"sql"}, "machine", "counts"}. Times are milliseconds of server time, as in `measure`.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import django
from django.conf import settings
from django.db import connection

from config.commands.measure import EMPTY, Page, _asker, _queries_of, _time, machine, tidy

# PostgreSQL decides on the plan of what is prepared after five executions.
WARM_UP = 8
_number = count(1)
# A table of fewer rows than this is read whole sooner than by an index.
LARGE = 5000
REVIEWER, COLLATOR = "reviewer1@demo.example", "collator@demo.example"
OFFICER, WINDOW = "officer.moea@demo.example", "window.moea@demo.example"
# name, address, who asks; {plan} stands for the plan's slug.
ABOUT_ONE_PLAN = (
    ("overview", "/", REVIEWER),
    ("overview, officer", "/", OFFICER),
    ("overview, public", "/", ""),
    ("overview of an earlier year", "/?year=110", REVIEWER),
    ("plan tree", "/plan/", REVIEWER),
    ("plan tree, public", "/plan/", ""),
    ("goal", "/plan/goals/3/", REVIEWER),
    ("measure", "/plan/measures/3.3.1.2/", REVIEWER),
    ("measure, public", "/plan/measures/3.3.1.2/", ""),
    ("indicators of a measure", "/plan/measures/3.3.1.2/indicators/", OFFICER),
    ("light of a measure", "/plan/measures/3.3.1.2/lights/113/", REVIEWER),
    ("ministries", "/ministries/", REVIEWER),
    ("ministry", "/ministries/moea/", REVIEWER),
    ("ministry, public", "/ministries/moea/", ""),
    ("matrix", "/collation/", COLLATOR),
    ("matrix by measure", "/collation/?level=measure", COLLATOR),
    ("years", "/collation/years/", COLLATOR),
    ("budget", "/budget/", REVIEWER),
    ("API measures", "/api/v1/measures/?page_size=200", REVIEWER),
    ("API measures, public", "/api/v1/measures/?page_size=200", ""),
    ("API strategies", "/api/v1/strategies/", REVIEWER),
    ("API reports of a plan", "/api/v1/reports/?plan={plan}&page_size=100", REVIEWER),
)
ACROSS_PLANS = (
    ("desk", "/desk/", OFFICER),
    ("desk, window", "/desk/", WINDOW),
    ("queue", "/collation/queue/", REVIEWER),
    ("reviews", "/reviews/", REVIEWER),
    ("resolutions", "/resolutions/", REVIEWER),
    ("versions", "/revisions/", COLLATOR),
    ("search", "/search/?q=%E7%94%A2%E5%AD%B8", REVIEWER),
    ("figures", "/figures/", REVIEWER),
    ("saved views", "/views/", REVIEWER),
    ("data", "/data/", ""),
    ("people", "/people/", WINDOW),
    ("API plans", "/api/v1/plans/", REVIEWER),
    ("API years", "/api/v1/reporting-years/", REVIEWER),
    ("API ministries", "/api/v1/ministries/", REVIEWER),
    ("API reports", "/api/v1/reports/?page_size=500", REVIEWER),
    ("API reports, public", "/api/v1/reports/?page_size=500", ""),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="config.commands.measure_pages")
    parser.add_argument("--plan", required=True)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    django.setup()
    settings.ROOT_URLCONF = "config.commands.measure_urls"
    # One connection from beginning to end: what it has prepared is explained in the end.
    connection.settings_dict["CONN_MAX_AGE"] = None
    tidy()
    print(json.dumps(measured(pages(options.plan), options.plan, options.repeats)))
    return 0


def times_of(name: str, repeats: int) -> int:
    """How often a page is asked. Those about one plan must keep to a p95, which few requests on a
    machine with other things to do can't tell; the others are slow, and are shown only.
    """
    about_one = name in {one for one, *_rest in ABOUT_ONE_PLAN}
    return repeats if about_one else max(repeats // 10, 3)


def pages(plan: str) -> list[Page]:
    every = ((EMPTY, "/bench/empty/", REVIEWER), *ABOUT_ONE_PLAN, *ACROSS_PLANS)
    return [Page(name, address.format(plan=plan), who) for name, address, who in every]


def measured(pages: list[Page], plan: str, repeats: int) -> dict[str, Any]:
    from config.wsgi import application as handler
    from plan.models import Measure, Plan
    from tracking.models import ProgressReport

    found = {}
    for page in pages:
        ask = _asker(handler, page)
        for _ in range(WARM_UP):
            ask()
        page.queries = _queries_of(ask)
        found[page.name] = {
            "queries": len(page.queries),
            "times": [_time(ask) for _ in range(times_of(page.name, repeats))],
            "scans": sorted(whole_tables(page)),
        }
    return {
        "pages": found,
        "aggregate": aggregate(plan, repeats),
        "machine": machine(),
        "counts": {
            model._meta.model_name: model.objects.count()
            for model in (Plan, Measure, ProgressReport)
        },
    }


# --- plans of queries -----------------------------------------------------------------------------
def whole_tables(page: Page) -> set[str]:
    """Large tables that a query of this page reads from end to end; on PostgreSQL only. What is
    prepared is explained as it is executed, with the plan that PostgreSQL keeps.
    """
    if connection.vendor != "postgresql":
        return set()
    found = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE reltuples >= %s", [LARGE])
        large = {name for (name,) in cursor.fetchall()}
        for sql, parameters in page.queries:
            if not sql.startswith(("SELECT", "EXECUTE", "WITH", "(")):
                continue
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
            [(explained,)] = cursor.fetchall()
            plan = json.loads(explained) if isinstance(explained, str) else explained
            found |= {
                node["Relation Name"]
                for node in _nodes(plan[0]["Plan"])
                if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large
            }
    return found


def _nodes(node: dict) -> Iterator[dict]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


# --- the overview's sums --------------------------------------------------------------------------
_SUMS = """
WITH duty AS (
    SELECT r.reporting_year_id AS year_id, m.id AS measure_id, r.status,
        CASE WHEN r.status = 'accepted' THEN r.light
             WHEN r.status = 'not_applicable' THEN (
                SELECT ended.light
                FROM tracking_progressreport ended
                JOIN tracking_reportingyear past ON past.id = ended.reporting_year_id
                WHERE ended.measure_id = m.id
                    AND (ended.ministry_id = r.ministry_id OR ended.ministry_id IN (
                        SELECT predecessor_id FROM ministries_succession
                        WHERE successor_id = r.ministry_id AND kind <> 'partial_transfer'))
                    AND ended.role = 'lead' AND ended.status = 'accepted'
                    AND ended.light IN ('done', 'stopped') AND past.year < y.year
                ORDER BY past.year DESC LIMIT 1)
        END AS light
    FROM tracking_progressreport r
    JOIN tracking_reportingyear y ON y.id = r.reporting_year_id
    JOIN plan_measure m ON m.id = r.measure_id
    WHERE r.role = 'lead' AND y.id IN (%(this)s, %(last)s)
), measure AS (
    SELECT year_id, measure_id,
        MIN(CASE light WHEN 'far_behind' THEN 0 WHEN 'behind' THEN 1 WHEN 'on_track' THEN 2
            WHEN 'ahead' THEN 3 WHEN 'not_due' THEN 4 WHEN 'stopped' THEN 5 WHEN 'done' THEN 6
        END) AS worst,
        MAX(CASE WHEN status = 'accepted' OR light <> '' THEN 1 ELSE 0 END) AS heard,
        MAX(CASE WHEN status IN ('accepted', 'not_applicable') THEN 0 ELSE 1 END) AS missing
    FROM duty GROUP BY year_id, measure_id
)
SELECT y.id AS a, g.code AS b, COALESCE(o.light,
        CASE WHEN measure.heard = 1 AND measure.missing = 1 THEN 'incomplete'
             WHEN worst = 0 THEN 'far_behind' WHEN worst = 1 THEN 'behind'
             WHEN worst = 2 THEN 'on_track' WHEN worst = 3 THEN 'ahead'
             WHEN worst = 4 THEN 'not_due' WHEN worst = 5 THEN 'stopped'
             WHEN worst = 6 THEN 'done' ELSE 'unknown' END) AS c, NULL AS d, COUNT(*) AS n
FROM plan_measure m
JOIN plan_strategy s ON s.id = m.strategy_id
JOIN plan_subgoal b ON b.id = s.sub_goal_id
JOIN plan_goal g ON g.id = b.goal_id
JOIN tracking_reportingyear y ON y.id IN (%(this)s, %(last)s)
LEFT JOIN measure ON measure.measure_id = m.id AND measure.year_id = y.id
LEFT JOIN tracking_lightoverride o ON o.measure_id = m.id AND o.reporting_year_id = y.id
WHERE m.version_id = %(version)s
GROUP BY 1, 2, 3
UNION ALL
SELECT r.ministry_id, b.short_name, r.status,
    CASE WHEN r.nothing_to_report THEN 'nothing' ELSE CAST(r.correction_due_on AS TEXT) END,
    COUNT(*)
FROM tracking_progressreport r
JOIN ministries_ministry b ON b.id = r.ministry_id
WHERE r.reporting_year_id = %(this)s
GROUP BY 1, 2, 3, 4
"""


def aggregate(plan: str, repeats: int) -> dict[str, list[float]]:
    """Times of the overview's sums as the page makes them, and of one statement that makes them
    in the database; both are checked to say the same.
    """
    ours, bare = sums(plan)
    if ours()[0] != lights_of(bare()):
        raise SystemExit("the statement adds up to something else than the overview")
    for _ in range(WARM_UP):
        ours(), bare()
    times: dict[str, list[float]] = {"page": [], "sql": []}
    for _ in range(repeats):
        times["page"].append(_time(ours))
        times["sql"].append(_time(bare))
    return times


def lights_of(rows: list[tuple]) -> dict[tuple[int, str], Counter[str]]:
    """Of the statement's rows those about lights, which no body is called by a number: (year id,
    goal) → how many of each.
    """
    found: dict[tuple[int, str], Counter[str]] = {}
    for year, goal, light, _detail, number in rows:
        if goal.isdecimal():
            found.setdefault((year, goal), Counter())[light] += number
    return found


def sums(plan: str) -> tuple[Callable[[], tuple], Callable[[], list[tuple]]]:
    """The overview's lights and filing of this year and the last, by its own code and by SQL."""
    from django.test import RequestFactory

    from ministries.models import User
    from reports.pages.overview import Overview
    from reports.pages.source import Source
    from tracking.edition import find_edition

    request = RequestFactory().get("/", {"plan": plan})
    request.user = User.objects.get(email=REVIEWER)
    edition = find_edition(request)

    def ours() -> tuple:
        page = Overview(Source(request, edition))
        found = {}
        for goal in page.goals:
            found[page.year.pk, goal.code] = Counter(row.now.shown for row in goal.rows)
            if page.last:
                found[page.last.pk, goal.code] = Counter(row.before.shown for row in goal.rows)
        return found, page.filing_totals, page.causes

    sql = _SUMS
    parameters = {
        "this": edition.year.pk,
        "last": edition.last.pk if edition.last else 0,
        "version": edition.version.pk,
    }
    if connection.vendor == "postgresql":
        # Prepared, as the page's own reads are.
        with connection.cursor() as cursor:
            name = f"bare_sums_{next(_number)}"
            written = sql % {"this": "$1", "last": "$2", "version": "$3"}
            cursor.execute(f"PREPARE {name} AS {written}", None)
        sql = f"EXECUTE {name}(%(this)s, %(last)s, %(version)s)"

    def bare() -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    return ours, bare


if __name__ == "__main__":
    sys.exit(main())
