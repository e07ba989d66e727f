"""Live or an edition of a review: what is shown, from where, for whom, and that it says so."""

import csv
import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from ministries.models import Ministry
from plan.models import Goal, Measure
from reports.enums import Audience, ReviewState
from reports.models import Edition, Filing, Review, SnapshotLine
from reports.pages.frozen import Frozen
from reports.queries.reviews import current_edition
from reports.rules.reviews import may_see_numbers
from tests.kept import kept
from tests.outcomes import BEHIND, release
from tests.reports.review_world import begun, bring_review, edition_of
from tests.test_query_counts import as_person, queries
from tests.world import World, make_year
from tracking import standing
from tracking.actions.lights import set_light
from tracking.enums import FilingState, Light, Status
from tracking.models import ProgressReport


def key(edition: Edition) -> str:
    return f"{edition.review_id}-{edition.number}"


def table(client, url: str) -> list[dict[str, str]]:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def page_of(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


@kept
def edition(world: World) -> Edition:
    """Years 110 and 111 frozen: 110 done and on track, 111 with every kind of answer."""
    last = make_year(world.plan, world.collator, 110)
    world.bring(world.report("1.1.1.1", "alpha", last), Status.ACCEPTED)
    world.bring(world.report("1.1.2.1", "science", last), Status.ACCEPTED, **BEHIND)
    review = begun(world)
    world.bring(world.report("1.1.2.1", "science"), Status.ACCEPTED)
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    world.bring(world.report("2.1.1.1", "beta"), Status.NOT_APPLICABLE)
    set_light(
        world.measures["1.1.2.1"],
        world.year,
        light=Light.BEHIND,
        reason="實地查核的進度落後。",
        by=world.reviewer,
    )
    bring_review(world, review, ReviewState.ASSESSING)
    return edition_of(review)


# --- the same as it was live ----------------------------------------------------------------------
def test_an_edition_shows_what_was_live_when_it_was_frozen(client, world: World, edition: Edition):
    live = standing.lights_of_years([world.year], world.reviewer)[world.year.pk]
    found = Frozen(edition.pk).lights(111)
    bodies = {ministry.pk: code for code, ministry in world.ministries.items()}
    assert found == {
        lineage: light._replace(decided_by=bodies.get(light.decided_by))
        for lineage, light in live.items()
    }
    client.force_login(world.reviewer)
    source = f"&source={key(edition)}"
    for part in ("goals", "worse", "filing", "causes"):
        for year in (110, 111):
            url = f"/?format=csv&part={part}&year={year}"
            frozen, now = table(client, url + source), table(client, url)
            assert {row.pop("source") for row in now} <= {"live"}
            assert {row.pop("source") for row in frozen} <= {f"{key(edition)} {edition.digest}"}
            assert frozen == now, (part, year)
    for year in (110, 111):
        url = f"/plan/?format=csv&year={year}"
        frozen, now = table(client, url + source), table(client, url)
        assert {row.pop("source") for row in frozen + now} == {
            "live", f"{key(edition)} {edition.digest}",
        }  # fmt: skip
        assert frozen == now, year


def test_a_part_that_ended_stays_ended_in_the_years_after_it(world: World):
    last = make_year(world.plan, world.collator, 110)
    world.bring(
        world.report("1.1.1.1", "alpha", last), Status.ACCEPTED, light="done", completion=100,
        completed_on=timezone.localdate(),
    )  # fmt: skip
    world.bring(world.report("1.1.1.1", "alpha"), Status.NOT_APPLICABLE)
    review = Review.objects.create(
        plan=world.plan, kind="midterm", title="期中評估", first_year=110, last_year=111
    )
    bring_review(world, review, ReviewState.ASSESSING)
    lineage = world.measures["1.1.1.1"].lineage
    found = Frozen(edition_of(review).pk)
    assert found.lights(110)[lineage].shown == found.lights(111)[lineage].shown == Light.DONE
    assert found.lights(111)[lineage].completion == 100


# --- no live row ----------------------------------------------------------------------------------
def test_an_edition_is_shown_without_a_live_row(client, world: World, edition: Edition):
    client.force_login(world.reviewer)
    urls = [
        *(f"/?format=csv&part={part}&year=111" for part in ("goals", "worse", "filing", "causes")),
        "/plan/?format=csv&year=111",
        *(f"/plan/goals/1/?format=csv&part={part}&year=111" for part in ("parts", "causes")),
    ]
    urls = [f"{url}&source={key(edition)}" for url in urls]
    before = [table(client, url) for url in urls]
    ProgressReport.objects.update(light="ahead", completion=99, cause="", sub_cause="改過")
    Measure.objects.update(name="改過的措施")
    Goal.objects.update(name="改過的目標")
    Ministry.objects.update(short_name="改過的部會")
    assert [table(client, url) for url in urls] == before
    page = page_of(client, f"/?year=111&source={key(edition)}")
    assert "培育種子師資" in page
    assert "改過" not in page[page.index("<main") : page.index("</main>")]


def test_lights_are_read_from_lines_alone(
    world: World, edition: Edition, django_assert_num_queries
):
    SnapshotLine.objects.filter(edition=edition, measure_code="1.1.1.1").delete()
    frozen = Frozen(edition.pk)
    with django_assert_num_queries(2):
        lights = frozen.lights(111)
        frozen.filing(111, whole=True)
        frozen.duties(110)
    assert world.measures["1.1.1.1"].lineage not in lights


# --- what it says ---------------------------------------------------------------------------------
def test_the_page_says_what_it_shows_and_offers_the_others(client, world: World, edition: Edition):
    client.force_login(world.reviewer)
    live = page_of(client, "/?year=111")
    assert "即時，未凍結" in live
    assert "?year=111&amp;choose=1" in live
    offered = page_of(client, "/?year=111&choose=1")
    assert f"?year=111&amp;source={key(edition)}" in offered
    for url in ("/", "/plan/"):
        page = page_of(client, f"{url}?year=111&source={key(edition)}")
        day = timezone.localdate()
        said = f"期中評估第1版，凍結於{day.year - 1911}-{day:%m-%d}，摘要碼{edition.digest[:8]}…"
        assert said in page
        assert "即時，未凍結" not in page
        assert 'href="?year=111"' in page, "the way back to live rows"
        assert f"source={key(edition)}" not in page_of(client, "/plan/"), "one query less"
        years = re.findall(r'class="years">(.*?)</dd>', page)[0]
        assert f"source={key(edition)}" in years


def test_every_link_of_an_edition_leads_to_the_same_edition(client, world: World, edition: Edition):
    client.force_login(world.reviewer)
    page = page_of(client, f"/?year=111&source={key(edition)}")
    inside = page[page.index("<main") : page.index("</main>")]
    links = re.findall(r'href="((?:/plan/)?\?[^"]*)"', inside)
    carried = [link for link in links if f"source={key(edition)}" not in link]
    assert carried == ["?year=111"], "the way back to live rows"
    assert "等你處理" not in inside
    assert "/collation/" not in inside


def test_a_measure_of_an_edition_leads_to_its_frozen_line(client, world: World, edition: Edition):
    client.force_login(world.reviewer)
    page = page_of(client, f"/plan/?year=111&source={key(edition)}")
    line = edition.lines.get(key="111/1.1.1.1/alpha")
    url = reverse("review-line", args=[edition.review_id, edition.number, line.ordinal])
    assert f'href="{url}"' in page
    assert "/plan/measures/1.1.1.1/" not in page


def test_a_year_outside_of_an_edition_is_not_in_it_and_said_so(client, world: World, edition):
    make_year(world.plan, world.collator, 112)
    client.force_login(world.reviewer)
    assert "期中評估第1版不含112年度" in page_of(client, f"/?year=112&source={key(edition)}")
    assert "期中評估第1版不含112年度，所以沒有燈號。" in page_of(
        client, f"/plan/?year=112&source={key(edition)}"
    )
    # Without a year, the last one that the edition spans.
    assert "111年度：" in page_of(client, f"/?source={key(edition)}")
    assert client.get(f"/?format=csv&part=path&source={key(edition)}").status_code == 404


# --- for whom -------------------------------------------------------------------------------------
def test_who_may_choose_which_edition(world: World):
    """Staff always, ministries from the day on which they are asked, everybody once published."""
    review = begun(world)
    told = {
        ReviewState.ASSESSING: {"reviewer", "collator"},
        ReviewState.SYNTHESIS: {"reviewer", "collator"},
        ReviewState.COMMENTING: {"reviewer", "collator", "officer_a", "viewer_b"},
        ReviewState.APPROVED: {"reviewer", "collator", "officer_a", "viewer_b"},
        ReviewState.PUBLISHED: {
            "reviewer", "collator", "officer_a", "viewer_b", "expert", "administrator", None,
        },
    }  # fmt: skip
    release(world.year)
    for state, expected in told.items():
        row = bring_review(world, review, state)
        edition = current_edition(row)
        found = set()
        for name in told[ReviewState.PUBLISHED]:
            user = world.people[name] if name else None
            browser = as_person(user)
            answers = {
                browser.get(f"{url}?source={key(edition)}").status_code
                for url in ("/", "/plan/", "/plan/goals/1/", "/plan/goals/1/figures/parts.json")
            }
            assert answers in ({200}, {404})
            if answers == {200}:
                found.add(name)
            for url in ("/?choose=1", "/plan/?choose=1"):
                offered = key(edition) in browser.get(url).content.decode()
                assert offered == (answers == {200}), (state, name, url)
            if user and state != ReviewState.PUBLISHED:
                assert may_see_numbers(row, user) == (answers == {200})
        assert found == expected, state


def test_a_withdrawn_filing_takes_the_edition_from_the_public(client, world: World):
    review = begun(world)
    release(world.year)
    row = bring_review(world, review, ReviewState.PUBLISHED)
    edition = edition_of(row)
    assert client.get(f"/?source={key(edition)}").status_code == 200
    Filing.objects.update(withdrawn_at=timezone.now())
    assert client.get(f"/?source={key(edition)}").status_code == 404
    assert not Edition.objects.for_audience(Audience.PUBLIC, timezone.localdate()).exists()


def test_the_public_sees_no_more_of_an_edition_than_of_live_rows(client, world: World):
    row = bring_review(world, begun(world), ReviewState.PUBLISHED)
    source = f"source={key(edition_of(row))}"
    assert "111年度的執行情形還沒有公布" in page_of(client, f"/?year=111&{source}")
    release(world.year)
    rows = table(client, f"/?format=csv&part=filing&year=111&{source}")
    hidden = [
        row[state.value]
        for row in rows
        for state in FilingState
        if state not in (FilingState.ACCEPTED, FilingState.NOTHING_TO_REPORT)
    ]
    assert set(hidden) == {""}
    page = page_of(client, f"/plan/?year=111&{source}")
    assert "/plan/measures/1.1.1.1/" in page, "frozen lines are not for everybody"


@pytest.mark.parametrize("source", ["1", "1-99", "99-1", "x-y", "1-1-1", "../1", "1-1 OR 1=1"])
def test_an_edition_that_there_is_not_is_not_found(client, world: World, edition, source):
    client.force_login(world.reviewer)
    for url in ("/", "/plan/"):
        assert client.get(url, {"source": source}).status_code == 404


def test_an_edition_has_its_own_version(client, world: World, edition: Edition):
    client.force_login(world.reviewer)
    assert client.get(f"/plan/?source={key(edition)}&version=1").status_code == 200
    assert client.get(f"/plan/?source={key(edition)}&version=2").status_code == 404


# --- how much it asks -----------------------------------------------------------------------------
def test_more_editions_ask_no_more(world: World, edition: Edition):
    browser = as_person(world.reviewer)
    urls = [
        "/",
        "/plan/",
        "/plan/?choose=1",
        f"/?source={key(edition)}",
        f"/plan/?source={key(edition)}",
    ]
    one = [queries(browser, url) for url in urls]
    for number in (2, 3):
        Edition.objects.create(
            review=edition.review, number=number, digest=str(number) * 64, head=edition.head,
            rules=edition.rules, standing=edition.standing,
        )  # fmt: skip
    assert [queries(browser, url) for url in urls] == one
