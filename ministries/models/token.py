"""Tokens with which a person's own programs call the API; only a digest of each is kept."""

import secrets
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.enums import TokenScope

MARK = "nstp_"
SHOWN = len(MARK) + 6


def new_secret() -> str:
    """`nstp_` and 43 random characters (256 bits), so that a leaked one is found by its mark."""
    return MARK + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """SHA-256: what is random and long needs no slow hash, and is looked up at every request."""
    return sha256(secret.encode()).hexdigest()


class ApiTokenQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ApiTokenQuerySet":
        """One's own; nobody else's."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def alive(self) -> "ApiTokenQuerySet":
        """Neither revoked nor expired today."""
        return self.filter(revoked_at__isnull=True, expires_on__gt=timezone.localdate())


class ApiToken(models.Model):
    """Acts with its owner's rights of the day, and of those only what `scopes` says.

    `digest` is SHA-256 of the secret and `start` its first characters, by which the owner tells
    one from another. `expires_on` is the first day on which it no longer counts. `last_used_at` is
    right to the hour: writing it at every request would make every read a write.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("名稱"), max_length=80)
    start = models.CharField(_("開頭"), max_length=16, editable=False)
    digest = models.CharField(_("摘要值"), max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("範圍"), default=list)
    created_on = models.DateField(_("建立日"), default=timezone.localdate, editable=False)
    expires_on = models.DateField(_("失效日"))
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("撤銷時間"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_on", "-pk"]
        verbose_name = verbose_name_plural = _("API權杖")
        constraints = [
            models.CheckConstraint(
                name="token_expires_after_creation",
                condition=Q(expires_on__gt=F("created_on")),
                violation_error_message=_("失效日要在建立之後。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_alive(self) -> bool:
        return self.revoked_at is None and self.expires_on > timezone.localdate()

    def allows(self, scope: str) -> bool:
        return scope in self.scopes

    @property
    def scope_words(self) -> str:
        return str(_("、")).join(
            str(scope.label) for scope in TokenScope if scope.value in self.scopes
        )
