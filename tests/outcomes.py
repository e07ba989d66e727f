"""What reports of the small world may say, and one year of them in every state."""

from datetime import date, timedelta

from django.utils import timezone

from tests.world import LATE, World
from tracking.enums import Light, Status, YearState
from tracking.models import ReportingYear

BEHIND = {**LATE, "sub_cause": "流標", "catch_up_on": date(2099, 12, 31)}
NOTHING = {
    "nothing_to_report": True,
    "nothing_reason": "本年度沒有工作。",
    "light": "",
    "completion": None,
    "work_done": "",
    "benefit": "",
    "next_steps": "",
}


def done() -> dict:
    """A measure that ended ten days ago."""
    ended = timezone.localdate() - timedelta(days=10)
    return {"light": Light.DONE, "completion": 100, "completed_on": ended}


def file_in_every_state(world: World) -> None:
    """The eight reports of the year: accepted (behind), nothing to report, waiting, returned, not
    applicable, signing, and two drafts.
    """
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, **BEHIND)
    world.bring(world.report("1.1.1.1", "beta"), Status.ACCEPTED, **NOTHING)
    world.bring(world.report("1.1.1.2", "alpha"), Status.SUBMITTED)
    returned = world.bring(world.report("1.1.1.2", "beta"), Status.RETURNED)
    # Its correction ends after the year's due date, as corrections do.
    returned.correction_due_on = world.year.due_on + timedelta(days=14)
    returned.save(update_fields=["correction_due_on"])
    world.bring(world.report("1.1.1.2", "science"), Status.NOT_APPLICABLE)
    world.bring(world.report("1.1.2.1", "alpha"), Status.SIGNING)


def release(year: ReportingYear) -> None:
    """Everybody may read the year's accepted reports, without walking the road there."""
    ReportingYear.objects.filter(pk=year.pk).update(state=YearState.RELEASED)
    year.refresh_from_db()


def let_due_date_pass(year: ReportingYear) -> None:
    """The year was due yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    ReportingYear.objects.filter(pk=year.pk).update(due_on=yesterday)
    year.refresh_from_db()
