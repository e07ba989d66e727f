"""Filing by the pages, without scripts: the whole road of a report, and what a draft keeps."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.tracking.pages import fields
from tests.world import WHOLE, make_indicator
from tracking.enums import Light, Part, Status, Verb
from tracking.models import ProgressReport

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def edit_url(report) -> str:
    return reverse("report-edit", args=[report.pk])


def save(browser, report, do="save", **changes):
    """Open the form, change some fields, press a button."""
    url = edit_url(report)
    data = fields(browser.get(url), url) | {"do": do} | changes
    return browser.post(url, {name: value for name, value in data.items() if value is not None})


def move(browser, report, verb, **given):
    report.refresh_from_db()
    url = reverse("report-move", args=[report.pk, verb])
    return browser.post(url, {"seen_version": report.version, **given}, follow=True)


def fill(browser, report, **changes):
    """A whole report of a lead on time."""
    whole = {name: str(value) for name, value in WHOLE.items()}
    money = {
        "money_0_source": "公務預算",
        "money_0_allocated_thousand": "1,200",
        "money_0_spent_thousand": "９００",
    }
    return save(browser, report, **{**whole, **money, **changes})


def review(browser, report, do="decide", **decisions):
    url = reverse("report-review", args=[report.pk])
    return browser.post(url, fields(browser.get(url), url) | decisions | {"do": do}, follow=True)


def test_the_whole_road(world, report, as_user):
    officer, window = as_user(world.officer_a), as_user(world.window_a)
    reviewer = as_user(world.reviewer)

    # An incomplete draft is kept, and can't be sent.
    answer = save(officer, report, "submit", work_done="辦了三場。")
    assert answer.url == edit_url(report) + "?check=1"
    page = officer.get(answer.url)
    assert "主辦部會要選一個燈號。" in page.content.decode()
    assert 'href="#id_light_group"' in page.content.decode()
    report.refresh_from_db()
    assert (report.status, report.work_done) == (Status.DRAFT, "辦了三場。")

    fill(officer, report)
    answer = save(officer, report, "submit")
    assert answer.url == reverse("report", args=[report.pk])
    report.refresh_from_db()
    assert report.status == Status.SIGNING
    line = report.money_lines.get()
    assert (line.source, line.allocated_thousand, line.spent_thousand) == ("公務預算", 1200, 900)

    assert "核可並送國科會" in window.get(reverse("report", args=[report.pk])).content.decode()
    assert "已核可" in move(window, report, Verb.SIGN_OFF).content.decode()
    move(reviewer, report, Verb.START)
    report.refresh_from_db()
    assert report.status == Status.UNDER_REVIEW

    answer = review(
        reviewer,
        report,
        "rest",
        decision_next_year="return",
        reason_next_year="請寫出場次與時程。",
    )
    assert "已退回「次年計畫」" in answer.content.decode()
    report.refresh_from_db()
    assert (report.status, report.returned_parts) == (Status.RETURNED, [Part.NEXT_YEAR])

    # The officer sees the reason at its part, and only that part is open.
    page = officer.get(edit_url(report))
    assert "請寫出場次與時程。" in page.content.decode()
    assert set(fields(page, edit_url(report))) == {
        "seen_version",
        "base",
        "copy",
        "holder",
        "next_steps",
    } | {name for name in fields(page, edit_url(report)) if name.startswith("evidence-")}
    assert "請寫出場次與時程。" in officer.get(reverse("desk")).content.decode()
    # A field of another part that is posted nevertheless is not taken.
    answer = save(officer, report, "submit", next_steps="四月辦五場。", work_done="改寫過去。")
    report.refresh_from_db()
    assert (report.status, report.next_steps) == (Status.SIGNING, "四月辦五場。")
    assert report.work_done == WHOLE["work_done"]

    move(window, report, Verb.SIGN_OFF)
    move(reviewer, report, Verb.START)
    answer = review(reviewer, report, "rest")
    assert "已接受甲部的這份報告。" in answer.content.decode()
    report.refresh_from_db()
    assert report.status == Status.ACCEPTED
    history = officer.get(reverse("report", args=[report.pk])).content.decode()
    assert history.count("請寫出場次與時程。") == 1


def test_what_can_not_be_read_is_kept_and_said_at_its_field(report, officer_a, as_user):
    answer = save(
        as_user(officer_a),
        report,
        work_done="打了很久的字。",
        completion="四成",
        completed_on_0="111",
        completed_on_1="2",
        completed_on_2="30",
        money_0_source="公務預算",
        money_0_allocated_thousand="很多",
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    for sentence in ("填整數，不要小數點和單位。", "沒有這一天，請再看一次年、月、日。"):
        assert sentence in page
    data = fields(answer, edit_url(report))
    assert (data["work_done"], data["completion"]) == ("打了很久的字。", "四成")
    assert data["completed_on_2"] == "30"
    assert data["money_0_allocated_thousand"] == "很多"
    assert 'href="#id_completed_on_group"' in page and 'id="id_completed_on_group"' in page
    report.refresh_from_db()
    assert (report.version, report.work_done) == (1, "")


def test_indicators_and_dates_are_saved(world, report, officer_a, as_user):
    count = make_indicator(world.measures["1.1.1.1"], world.alpha, officer_a)
    browser = as_user(officer_a)
    save(
        browser,
        report,
        **{
            f"indicator_{count.pk}_actual": "1,250",
            f"indicator_{count.pk}_note": "含線上",
            "light": Light.DONE,
            "completed_on_0": "111",
            "completed_on_1": "2",
            "completed_on_2": "28",
        },
    )
    report.refresh_from_db()
    value = report.values.get()
    assert (value.actual, value.note) == (1250, "含線上")
    assert report.completed_on.isoformat() == "2022-02-28"
    data = fields(browser.get(edit_url(report)), edit_url(report))
    assert data[f"indicator_{count.pk}_actual"] == "1,250"
    assert (data["completed_on_0"], data["light"]) == ("111", "done")


def test_last_years_answers_stand_beside_and_can_be_carried_over(world, as_user):
    from datetime import timedelta

    from django.utils import timezone

    from tracking.actions import years

    old = world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    today = timezone.localdate()
    year = years.add_year(
        world.plan,
        year=112,
        opens_on=today,
        due_on=today + timedelta(days=20),
        closes_on=today + timedelta(days=30),
        by=world.collator,
    )
    years.open_year(year, by=world.collator)
    new = world.report("1.1.1.1", "alpha", year)
    browser = as_user(world.officer_a)
    page = browser.get(edit_url(new)).content.decode()
    assert old.work_done in page
    assert "公務預算" in page
    answer = save(browser, new, None, carry="work")
    assert answer.url == edit_url(new) + "#id_work_done"
    new.refresh_from_db()
    assert new.work_done == old.work_done
    assert not new.money_lines.exists()


def test_rows_of_money_are_added_and_cleared(report, officer_a, as_user):
    browser = as_user(officer_a)
    answer = save(
        browser,
        report,
        "row",
        money_0_source="公務預算",
        money_0_allocated_thousand="100",
        money_1_source="基金",
        money_1_allocated_thousand="50",
    )
    data = fields(browser.get(answer.url), edit_url(report))
    assert "money_2_source" in data
    assert int(data["money_count"]) >= 3
    save(browser, report, money_0_source="", money_0_allocated_thousand="")
    assert [line.source for line in report.money_lines.all()] == ["基金"]
    answer = save(browser, report, money_1_source="基金", money_1_allocated_thousand="7")
    assert answer.status_code == 422
    assert "同一個經費來源只填一列。" in answer.content.decode()


def test_evidence_is_added_served_and_removed(world, report, as_user):
    browser = as_user(world.officer_a)
    url = edit_url(report)
    data = fields(browser.get(url), url)
    upload = SimpleUploadedFile("成果\r\nX-Evil: 1.pdf", PDF)
    browser.post(url, data | {"do": "evidence", "evidence-file": upload, "work_done": "辦了。"})
    evidence = report.evidence.get()
    report.refresh_from_db()
    assert report.work_done == "辦了。"

    answer = browser.get(reverse("evidence", args=[evidence.pk]))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    for user in (world.officer_b, world.reviewer, None):
        assert as_user(user).get(reverse("evidence", args=[evidence.pk])).status_code == 404

    script = SimpleUploadedFile("報告.pdf", b"<html><script>alert(1)</script></html>")
    data = fields(browser.get(url), url)
    answer = browser.post(url, data | {"do": "evidence", "evidence-file": script})
    assert answer.status_code == 422
    assert report.evidence.count() == 1

    save(browser, report, None, remove=str(evidence.pk))
    assert not report.evidence.exists()


@pytest.mark.parametrize("verb", [Verb.SEND_BACK, Verb.EXEMPT])
def test_a_move_with_a_reason_asks_for_it(world, report, as_user, verb):
    user = world.window_a
    if verb == Verb.SEND_BACK:
        report = world.bring(report, Status.SIGNING)
    else:
        user = world.reviewer
    browser = as_user(user)
    answer = move(browser, report, verb)
    assert answer.status_code == 422
    assert "寫下理由。" in answer.content.decode()
    move(browser, report, verb, note="人次與去年不同，請查。")
    event = report.events.get(verb=verb)
    assert event.note == "人次與去年不同，請查。"


def test_an_unknown_move_is_not_there(report, officer_a, as_user):
    for verb in (Verb.SAVE, Verb.ACCEPT, Verb.RETURN, "destroy"):
        assert move(as_user(officer_a), report, verb).status_code == 404


def test_a_move_on_an_old_version_is_not_made(world, report, as_user):
    report = world.bring(report, Status.SIGNING)
    url = reverse("report-move", args=[report.pk, Verb.SIGN_OFF])
    answer = as_user(world.window_a).post(url, {"seen_version": 1}, follow=True)
    assert "已經被別人改過" in answer.content.decode()
    assert ProgressReport.objects.get(pk=report.pk).status == Status.SIGNING


def test_a_refusal_is_headed_by_what_was_tried(report, world, as_user):
    officer = as_user(world.officer_a)
    program = {"evidence-file": SimpleUploadedFile("x.pdf", b"MZ\x90\x00" * 50)}
    for do, changes, heading in (
        ("save", {"completion": "四成"}, "還不能儲存"),
        ("row", {"completion": "四成"}, "還不能儲存"),
        ("submit", {"completion": "四成"}, "還不能送出"),
        ("evidence", program, "佐證還沒有加入"),
    ):
        page = save(officer, report, do, **changes).content.decode()
        assert f'<h2 id="error-summary">{heading}</h2>' in page
