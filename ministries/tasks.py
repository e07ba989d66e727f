"""Couriers of the `ministries` room (contract: `config.kit.tasks`)."""

from importlib import import_module

from django.conf import settings

from config.kit.tasks import job
from ministries import audit_checkpoints


@job
def checkpoint_audit() -> None:
    """Every hour: sign where the audit log stands, if anything came since."""
    audit_checkpoints.take_checkpoint()


@job
def clear_sessions() -> None:
    """Every night: sessions that ended are forgotten, with where they were."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
