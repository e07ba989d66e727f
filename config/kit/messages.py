"""What is said once after a form was sent: in a cookie of a name that this host alone may set."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NamedCookieStorage(CookieStorage):
    """Django's, under `settings.MESSAGES_COOKIE_NAME`."""

    @property
    def cookie_name(self) -> str:
        return settings.MESSAGES_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """Django's: what is too long for a cookie stands in the session."""

    storage_classes = (NamedCookieStorage, SessionStorage)
