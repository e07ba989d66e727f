"""What is asked of reminders, calendars, handovers and the office calendar, and what is posted."""

from datetime import timedelta

from django.utils import timezone

from ministries.actions.feeds import renew_feed
from ministries.models import Membership
from tests.access.cases_reports import Case, nothing
from tests.world import World
from tracking.models import Handover, Holiday
from tracking.reminders.digest import due_items


def next_reminders(world: World) -> dict:
    today = timezone.localdate()
    return {"day": next(iter(due_items(today, today + timedelta(days=45))))}


def officer(world: World) -> list:
    return [Membership.objects.get(user=world.officer_a).pk]


def own_feed(world: World) -> list:
    return [renew_feed(by=world.officer_a)]


def a_holiday(world: World) -> list:
    return [Holiday.objects.get_or_create(day="2028-01-03", name="補假")[0].pk]


def a_handover(world: World) -> list:
    row, _made = Handover.objects.get_or_create(
        leaver=world.officer_a, taker=world.viewer_a, ministry=world.alpha, note="調職。",
        by=world.window_a,
    )  # fmt: skip
    return [row.pk]


CASES: dict[str, dict[str, Case]] = {
    "reminders": {"": Case(nothing, post=next_reminders)},
    "calendar": {"": Case(nothing, post=lambda world: {"verb": "renew"})},
    "calendar-feed": {"": Case(own_feed)},
    "people-hand-over": {
        "": Case(officer, post=lambda world: {"taker": world.viewer_a.pk, "note": "調職。"})
    },
    **{
        f"admin:tracking_{model}_{page}": {"": Case(row)}
        for model, row in (("holiday", a_holiday), ("handover", a_handover))
        for page in ("change", "delete", "history")
    },
}
