"""The index of pairs of characters: PostgreSQL asks it, among few rows and among 166,400."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kit.search import Holds, Words
from plan.models import PlanVersion
from plan.search import TEXT_OF as OF_PLAN
from plan.search import nodes
from tests.world import World
from tracking.demo import search_world
from tracking.demo.search_world import COMMON, PHRASE, RARE, REPORTS
from tracking.models import ProgressReport, ReportingYear
from tracking.queries.search import TEXT_OF as OF_REPORTS
from tracking.queries.search import reports_saying

pytestmark = pytest.mark.postgres

# PostgreSQL decides on the plan of what is prepared after five executions.
WARM_UP = 6
TEXT_OF = {**OF_PLAN, **OF_REPORTS}


@pytest.fixture(autouse=True)
def _on_postgresql(db) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("Other engines have no such index.")


def plans(ask) -> str:
    """How PostgreSQL does what `ask()` asks of it, once it keeps the plan."""
    for _ in range(WARM_UP):
        ask()
    with CaptureQueriesContext(connection) as asked:
        ask()
    with connection.cursor() as cursor:
        lines = []
        for query in asked:
            cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"), [])
            lines += [line for (line,) in cursor.fetchall()]
    return "\n".join(lines)


@pytest.mark.parametrize("model", TEXT_OF, ids=lambda model: model._meta.label)
def test_condition_and_index_are_the_same_expression(model):
    """Few rows are read quicker than any index, so reading them all is forbidden here. What is left
    is the index, if it is of the very expression that is asked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    rows = model._base_manager.filter(Holds(TEXT_OF[model], Words.read("半導體").sought)).order_by()
    told = plans(lambda: list(rows.values_list("pk")))
    assert re.search(r"Bitmap Index Scan on \w+_search\b", told), told


def test_a_text_is_found_as_soon_as_it_is_written(world: World):
    """The index is of the row's own words: there is nothing that could lag behind."""
    row = world.report("1.1.1.1", "alpha")
    for text in ("推動半導體", "推動量子點", "", "半導體"):
        ProgressReport.objects.filter(pk=row.pk).update(work_done=text)
        found = reports_saying(Words.read("半導"), world.officer_a, [[world.year.pk]], limit=10)
        assert bool(found.rows) == ("半導" in text)


# --- 166,400 reports ------------------------------------------------------------------------------
@pytest.mark.deep
def test_two_characters_among_all_reports(db):
    """The planner asks the index for everybody, for rare words, for words of every report and for
    long ones. How soon the page answers is measured on an idle machine.
    """
    search_world.fill()
    assert ProgressReport.objects.count() == REPORTS
    people = search_world.readers()
    years = list(ReportingYear.objects.values_list("pk", flat=True))
    for person in (AnonymousUser(), *people.values()):
        for word in (RARE, COMMON, PHRASE):
            told = plans(
                lambda word=word, person=person: reports_saying(
                    Words.read(word), person, [years], limit=1001
                )
            )
            assert "Bitmap Index Scan on report_search" in told, (person, word)
            assert "Seq Scan on tracking_progressreport" not in told, (person, word)
    versions = list(PlanVersion.objects.values_list("pk", flat=True))
    told = plans(lambda: nodes(Words.read(RARE), [versions], limit=1001))
    assert "measure_search" in told
