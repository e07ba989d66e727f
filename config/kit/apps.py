"""What has to be there before the first request, job or command."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class KitConfig(AppConfig):
    name = "config.kit"
    label = "kit"

    def ready(self) -> None:
        # The system checks are registered, and shared tasks find our broker and no default one.
        from config import celery, checks  # noqa: F401
        from config.kit import logs
        from config.kit.search import teach_sqlite

        connection_created.connect(teach_sqlite)
        logs.connect()
