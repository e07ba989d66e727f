"""A final review in a real browser: from four filled years to a filed result and a revised plan.

The small plan of `tests.world`; its four years of reports were filed and accepted by the actions
that people use. From there on nothing is reached past the pages and the mails.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ministries.enums import SystemRole
from tests.journeys.steps_of_reviews import (
    CONCLUSION,
    LIN,
    MEASURE,
    WANG,
    YEARS,
    accept_invitation,
    ask_for_comments,
    assess,
    assign_and_recuse,
    begin,
    comment_and_answer,
    compile_first,
    compile_without_script,
    file_and_publish,
    hold_meeting,
    invited,
    make_documents,
    on_the_desk,
    person,
    press,
    revise,
    send_and_reply,
    shown_to_everybody,
    synthesize,
    traced,
)
from tests.world import LATE, World, grant, make_indicator, make_user, make_year
from tracking.actions.reports import save_draft
from tracking.enums import Light, Status
from tracking.models import ProgressReport

# The targets add up to 100, what was reached to 85.
TARGETS, ACTUALS = (10, 20, 30, 40), (10, 20, 25, 30)


@pytest.fixture
def filled(transactional_db, world: World) -> World:
    """Four years, each report accepted; 1.1.1.1 has an indicator, 2.1.1.1 is late in the last."""
    second = make_user("second")
    grant(second, SystemRole.REVIEWER)
    world.people["second"] = second
    measure = world.measures["1.1.1.1"]
    indicator = make_indicator(
        measure, world.alpha, world.officer_a, targets=dict(zip(YEARS, TARGETS, strict=True))
    )
    for year, actual in zip(YEARS, ACTUALS, strict=True):
        if year != world.year.year:
            make_year(world.plan, world.collator, year)
        for row in ProgressReport.objects.filter(reporting_year__year=year).select_related(
            "reporting_year", "measure", "ministry"
        ):
            if row.measure == measure and row.ministry == world.alpha:
                row = save_draft(
                    row, seen_version=row.version, by=world.officer(row), fields={},
                    values={indicator.pk: {"actual": actual, "note": ""}},
                )  # fmt: skip
            world.bring(row, Status.ACCEPTED, **told(row, year))
    return world


def told(row: ProgressReport, year: int) -> dict:
    """What a report says: on its way, ahead at the end, or late."""
    if year == YEARS[-1] and row.measure.code == MEASURE:
        return {**LATE, "catch_up_on": timezone.localdate() + timedelta(days=200)}
    if year == YEARS[-1] and row.measure.code == "1.1.2.1":
        return {"light": Light.AHEAD, "completion": 95}
    return {"completion": 20 * (year - YEARS[0] + 1)}


@pytest.mark.postgres
def test_four_years_become_a_filed_review_and_a_revised_plan(
    filled, sign_in, new_page, live, mail_server, celery_worker_process
):
    reviewer = sign_in(person(filled.reviewer))
    begin(reviewer)
    review = reviewer.url
    compile_first(reviewer)
    visitor = new_page()
    assert visitor.goto(review).status == 404
    press(reviewer, "開始專家評估")

    first = accept_invitation(new_page(), invited(reviewer, review, mail_server, live, *LIN))
    second = accept_invitation(new_page(), invited(reviewer, review, mail_server, live, *WANG))
    assign_and_recuse(reviewer, review)
    assess(first, second, review)
    officer = sign_in(person(filled.officer_b))
    send_and_reply(reviewer, officer, review)

    hold_meeting(reviewer, review)
    on_the_desk(officer)

    synthesize(reviewer, review)
    ask_for_comments(reviewer, review)
    others = [sign_in(person(filled.people[name])) for name in ("window_a", "officer_s")]
    comment_and_answer(reviewer, officer, others, review)

    reviewer.goto(review)
    press(reviewer, "送另一位審查人覆核")
    expect(reviewer.get_by_role("button", name="定稿")).to_have_attribute("aria-disabled", "true")
    again = sign_in(person(filled.second))
    again.goto(review)
    press(again, "定稿")
    expect(again.get_by_text("現在是「已定稿」。")).to_be_visible()
    make_documents(again, review)

    collator = sign_in(person(filled.collator))
    file_and_publish(collator, visitor, review)
    shown_to_everybody(visitor, review)
    revise(collator, again, review)
    traced(again, review)


@pytest.mark.postgres
def test_a_review_is_compiled_and_concluded_without_script(filled, sign_in, celery_worker_process):
    page = sign_in(person(filled.reviewer), javascript=False)
    begin(page)
    review = page.url
    compile_without_script(page)
    press(page, "開始專家評估")
    press(page, "結束專家評估，開始綜整")
    page.goto(f"{review}synthesis/")
    press(page, "以第1版預填12則結論")
    page.get_by_role("link", name=f"改寫 {MEASURE}", exact=True).click()
    page.get_by_role("textbox", name="第1段").fill(CONCLUSION)
    press(page, "再加一段")
    expect(page.get_by_text("還沒存。")).to_be_visible()
    expect(page.get_by_role("textbox", name="第1段")).to_have_value(CONCLUSION)
    page.get_by_role("textbox", name="第6段").fill("多出來的一段。")
    press(page, "刪掉這一段 第6段")
    press(page, "儲存並寫定")
    main = page.get_by_role("main")
    expect(main).to_contain_text(CONCLUSION)
    expect(main).not_to_contain_text("多出來的一段。")
    expect(main).to_contain_text("由reviewer寫定。")
