"""The plan tree: every measure with who answers and how it stands, found and filtered."""

import csv
import io
import re
from datetime import date

import pytest
from django.utils import timezone

from ministries.enums import SuccessionKind
from ministries.models import Ministry, Succession
from plan.enums import VersionState
from plan.models import Assignment, Goal, Measure, PlanVersion, Strategy, SubGoal
from tests.outcomes import BEHIND, release
from tests.world import make_year
from tracking.actions.lights import set_light
from tracking.enums import Light, Status
from tracking.models import ReportingYear

TREE = "/plan/"


def rows(client, user=None, query: str = "") -> list[dict[str, str]]:
    if user:
        client.force_login(user)
    answer = client.get(f"{TREE}?format=csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def codes(client, query: str, user=None) -> list[str]:
    """Codes found: those of the page, which must be those of its CSV."""
    if user:
        client.force_login(user)
    answer = client.get(f"{TREE}?{query.removeprefix('&')}")
    assert answer.status_code == 200
    page = answer.content.decode()
    found = re.findall(r'<span class="code">([\d.]+)</span>', page)
    assert found == [row["measure"] for row in rows(client, query=query)]
    return found


ALL = ["1.1.1.1", "1.1.1.2", "1.1.2.1", "2.1.1.1"]


# --- who answers ----------------------------------------------------------------------------------
def test_the_public_sees_the_plan_as_it_was_printed(client, world):
    found = {row["measure"]: (row["leads"], row["partners"]) for row in rows(client)}
    assert found == {
        "1.1.1.1": ("甲部", "乙部"),
        "1.1.1.2": ("甲部、乙部", "科學部"),
        "1.1.2.1": ("科學部", "甲部"),
        "2.1.1.1": ("乙部", "丙署"),
    }
    page = client.get(TREE).content.decode()
    assert "部會依計畫本文表7。" in page
    assert "2項目標，4項措施。" in page
    assert "計畫本文還沒有匯入" in page


def test_with_a_year_it_names_who_held_the_duty_on_its_opening_day(client, world):
    """丙署 merged into 乙部: one body, named once, as lead."""
    found = {row["measure"]: (row["leads"], row["partners"]) for row in rows(client, world.expert)}
    assert found["2.1.1.1"] == ("乙部", "")
    heir = Ministry.objects.create(code="delta", short_name="丁部", full_name="行政院丁部")
    Succession.objects.create(
        predecessor=world.alpha,
        successor=heir,
        on=timezone.localdate(),
        kind=SuccessionKind.RENAMED,
        legal_basis="丁部組織法",
    )
    assert rows(client)[0]["leads"] == "甲部", "renamed after the year had opened"


def test_a_duty_that_moved_is_shown_where_it_was(client, world):
    moved = world.year.opens_on
    old = Assignment.objects.get(measure__code="1.1.2.1", ministry=world.science)
    Assignment.objects.filter(pk=old.pk).update(until=moved)
    Assignment.objects.create(
        measure=old.measure, ministry=world.beta, role="lead", order=1, since=moved, basis="院函"
    )
    assert rows(client)[2]["leads"] == "科學部", "the plan's own word"
    assert rows(client, world.expert)[2]["leads"] == "乙部"


# --- lights ---------------------------------------------------------------------------------------
def test_lights_of_two_years(client, world):
    last = make_year(world.plan, world.collator, 110)
    world.bring(world.report("1.1.1.1", "alpha", last), Status.ACCEPTED)
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, **BEHIND)
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    set_light(
        world.measures["2.1.1.1"], world.year, light=Light.STOPPED, reason="停", by=world.reviewer
    )
    found = {
        row["measure"]: (row["light_last_year"], row["light"], row["light_so_far"])
        for row in rows(client, world.officer_a)
    }
    assert found == {
        "1.1.1.1": ("on_track", "behind", "behind"),
        "1.1.1.2": ("unknown", "incomplete", "on_track"),
        "1.1.2.1": ("unknown", "unknown", "unknown"),
        "2.1.1.1": ("unknown", "stopped", "unknown"),
    }
    page = client.get(TREE).content.decode()
    assert "（未齊）" in page
    assert "審定" in page
    assert 'data-l="110年"' in page
    assert 'data-l="111年"' in page


def test_the_public_sees_lights_of_released_years_only(client, world, report):
    world.bring(report, Status.ACCEPTED, **BEHIND)
    assert {row["light"] for row in rows(client)} == {""}
    assert {row["light"] for row in rows(client, query="&year=111")} == {""}
    release(world.year)
    assert rows(client)[0]["light"] == "behind"


def test_a_draft_shows_nowhere(client, world, report):
    world.bring(report, Status.SIGNING, **BEHIND)
    assert {row["light"] for row in rows(client, world.officer_a)} == {"unknown"}


# --- finding --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("", ALL),
        ("1.1.1", ["1.1.1.1", "1.1.1.2"]),
        ("1.1.1.", ["1.1.1.1", "1.1.1.2"]),
        ("2", ["2.1.1.1"]),
        ("1.1.1.2", ["1.1.1.2"]),
        ("平臺", ["1.1.1.2"]),
        ("開放", ["1.1.2.1"]),
        ("育才", ["1.1.1.1", "1.1.1.2", "1.1.2.1"]),
        ("沒有這個", []),
        ("<b>", []),
    ],
)
def test_search_over_codes_and_names(client, world, q, expected):
    assert codes(client, f"&q={q}") == expected


def test_hits_are_marked_and_an_empty_result_says_what_to_do(client, world):
    assert "建置共用<mark>平臺</mark>" in client.get(f"{TREE}?q=平臺").content.decode()
    page = client.get(f"{TREE}?q=<script>").content.decode()
    assert "沒有找到措施。" in page
    assert "<script>&quot;" not in page
    assert 'value="&lt;script&gt;"' in page


def test_filters(client, world):
    last = make_year(world.plan, world.collator, 110)
    world.bring(world.report("1.1.1.1", "alpha", last), Status.ACCEPTED)
    world.bring(world.report("1.1.2.1", "science", last), Status.ACCEPTED, **BEHIND)
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, **BEHIND)
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    client.force_login(world.reviewer)
    expected = {
        "&goal=2": ["2.1.1.1"],
        "&ministry=science": ["1.1.1.2", "1.1.2.1"],
        "&ministry=gamma": [],
        "&light=late": ["1.1.1.1"],
        "&light=behind": ["1.1.1.1"],
        "&light=unknown": ["1.1.1.2", "2.1.1.1"],
        "&light=late&cause=procurement": ["1.1.1.1"],
        "&cause=none": [],
        "&change=worse": ["1.1.1.1"],
        "&change=better": ["1.1.2.1"],
        "&change=same": [],
        "&year=110&light=late": ["1.1.2.1"],
        "&goal=1&ministry=alpha&light=late&q=師資": ["1.1.1.1"],
    }
    assert {query: codes(client, query) for query in expected} == expected
    page = client.get(f"{TREE}?change=worse&year=111").content.decode()
    assert "只列比去年變差的措施。" in page
    assert 'name="change" value="worse"' in page, "kept by the form"


@pytest.mark.parametrize(
    "query", ["light=green", "cause=weather", "change=up", "year=120", "version=9", "version=x"]
)
def test_unknown_filters_are_refused(client, world, query):
    assert client.get(f"{TREE}?{query}").status_code == 404


# --- versions -------------------------------------------------------------------------------------
def test_older_versions_can_be_read_and_drafts_cannot(client, world):
    PlanVersion.objects.filter(pk=world.version.pk).update(state=VersionState.SUPERSEDED)
    newer = PlanVersion.objects.create(
        plan=world.plan, number=2, title="滾動修正", state=VersionState.APPROVED
    )
    PlanVersion.objects.create(plan=world.plan, number=3, title="草案")
    goal = Goal.objects.create(version=newer, code="1", ordinal=1, name="人才")
    implicit = SubGoal.objects.create(
        version=newer, goal=goal, code="1", ordinal=1, name="人才", implicit=True
    )
    strategy = Strategy.objects.create(
        version=newer, sub_goal=implicit, code="1.1", ordinal=1, name="培育", note="及各相關部會"
    )
    Measure.objects.create(
        version=newer, strategy=strategy, code="1.1.1", ordinal=1, position=1, name="新措施",
        lineage=world.measures["1.1.1.1"].lineage,
    )  # fmt: skip
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, **BEHIND)
    client.force_login(world.expert)
    page = client.get(TREE).content.decode()
    assert re.findall(r'<span class="code">([\d.]+)</span>', page) == ["1.1.1"]
    assert "及各相關部會" in page
    assert 'class="sub"' not in page, "an implicit level is not shown"
    assert rows(client)[0]["light"] == "behind", "reports follow the measure's lineage"
    assert codes(client, "&version=1") == ALL
    assert client.get(f"{TREE}?version=3").status_code == 404


def test_notices_of_what_was_not_imported_go_with_the_import(client, world):
    world.plan.imported_at = timezone.now()
    world.plan.save()
    assert "計畫本文還沒有匯入" not in client.get(TREE).content.decode()


def test_without_a_plan_it_says_what_to_do(client, db):
    assert "還沒有載入計畫" in client.get(TREE).content.decode()


# --- queries --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [None, "reviewer", "expert"])
def test_at_most_eight_queries_beyond_the_person(
    client, world, name, django_assert_max_num_queries, django_assert_num_queries
):
    """Four are the person's own on every page: session, account, roles, memberships."""
    if name:
        client.force_login(world.people[name])
    else:
        release(world.year)
    with django_assert_max_num_queries(8 + 4 * bool(name)) as few:
        assert client.get(f"{TREE}?goal=2").status_code == 200
    with django_assert_num_queries(len(few)):
        client.get(TREE)
    for number in range(3):
        Measure.objects.create(
            version=world.version, strategy=world.measures["2.1.1.1"].strategy,
            code=f"2.1.1.{number + 2}", ordinal=number + 2, position=number + 5, name="又一項",
        )  # fmt: skip
    with django_assert_num_queries(len(few)):
        client.get(TREE)


def test_dates_of_a_year_are_the_days_of_its_duties(client, world):
    """A year before the merger names the body that was merged later."""
    ReportingYear.objects.filter(pk=world.year.pk).update(opens_on=date(2022, 1, 3))
    assert rows(client, world.expert)[3]["partners"] == "丙署"
