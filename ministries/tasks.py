"""Couriers of the `ministries` room (contract: `config.kit.tasks`)."""

from config.kit.tasks import job
from ministries import audit_checkpoints


@job
def checkpoint_audit() -> None:
    """Every hour: sign where the audit log stands, if anything came since."""
    audit_checkpoints.take_checkpoint()
