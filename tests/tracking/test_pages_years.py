"""The years' page: the dates that a new year begins with, and a finding that keeps its dates."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from config.kit import roc
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
