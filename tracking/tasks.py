"""Couriers of the `tracking` room: ids in, one action called (contract: `config.kit.tasks`)."""

from config.kit.tasks import job
from tracking import outbox


@job
def deliver_notice(notice_id: int) -> None:
    """Mail one notice, unless it was mailed already."""
    outbox.deliver(notice_id)


@job
def deliver_waiting_notices() -> None:
    """Every minute: mail what was left in the outbox, by a broker away or a worker killed."""
    outbox.deliver_waiting()
