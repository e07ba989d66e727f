"""What has to be there before the first request, job or command."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.forms import Field
from django.utils.translation import gettext_lazy as _


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
        # Of every form, the administration's too: Django's own sentence says 此為必需欄位.
        Field.default_error_messages["required"] = _("這一欄要填。")
