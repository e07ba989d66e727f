"""Couriers of the `ministries` room (contract: `config.kit.tasks`)."""

from importlib import import_module

from django.conf import settings

from config.kit.tasks import job
from ministries import audit_checkpoints
from ministries.actions import second_factors


@job
def checkpoint_audit() -> None:
    """Every hour: sign where the audit log stands, if anything came since."""
    audit_checkpoints.take_checkpoint()


@job
def clear_sessions() -> None:
    """Every night: sessions that ended are forgotten, with where they were."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@job
def seal_seeds() -> None:
    """Every night: secrets of second factors are sealed under today's SECRET_KEY."""
    second_factors.seal_seeds()
