"""Settings, URLs, API router and Celery; `config.kit` knows Django, DRF and Celery only."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
