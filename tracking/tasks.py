"""Couriers of the `tracking` room: ids in, one action called (contract: `config.kit.tasks`)."""

from django.utils import timezone

from config.kit.tasks import job
from tracking import outbox
from tracking.actions import door


@job
def deliver_notice(notice_id: int) -> None:
    """Mail one notice, unless it was mailed already."""
    outbox.deliver(notice_id)


@job
def deliver_waiting_notices() -> None:
    """Every minute: mail what was left in the outbox, by a broker away or a worker killed."""
    outbox.deliver_waiting()


@job
def log_idle_autosaves() -> None:
    """Every ten minutes: what forms saved by themselves, and nobody moved on since, is logged."""
    door.log_idle_autosaves()


@job
def send_reminders() -> None:
    """Every morning: put what is to be said of today's dates into the outbox."""
    # The outbox's own courier is queued by it, so that module can't be read before this one.
    from tracking.reminders import digest

    digest.send(timezone.localdate())


@job
def follow_successions() -> None:
    """After midnight: drafts of bodies whose duties go to another from this day on go along."""
    from tracking.actions import succession

    succession.follow_successions()
