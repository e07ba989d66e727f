"""Two officers save the same report: both texts are shown and neither is lost."""

import pytest
from django.urls import reverse

from tests.tracking.pages import fields
from tests.world import join, make_user
from tracking.enums import Light, Status


@pytest.fixture
def second_officer(world):
    user = make_user("second")
    join(user, world.alpha, "officer")
    return user


@pytest.fixture
def clash(world, report, as_user, second_officer):
    """Both opened the form; the second one saved first. Gives (browser, url, the late answer)."""
    url = reverse("report-edit", args=[report.pk])
    first, second = as_user(world.officer_a), as_user(second_officer)
    mine, theirs = fields(first.get(url), url), fields(second.get(url), url)
    second.post(
        url,
        theirs
        | {"do": "save", "work_done": "對方寫的。", "benefit": "對方的效益。", "completion": "30"},
    )
    answer = first.post(
        url,
        mine
        | {
            "do": "submit",
            "work_done": "我寫的。\r\n第二行。",
            "light": Light.AHEAD,
            "completion": "30",
            "money_0_source": "公務預算",
            "money_0_allocated_thousand": "88",
        },
    )
    return first, url, answer


def test_both_versions_are_shown_and_nothing_is_written(clash, report):
    _browser, url, answer = clash
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "第二行" in page and "對方" in page
    data = fields(answer, url)
    assert data["work_done"].replace("\r\n", "\n") == "我寫的。\n第二行。"
    # Only one of the two changed these, so they are picked already; completion is the same.
    assert (data["pick-light"], data["pick-benefit"]) == ("mine", "theirs")
    assert data["pick-money"] == "mine"
    assert "pick-work_done" not in data
    assert 'name="pick-work_done"' in page
    assert 'name="pick-completion"' not in page
    report.refresh_from_db()
    assert report.work_done == "對方寫的。"


def test_differing_words_are_marked_in_every_kind_of_text(report, world, as_user, second_officer):
    url = reverse("report-edit", args=[report.pk])
    first, second = as_user(world.officer_a), as_user(second_officer)
    mine, theirs = fields(first.get(url), url), fields(second.get(url), url)
    line = {"money_0_source": "公務預算", "money_0_spent_thousand": "7"}
    second.post(
        url,
        theirs | line | {"do": "save", "sub_cause": "流標兩次", "money_0_allocated_thousand": "80"},
    )
    answer = first.post(
        url,
        mine | line | {"do": "save", "sub_cause": "流標三次", "money_0_allocated_thousand": "90"},
    )
    page = answer.content.decode()
    assert "流標<ins>三</ins>次" in page
    assert "流標<ins>兩</ins>次" in page
    assert "分配<ins>90</ins>，支用7" in page


def test_an_undecided_field_is_asked_for_again(clash, report):
    browser, url, answer = clash
    again = browser.post(url, fields(answer, url))
    assert again.status_code == 422
    assert 'href="#c-work_done"' in again.content.decode()
    assert "我寫的。" in fields(again, url)["work_done"]


@pytest.mark.parametrize(
    ("pick", "kept"),
    [("mine", "我寫的。\n第二行。"), ("theirs", "對方寫的。"), ("both", "合寫的。")],
)
def test_what_was_picked_is_saved(clash, report, pick, kept):
    browser, url, answer = clash
    data = fields(answer, url) | {"pick-work_done": pick, "merged-work_done": "合寫的。"}
    browser.post(url, data)
    report.refresh_from_db()
    assert report.work_done == kept
    assert (report.benefit, report.light) == ("對方的效益。", Light.AHEAD)
    assert report.money_lines.get().allocated_thousand == 88
    assert report.status == Status.DRAFT


def test_theirs_of_a_table_is_taken_whole(world, report, as_user, second_officer):
    url = reverse("report-edit", args=[report.pk])
    first, second = as_user(world.officer_a), as_user(second_officer)
    mine, theirs = fields(first.get(url), url), fields(second.get(url), url)
    line = {"money_0_source": "基金", "money_0_allocated_thousand": "7"}
    second.post(
        url,
        theirs
        | line
        | {"do": "save", "completed_on_0": "111", "completed_on_1": "3", "completed_on_2": "1"},
    )
    answer = first.post(
        url,
        mine
        | {"do": "save", "money_0_source": "公務預算", "money_0_allocated_thousand": "88",
           "completed_on_0": "111", "completed_on_1": "5", "completed_on_2": "5"},
    )  # fmt: skip
    data = fields(answer, url) | {"pick-money": "theirs", "pick-completed_on": "theirs"}
    browser_answer = first.post(url, data)
    assert browser_answer.status_code == 302
    report.refresh_from_db()
    assert [row.source for row in report.money_lines.all()] == ["基金"]
    assert report.completed_on.isoformat() == "2022-03-01"


def test_a_third_save_leads_to_the_page_again(clash, report, as_user, second_officer):
    browser, url, answer = clash
    second = as_user(second_officer)
    second.post(url, fields(second.get(url), url) | {"do": "save", "work_done": "又改了。"})
    again = browser.post(url, fields(answer, url) | {"pick-work_done": "mine"})
    assert again.status_code == 409
    assert "又改了" in again.content.decode()
    assert "我寫的" in fields(again, url)["work_done"]


def test_what_was_typed_is_shown_when_nothing_can_be_saved(world, report, as_user):
    """Somebody sent the report on while another one was typing."""
    url = reverse("report-edit", args=[report.pk])
    browser = as_user(world.officer_a)
    data = fields(browser.get(url), url)
    world.bring(report, Status.SIGNING)
    answer = browser.post(url, data | {"do": "save", "benefit": "打到一半的效益。"})
    assert answer.status_code == 409
    assert "打到一半的效益。" in answer.content.decode()
    report.refresh_from_db()
    assert report.benefit == "受訓者在原校開課。"
