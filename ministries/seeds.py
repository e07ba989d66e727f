"""Secrets of second factors, sealed before the database sees them.

Fernet (AES-128-CBC with HMAC-SHA256) under a key that HKDF makes of SECRET_KEY, which neither the
database nor a backup holds. What a key of SECRET_KEY_FALLBACKS has sealed can be opened, too, and
so can what was written before there was a seal; `actions.second_factors.seal_seeds` brings both up
to date every night.
"""

from functools import lru_cache

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

# Names the form; no secret of allauth's (base 32, or hexadecimal) begins like it.
MARK = "sealed1:"
_LABEL = b"nstp second factor"
# Where the secret stands in the data of a row; passkeys have none.
FIELDS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Unreadable(ValidationError):
    """Sealed under a key that is neither SECRET_KEY nor one of its fallbacks."""

    def __init__(self) -> None:
        super().__init__(
            _("系統換過金鑰，讀不出驗證App和救援碼。有通行金鑰請改用，沒有的話請系統管理者重設。"),
            code="unreadable",
        )


def seal(text: str) -> str:
    """Under today's SECRET_KEY."""
    return MARK + _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def unseal(text: str) -> str:
    """What was sealed, or the text itself where it never was. Raises Unreadable."""
    if not text.startswith(MARK):
        return text
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    try:
        return MultiFernet(map(_fernet, keys)).decrypt(text.removeprefix(MARK)).decode()
    except InvalidToken:
        raise Unreadable from None


def is_current(text: str) -> bool:
    """Whether it is sealed, and under today's SECRET_KEY."""
    try:
        _fernet(settings.SECRET_KEY).decrypt(text.removeprefix(MARK))
    except InvalidToken:
        return False
    return text.startswith(MARK)


def is_readable(row: Authenticator) -> bool:
    """Whether the row's secret can be opened; a passkey has none to open."""
    try:
        unseal(row.data.get(FIELDS.get(row.type), ""))
    except Unreadable:
        return False
    return True


def count_unreadable() -> int:
    """Second factors that nobody can use before the old key is a fallback, or they are reset."""
    return sum(not is_readable(row) for row in Authenticator.objects.filter(type__in=FIELDS))


@lru_cache(maxsize=16)
def _fernet(key: str) -> Fernet:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=_LABEL).derive(force_bytes(key))
    # Fernet wants the padding that Django's function cuts off.
    return Fernet(urlsafe_base64_encode(made) + "=")
