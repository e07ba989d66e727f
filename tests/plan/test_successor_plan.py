"""A successor of another shape stands beside the plan in force, and is filed against as a draft."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from plan.actions import revise, versions
from plan.actions.load_plan import load_plan
from plan.enums import Ground
from plan.export import export_plan
from plan.fixture_files.read import read
from plan.models import PlanVersion, SubGoal
from tests.kept import kept
from tests.plan.samples import facts
from tests.world import bring
from tracking.actions import years
from tracking.enums import Status
from tracking.models import ProgressReport, ReportingYear

FILE = Path(__file__).with_name("successor.yaml")


@kept
def successor(world) -> PlanVersion:
    load_plan(read(FILE), by="system:tests")
    return PlanVersion.objects.get(plan__slug="small-next")


@kept
def open_year(world, successor) -> ReportingYear:
    today = timezone.localdate()
    year = years.add_year(
        successor.plan,
        year=114,
        opens_on=today - timedelta(days=1),
        due_on=today + timedelta(days=30),
        closes_on=today + timedelta(days=60),
        by=world.collator,
    )
    return years.open_year(year, by=world.collator)


def text(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_goals_without_sub_goals_get_an_implicit_one(successor):
    assert list(SubGoal.objects.filter(version=successor).values_list("code", "implicit")) == [
        ("A", True),
        ("B", True),
    ]
    assert "sub_goal" not in successor.level_names
    assert load_plan(read(FILE), by="system:tests") == []


def test_it_is_filed_against_while_a_draft(client, world, successor, open_year):
    assert open_year.made == 5
    report = ProgressReport.objects.get(measure__code="A.1.1", ministry=world.alpha)
    client.force_login(world.officer_a)
    desk = text(client, reverse("desk"))
    assert "開設進修班" in desk
    assert "培育種子師資" in desk
    form = text(client, reverse("report-edit", args=[report.pk]))
    assert "開設進修班" in form
    bring(
        report,
        Status.ACCEPTED,
        officer=world.officer_a,
        window=world.window_a,
        reviewer=world.reviewer,
    )
    page = text(client, reverse("report", args=[report.pk]))
    link = "/plan/measures/A.1.1/?plan=small-next&amp;version=1"
    assert link in page
    measure = text(client, link.replace("&amp;", "&"))
    assert "辦理三場培訓" in measure
    assert "行動" in measure
    indicators = text(client, "/plan/measures/A.1.1/indicators/?plan=small-next&version=1")
    assert "A.1.1" in indicators


def test_its_pages_call_things_by_its_own_names(client, world, successor, open_year):
    client.force_login(world.collator)
    tree = text(client, "/plan/?plan=small-next")
    assert "2項主軸，3項行動" in tree
    assert "/plan/measures/A.1.1/?plan=small-next&amp;version=1" in tree
    assert "培育種子師資" not in tree
    assert "開設進修班" in text(client, "/plan/?year=114")
    assert "A.1" in text(client, "/collation/?year=114")
    assert "路徑" in text(client, "/collation/?year=114")
    assert "1.1.1" in text(client, "/collation/")
    assert "114年度" in text(client, "/collation/years/?plan=small-next")
    assert "114年度" not in text(client, "/collation/years/")
    assert text(client, "/?year=114")


def test_the_plan_in_force_stays_what_everybody_sees(client, world, successor, open_year):
    for url in ("/", "/plan/"):
        page = text(client, url)
        assert "民國110–113年・執行追蹤" in page
        assert "小計畫後續" not in page
    assert client.get("/plan/?plan=small-next").status_code == 404
    assert client.get("/plan/measures/A.1.1/?plan=small-next").status_code == 404
    assert client.get("/plan/measures/A.1.1/").status_code == 404
    assert client.get("/plan/?plan=nowhere").status_code == 404


def test_once_approved_it_is_the_one_and_the_old_plan_stays_within_reach(
    client, world, successor, open_year
):
    approved = versions.approve_draft(
        successor,
        seen_edits=1,
        document_number="院臺科字第9號",
        on=timezone.localdate(),
        running_year_rule="stay",
        by=world.reviewer,
    )
    assert approved.effective_on is None
    assert "民國114–117年・執行追蹤" in text(client, "/")
    assert "培育種子師資" in text(client, "/plan/?plan=small")
    assert "培育種子師資" in text(client, "/plan/measures/1.1.1.1/")
    assert "開設進修班" in text(client, "/plan/measures/A.1.1/")
    client.force_login(world.collator)
    assert "培育人才" in text(client, "/collation/?year=111")
    for ministry in ("alpha", "science"):
        assert text(client, reverse("ministry", args=[ministry]))
        assert client.get(reverse("ministry-csv", args=[ministry])).status_code == 200


def test_it_can_be_revised_without_sub_goals(world, successor):
    versions.approve_draft(
        successor,
        seen_edits=1,
        document_number="院臺科字第9號",
        on=timezone.localdate(),
        running_year_rule="stay",
        by=world.reviewer,
    )
    draft = versions.open_draft(successor.plan, by=world.collator)
    given = {"why": revise.Why(Ground.POLICY, "試", "試"), "by": world.collator}
    revise.add(draft, "goal", under=None, name="研發", seen_edits=1, **given)
    goal = draft.goals.get(name="研發")
    assert goal.sub_goals.get().implicit
    draft.refresh_from_db()
    revise.add(
        draft,
        "strategy",
        under=goal.sub_goals.get(),
        name="共同研發",
        duties=revise.Duties([world.alpha.pk]),
        seen_edits=2,
        **given,
    )
    assert draft.strategies.get(name="共同研發").code == f"{goal.code}.1"


def test_a_revisions_draft_takes_no_file(world):
    draft = versions.open_draft(world.plan, by=world.collator)
    values = export_plan(world.version) | {"version": draft.number}
    with pytest.raises(Exception, match="滾動修正的草案"):
        load_plan(facts(values), by="system:tests")
