"""Reports are written through the API by the same rules, versions and checks as on the pages."""

import pytest
from django.test import Client

from tests.world import make_indicator
from tracking.enums import Status
from tracking.models import ProgressReport

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(report) -> str:
    return f"reports/{report.pk}/"


# --- versions -------------------------------------------------------------------------------------
def test_a_saved_draft_has_a_new_tag(api, report, officer_a, address):
    read = api(officer_a, "get", address)
    assert read.headers["ETag"] == f'"{report.version}"'
    saved = api(officer_a, "patch", address, {"work_done": "辦了兩場。"}, match=report.version)
    assert saved.status_code == 200
    assert saved.headers["ETag"] == f'"{report.version + 1}"'
    assert saved.json()["work_done"] == "辦了兩場。"
    assert saved.json()["version"] == report.version + 1


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 428, "precondition_required"),
        ("*", 428, "precondition_required"),
        ('"7"', 412, "precondition_failed"),
        ('W/"1"', 412, "precondition_failed"),
        ("garbage", 412, "precondition_failed"),
        ('"7", "1"', 200, None),
    ],
)
def test_a_write_names_the_version_that_it_saw(
    client, report, officer_a, address, header, status, code
):
    client.force_login(officer_a)
    headers = {} if header is None else {"if-match": header}
    answer = client.patch(
        f"/api/v1/{address}", {"benefit": "有。"}, content_type="application/json", headers=headers
    )
    assert answer.status_code == status
    if code:
        assert answer.json()["code"] == code
        assert ProgressReport.objects.get(pk=report.pk).benefit == ""


def test_the_second_of_two_writers_learns_the_current_tag(api, report, officer_a, address):
    first = api(officer_a, "patch", address, {"benefit": "甲"}, match=report.version)
    second = api(officer_a, "patch", address, {"benefit": "乙"}, match=report.version)
    assert second.status_code == 412
    assert second.headers["ETag"] == first.headers["ETag"]
    assert ProgressReport.objects.get(pk=report.pk).benefit == "甲"


# --- what can be written --------------------------------------------------------------------------
def test_values_and_money_are_part_of_the_report(api, world, report, officer_a, address):
    indicator = make_indicator(report.measure, report.ministry, officer_a)
    saved = api(
        officer_a,
        "patch",
        address,
        {
            "values": [{"indicator": indicator.pk, "actual": "18", "note": "到十月"}],
            "money": [{"source": "公務預算", "allocated_thousand": 900, "spent_thousand": 100}],
        },
        match=report.version,
    )
    assert saved.status_code == 200, saved.json()
    assert [(row["name"], row["actual"]) for row in saved.json()["values"]] == [
        ("培訓人次", "18.0000")
    ]
    assert [row["spent_thousand"] for row in saved.json()["money"]] == [100]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"status": "accepted"}, "status"),
        ({"version": 9}, "version"),
        ({"light": "green"}, "light"),
        ({"completion": 101}, "completion"),
        ({"completed_on": "2022-13-01"}, "completed_on"),
        ({"completed_on": "0001-01-01"}, "completed_on"),  # no such ROC year
        ({"catch_up_on": "9999-12-31"}, "catch_up_on"),
        ({"values": [{"indicator": 999, "actual": "1"}]}, "indicators"),
        ({"money": [{"source": "公務預算", "allocated_thousand": -1}]}, "money"),
    ],
)
def test_what_cannot_be_taken_is_named(api, report, officer_a, address, data, field):
    answer = api(officer_a, "patch", address, data, match=report.version)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert field in answer.json()["fields"]
    assert ProgressReport.objects.get(pk=report.pk).version == report.version


def test_two_actuals_of_one_indicator_are_refused(api, world, report, officer_a, address):
    indicator = make_indicator(world.measures["1.1.1.1"], world.alpha, officer_a)
    twice = [{"indicator": indicator.pk, "actual": "1"}, {"indicator": indicator.pk, "actual": "2"}]
    answer = api(officer_a, "patch", address, {"values": twice}, match=report.version)
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"values": ["同一個指標只給一次實績。"]}
    assert not report.values.exists()


def test_a_correction_is_due_on_a_day_that_the_form_takes_too(api, world, report, address):
    report = world.bring(report, "under_review")
    body = {"parts": {"progress": "請補充。"}, "correction_due_on": "2911-01-01"}
    answer = api(world.reviewer, "post", f"reports/{report.pk}/return/", body, match=report.version)
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"correction_due_on": ["沒有這一天，請再看一次年、月、日。"]}
    body["correction_due_on"] = "2910-12-31"
    answer = api(world.reviewer, "post", f"reports/{report.pk}/return/", body, match=report.version)
    assert answer.status_code == 200


# --- sentences ------------------------------------------------------------------------------------
def test_refusals_are_in_the_language_of_the_site(api, officer_a, report, address):
    answer = api(None, "patch", address, {}, match=1)
    assert (answer.status_code, answer.json()["detail"]) == (403, "請先登入。")
    data = {"completed_on": "昨天"}
    answer = api(officer_a, "patch", address, data, match=report.version)
    assert answer.json()["fields"] == {"completed_on": ["日期格式不對，請用 YYYY-MM-DD。"]}
    client = Client()
    client.force_login(officer_a)
    answer = client.patch(
        f"/api/v1/{address}", "a,b", content_type="text/csv", headers={"if-match": '"1"'}
    )
    assert answer.status_code == 415
    assert answer.json()["detail"] == "不接受「text/csv」格式的內容。"


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/reports/x/", "/api/v1/nothing"])
def test_an_unknown_address_answers_in_json(client, db, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json() == {"code": "not_found", "detail": "找不到資源。"}


def test_elsewhere_an_unknown_address_is_a_page(client, db):
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


# --- the road -------------------------------------------------------------------------------------
def test_one_filing_goes_all_the_way(api, world, report, officer_a, window_a, reviewer, address):
    saved = api(
        officer_a,
        "patch",
        address,
        {"light": "on_track", "completion": 40, "work_done": "辦了三場。", "money": []},
        match=report.version,
    )
    version = saved.json()["version"]
    for user, verb, data, status in (
        (officer_a, "submit", {}, Status.SIGNING),
        (window_a, "sign-off", {}, Status.SUBMITTED),
        (reviewer, "start", {}, Status.UNDER_REVIEW),
        (reviewer, "return", {"parts": {"progress": "請寫人次。"}}, Status.RETURNED),
    ):
        moved = api(user, "post", f"{address}{verb}/", data, match=version)
        assert (moved.status_code, moved.json()["status"]) == (200, status), moved.json()
        version = moved.json()["version"]
        assert moved.headers["ETag"] == f'"{version}"'
    assert moved.json()["returned_parts"] == ["progress"]
    saved = api(officer_a, "patch", address, {"work_done": "辦了三場，九十人次。"}, match=version)
    version = saved.json()["version"]
    for user, verb in (
        (officer_a, "submit"), (window_a, "sign-off"), (reviewer, "start"), (reviewer, "accept"),
    ):  # fmt: skip
        moved = api(user, "post", f"{address}{verb}/", match=version)
        assert moved.status_code == 200, moved.json()
        version = moved.json()["version"]
    assert moved.json()["status"] == Status.ACCEPTED
    assert ProgressReport.objects.get(pk=report.pk).status == Status.ACCEPTED


def test_an_incomplete_report_is_not_submitted(api, report, officer_a, address):
    answer = api(officer_a, "post", f"{address}submit/", match=report.version)
    assert answer.status_code == 400
    assert "work_done" in answer.json()["fields"]


def test_a_move_out_of_its_time_is_a_conflict(api, report, window_a, address):
    answer = api(window_a, "post", f"{address}sign-off/", match=report.version)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["detail"]


def test_a_move_of_somebody_else_is_forbidden(api, report, viewer_a, address):
    answer = api(viewer_a, "post", f"{address}submit/", match=report.version)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_an_unknown_verb_is_not_there(api, report, officer_a, address):
    assert api(officer_a, "post", f"{address}publish/", match=1).status_code == 404


def test_a_reviewer_exempts_a_draft_without_reading_it(api, world, report, reviewer, address):
    draft = world.bring(report, Status.DRAFT, work_done="還沒寫完")
    answer = api(reviewer, "post", f"{address}exempt/", {"note": "不列管"}, match=draft.version)
    assert (answer.status_code, answer.json()["status"]) == (200, Status.NOT_APPLICABLE)
    assert "還沒寫完" not in answer.content.decode()


def test_moves_say_what_can_be_done_and_why_not(api, report, officer_a, viewer_a, address):
    def moves(user):
        return {row["verb"]: row for row in api(user, "get", address).json()["moves"]}

    assert moves(officer_a)["submit"]["ok"]
    assert not moves(viewer_a)["submit"]["ok"]
    assert moves(viewer_a)["submit"]["reason"]


# --- two duties, one report -----------------------------------------------------------------------
def test_a_report_names_every_duty_that_it_answers(api, world):
    # 丙署 merged into 乙部, so that lead and partner are one body.
    both = world.report("2.1.1.1", "beta")
    answer = api(world.people["officer_b"], "get", f"reports/{both.pk}/").json()
    assert (answer["ministry"], answer["role"]) == ("beta", "lead")
    assert [(duty["ministry"], duty["role"]) for duty in answer["duties"]] == [
        ("beta", "lead"),
        ("gamma", "partner"),
    ]
