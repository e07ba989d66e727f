"""The years' page: the dates that a new year begins with, and a finding that keeps its dates."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from config.kit import roc
from ministries.models import AuditEvent
from tracking.enums import YearState
from tracking.models import ReportingYear


def page(world, as_user):
    return as_user(world.collator).get(reverse("year-list"))


def proposed(answer) -> list[date | None]:
    form = answer.context["form"]
    return [form[name].initial for name in ("opens_on", "due_on", "closes_on")]


def set_dates(year, opens: date, due: date, closes: date) -> None:
    ReportingYear.objects.filter(pk=year.pk).update(opens_on=opens, due_on=due, closes_on=closes)


def test_a_new_year_begins_with_the_dates_of_an_ordinary_one(world, as_user):
    set_dates(world.year, date(2023, 1, 3), date(2023, 2, 28), date(2023, 3, 31))
    # 110 comes before it: it says nothing of 110, and the form offers 110 first.
    assert proposed(page(world, as_user)) == [None, None, None]
    ReportingYear.objects.filter(pk=world.year.pk).update(year=110)
    set_dates(world.year, date(2022, 1, 3), date(2022, 2, 28), date(2022, 3, 31))
    assert proposed(page(world, as_user)) == [
        date(2023, 1, 3), date(2023, 2, 28), date(2023, 3, 31),
    ]  # fmt: skip


def test_a_year_that_was_kept_open_for_long_is_no_model(world, as_user):
    today = timezone.localdate()
    ReportingYear.objects.filter(pk=world.year.pk).update(year=110)
    set_dates(world.year, date(2022, 1, 3), today, today + timedelta(days=9))
    assert proposed(page(world, as_user)) == [None, None, None]


def test_no_line_of_the_heading_breaks_inside_a_date(world, as_user):
    due = roc.format_date(world.year.due_on)
    assert f'<span class="nb">{due}</span>截止' in page(world, as_user).content.decode()


# --- the partners' date ---------------------------------------------------------------------------
def ask_partners(world, as_user, days: str, who=None):
    return as_user(who or world.collator).post(
        reverse("year-partner-days", args=[world.year.pk]),
        {f"partners-{world.year.pk}-partner_days": days},
        follow=True,
    )


def test_a_collator_changes_how_early_partners_are_asked(world, as_user):
    day = roc.format_date(world.year.due_on - timedelta(days=12))
    assert f"協辦請在{day}以前先送" in ask_partners(world, as_user, "12").content.decode()
    world.year.refresh_from_db()
    assert world.year.partner_days == 12
    event = AuditEvent.objects.get(verb="year.change")
    assert (event.before, event.after) == ({"partner_days": 7}, {"partner_days": 12})
    ask_partners(world, as_user, "12")
    assert AuditEvent.objects.filter(verb="year.change").count() == 1


def test_a_wrong_number_is_kept_with_its_reason(world, as_user):
    for given in ("61", "", "七"):
        answer = ask_partners(world, as_user, given)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert "還沒有改" in text and (not given or f'value="{given}"' in text)
    world.year.refresh_from_db()
    assert world.year.partner_days == 7


def test_only_a_collator_and_only_while_filings_are_taken(world, as_user):
    assert ask_partners(world, as_user, "3", world.reviewer).status_code == 403
    text = as_user(world.reviewer).get(reverse("year-list")).content.decode()
    assert "改111年度的協辦提前天數" not in text
    assert "改111年度的協辦提前天數" in page(world, as_user).content.decode()
    ReportingYear.objects.filter(pk=world.year.pk).update(state=YearState.CLOSED)
    assert "協辦提前天數不能改" in ask_partners(world, as_user, "3").content.decode()
    assert "改111年度的協辦提前天數" not in page(world, as_user).content.decode()
    world.year.refresh_from_db()
    assert world.year.partner_days == 7
