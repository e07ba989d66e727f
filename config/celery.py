"""The Celery application: `celery -A config worker`, `celery -A config beat`."""

import logging
import os

from celery import Celery, signals
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_init.connect
@signals.beat_init.connect
def refuse_unsafe_production(**kwargs) -> None:
    """Stop before the first job. Celery only logs what a signal raises, save SystemExit."""
    from config import checks

    try:
        checks.enforce()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error


@signals.setup_logging.connect
def log_like_the_site(loglevel: int, **kwargs) -> None:
    """The lines of worker and beat have the site's format; `--loglevel` counts for their own."""
    for name in ("celery", "nstp.jobs"):
        logging.getLogger(name).setLevel(loglevel)
