"""Couriers of the `tracking` room: ids in, one action called (contract: `config.kit.tasks`)."""

from config.kit.tasks import job
from tracking import notices


@job
def deliver_notice(notice_id: int) -> None:
    """Mail one notice, unless it was mailed already."""
    notices.deliver(notice_id)


@job
def deliver_waiting_notices() -> None:
    """Every minute: mail what was left in the outbox, by a broker away or a worker killed."""
    notices.deliver_waiting()
