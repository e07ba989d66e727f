"""The review screen: differences, flags, decisions part by part; and indicators' proposals."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests.tracking.pages import fields
from tests.world import make_indicator
from tracking.actions import reports as actions
from tracking.actions import years
from tracking.enums import Part, Status


def next_year(world):
    today = timezone.localdate()
    year = years.add_year(
        world.plan,
        year=112,
        opens_on=today,
        due_on=today + timedelta(days=20),
        closes_on=today + timedelta(days=30),
        by=world.collator,
    )
    return years.open_year(year, by=world.collator)


def test_this_year_stands_against_last_year(world, as_user):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, work_done="辦了三場培訓。")
    new = world.bring(
        world.report("1.1.1.1", "alpha", next_year(world)),
        Status.UNDER_REVIEW,
        work_done="辦了五場培訓。",
        completion=30,
    )
    page = as_user(world.reviewer).get(reverse("report-review", args=[new.pk])).content.decode()
    assert "<del>三</del>" in page and "<ins>五</ins>" in page
    assert "累計完成度由40%降為30%" in page
    assert "與去年一字未改" in page  # 效益


def test_a_decision_is_asked_for_each_part_and_typed_reasons_are_kept(world, report, as_user):
    report = world.bring(report, Status.UNDER_REVIEW)
    url = reverse("report-review", args=[report.pk])
    browser = as_user(world.reviewer)
    data = fields(browser.get(url), url)
    assert "decision_lateness" not in browser.get(url).content.decode()
    answer = browser.post(
        url,
        data
        | {
            "decision_money": "return",
            "decision_progress": "accept",
            "reason_indicators": "打了一半的理由",
        },
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "還沒決定。" in page and "寫出退回的理由" in page
    assert fields(answer, url)["reason_indicators"] == "打了一半的理由"
    report.refresh_from_db()
    assert report.status == Status.UNDER_REVIEW


def test_a_return_names_parts_and_a_day(world, report, as_user):
    report = world.bring(report, Status.UNDER_REVIEW)
    url = reverse("report-review", args=[report.pk])
    browser = as_user(world.reviewer)
    data = fields(browser.get(url), url) | {
        "do": "rest",
        "decision_money": "return",
        "reason_money": "請附追加的依據。",
    }
    day = timezone.localdate() - timedelta(days=1)
    past = {
        "correction_due_on_0": day.year - 1911,
        "correction_due_on_1": day.month,
        "correction_due_on_2": day.day,
    }
    answer = browser.post(url, data | past)
    assert answer.status_code == 422
    assert "補正期限不能在今天以前。" in answer.content.decode()
    browser.post(url, data)
    report.refresh_from_db()
    assert report.returned_parts == [Part.MONEY]
    assert report.returns.get().reason == "請附追加的依據。"


def test_an_old_version_is_not_decided_on(world, report, as_user):
    report = world.bring(report, Status.UNDER_REVIEW)
    url = reverse("report-review", args=[report.pk])
    answer = as_user(world.reviewer).post(url, {"seen_version": 1, "do": "rest"}, follow=True)
    assert "已經被別人改過" in answer.content.decode()
    report.refresh_from_db()
    assert report.status == Status.UNDER_REVIEW


# --- indicators -----------------------------------------------------------------------------------
def proposal(**changes) -> dict:
    return {
        "name": "培訓場次",
        "unit": "場",
        "kind": "count",
        "accumulation": "yearly",
        "direction": "higher",
        "value_111": "3",
        "value_112": "5",
    } | changes


def test_an_indicator_is_proposed_declined_mended_and_approved(world, as_user):
    measure = world.measures["1.1.1.1"]
    url = reverse("indicator-list", args=[measure.code])
    officer, reviewer = as_user(world.officer_a), as_user(world.reviewer)
    empty = fields(officer.get(url), url)
    refused = officer.post(url, empty | proposal(value_111="", value_112=""))
    assert refused.status_code == 422
    assert "至少填一個年度的目標。" in refused.content.decode()
    officer.post(url, empty | proposal())
    row = measure.indicators.get()
    # Proposals are not for other ministries.
    assert "培訓場次" not in as_user(world.officer_b).get(url).content.decode()

    decline = reverse("indicator-decide", args=[row.pk, "decline"])
    assert officer.post(decline, {"seen_revision": 1, "note": "不"}).status_code == 403
    reviewer.post(decline, {"seen_revision": 1, "note": "請說明場次怎麼算。"})
    assert "請說明場次怎麼算。" in officer.get(url).content.decode()

    edit = reverse("indicator-edit", args=[row.pk])
    data = fields(officer.get(edit), edit)
    assert (data["name"], data["value_112"]) == ("培訓場次", "5")
    officer.post(edit, data | {"note": "半天以上算一場"})
    row.refresh_from_db()
    assert (row.state, row.note) == ("proposed", "半天以上算一場")
    approve = reverse("indicator-decide", args=[row.pk, "approve"])
    stale = reviewer.post(approve, {"seen_revision": 1}, follow=True)
    assert "已經被別人改過" in stale.content.decode()
    reviewer.post(approve, {"seen_revision": row.revision})
    row.refresh_from_db()
    assert row.state == "approved"
    assert "培訓場次" in as_user(world.officer_b).get(url).content.decode()


def test_a_changed_target_keeps_the_old_one_in_view(world, as_user):
    row = make_indicator(world.measures["1.1.1.1"], world.alpha, world.officer_a)
    url = reverse("indicator-target", args=[row.pk])
    browser = as_user(world.officer_a)
    given = {"seen_revision": 1, "year": 111, "value": "15", "reason": "短"}
    refused = browser.post(url, given)
    assert refused.status_code == 422
    browser.post(url, given | {"reason": "場地整修半年，只能辦一半。"})
    page = (
        as_user(world.officer_b).get(reverse("indicator-list", args=["1.1.1.1"])).content.decode()
    )
    assert "<del>20</del>" in page and "<ins>15</ins>" in page
    assert "場地整修半年，只能辦一半。" in page
    assert as_user(world.officer_b).get(url).status_code == 403


def test_parts_bear_the_numbers_of_the_form(world, report, as_user):
    world.bring(report, Status.UNDER_REVIEW)
    answer = as_user(world.reviewer).get(reverse("report-review", args=[report.pk]))
    numbers = {section["title"]: section["numbers"] for section in answer.context["sections"]}
    assert numbers == {
        "執行情形": "1・2・5",
        "量化指標": "3",
        "落後說明": "4",
        "次年計畫": "6",
        "經費": "7",
        "佐證資料": "8",
    }
    places = [place for place, _numbers, _flag in answer.context["flags"]]
    assert all(f'id="p{place}"' in answer.content.decode() for place in places)


def test_yes_and_no_are_words(world, report, as_user, client):
    report = world.bring(report, Status.SUBMITTED)
    indicator = make_indicator(
        report.measure,
        world.alpha,
        world.officer_a,
        name="規範發布",
        unit="是否",
        kind="yes_no",
        baseline=0,
        baseline_year=109,
        targets={111: 1},
    )
    report.values.create(indicator=indicator, actual=1)
    indicator.target_changes.create(
        year=111, before={"value": "0"}, after={"value": "1"}, reason="提早發布", by=world.officer_a
    )
    reviewer = as_user(world.reviewer)
    report = actions.start_review(report, seen_version=report.version, by=world.reviewer)
    actions.accept(report, seen_version=report.version, by=world.reviewer)
    page = reviewer.get(reverse("measure", args=["1.1.1.1"])).content.decode()
    assert "規範發布：111年實績是，達到目標" in page
    assert "基期109年否" in page
    assert "（否 → 是）" in page
    assert '<td class="num"><b>是</b></td>' in page
    page = reviewer.get(reverse("indicator-list", args=["1.1.1.1"])).content.decode()
    assert "基期109年否" in page
    assert "<del>否</del> → <ins>是</ins>" in page
