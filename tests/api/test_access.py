"""Who reads and writes what through the API, held to exact sets; nothing out of sight leaks."""

import pytest

from tests.world import WHOLE
from tracking.enums import Status

pytestmark = pytest.mark.django_db
SECRET = "這段話還不該有人讀到"
EVERYBODY = (
    "officer_a", "window_a", "viewer_a", "officer_b", "officer_s", "reviewer", "collator",
    "expert", "administrator",
)  # fmt: skip
PUBLIC_LISTS = (
    "", "plans/", "versions/", "goals/", "sub-goals/", "strategies/", "measures/", "ministries/",
    "successions/", "reporting-years/", "reports/", "schema/", "docs/",
)  # fmt: skip
# 甲部 leads 1.1.1.1 (with 乙部) and 1.1.1.2 (both lead), 科學部 1.1.2.1 (with 甲部).
SIGNED_OFF = {"submitted", "under_review", "returned", "accepted"}
READS = {
    None: set(),
    "officer_a": {"signing", "submitted", "under_review", "accepted", "not_applicable"},
    "viewer_a": {"signing", "submitted", "under_review", "accepted", "not_applicable"},
    "officer_b": {"submitted", "returned", "accepted", "draft"},
    "officer_s": {"accepted"},
    "reviewer": SIGNED_OFF,
    "collator": SIGNED_OFF,
    "expert": {"accepted"},
    "administrator": {"accepted"},
}


@pytest.mark.parametrize("path", PUBLIC_LISTS)
@pytest.mark.parametrize("name", (None, *EVERYBODY))
def test_lists_are_open_to_all(api, world, name, path):
    assert api(name and world.people[name], "get", path).status_code == 200


@pytest.mark.parametrize("name", READS)
def test_each_reads_their_own_set_of_reports(api, world, every_state, name):
    user = name and world.people[name]
    listed = api(user, "get", "reports/").json()["results"]
    ids = {report.pk: status for status, report in every_state.items()}
    assert {ids[row["id"]] for row in listed if row["id"] in ids} == READS[name]
    one_by_one = {
        status
        for status, report in every_state.items()
        if api(user, "get", f"reports/{report.pk}/").status_code == 200
    }
    assert one_by_one == READS[name]


@pytest.mark.parametrize("name", (None, "officer_b", "officer_s", "reviewer", "collator", "expert"))
def test_a_draft_of_another_ministry_leaks_nowhere(api, world, report, name):
    world.bring(report, Status.DRAFT, **{key: SECRET for key in WHOLE if key == "work_done"})
    user = name and world.people[name]
    paths = [
        *PUBLIC_LISTS, f"reports/{report.pk}/", "reports/?page_size=500", "measures/1.1.1.1/",
        "measures/?year=111", "reports/?status=draft", "reports/?ministry=alpha",
    ]  # fmt: skip
    for path in paths:
        assert SECRET not in api(user, "get", path).content.decode(), path
    assert api(user, "get", f"reports/{report.pk}/").status_code == 404


def test_the_public_reads_a_report_after_release_only(api, world, every_state, release):
    accepted = every_state[Status.ACCEPTED]
    assert api(None, "get", f"reports/{accepted.pk}/").status_code == 404
    release()
    assert api(None, "get", f"reports/{accepted.pk}/").status_code == 200
    rows = api(None, "get", "reports/").json()["results"]
    assert [row["id"] for row in rows] == [accepted.pk]


def test_the_public_sees_evidence_only_where_it_is_marked(api, world, every_state, release):
    accepted = every_state[Status.ACCEPTED]
    for title, public in (("公開的連結", True), ("內部的連結", False)):
        accepted.evidence.create(
            title=title, url="https://example.test/", public=public, added_by=world.officer_s
        )
    release()
    answers = {
        user: api(user, "get", f"reports/{accepted.pk}/").json()["evidence"]
        for user in (None, world.officer_b)
    }
    assert [row["title"] for row in answers[None]] == ["公開的連結"]
    assert len(answers[world.officer_b]) == 2


@pytest.mark.parametrize("verb", ("submit", "sign-off", "withdraw", "start", "accept"))
def test_the_public_moves_nothing(api, world, every_state, release, verb):
    release()
    accepted = every_state[Status.ACCEPTED]
    answer = api(None, "post", f"reports/{accepted.pk}/{verb}/", match=accepted.version)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_authenticated")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("officer_a", 200), ("window_a", 403), ("viewer_a", 403), ("officer_b", 404),
        ("officer_s", 404), ("reviewer", 404), ("collator", 404), ("expert", 404),
        ("administrator", 404), (None, 403),
    ],
)  # fmt: skip
def test_only_its_officer_writes_a_draft(api, world, report, name, status):
    user = name and world.people[name]
    answer = api(
        user, "patch", f"reports/{report.pk}/", {"work_done": "辦了兩場。"}, match=report.version
    )
    assert answer.status_code == status


def test_a_year_that_is_not_released_is_not_public(api, world):
    assert api(None, "get", "reporting-years/111/").status_code == 404
    assert api(world.expert, "get", "reporting-years/111/").status_code == 200
    assert api(None, "get", "measures/?year=111").status_code == 400
    assert api(None, "get", "measures/").json()["results"][0]["light"] is None


def test_a_draft_version_is_for_those_who_work_on_it(api, world):
    draft = world.plan.versions.create(number=2, title="修正草案", state="draft")
    for user, numbers in ((None, [1]), (world.officer_a, [1]), (world.reviewer, [2, 1])):
        rows = api(user, "get", "versions/").json()["results"]
        assert [row["number"] for row in rows] == numbers
    assert api(None, "get", f"versions/{draft.pk}/").status_code == 404
    assert api(None, "get", "goals/?version=2").status_code == 400
    assert api(world.reviewer, "get", "goals/?version=2").json()["count"] == 0
