"""What signing in leaves behind: open sessions, passwords that were used, failures that lock."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def idle_since() -> datetime:
    """Whoever was last seen before this is signed out."""
    return timezone.now() - timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def begun_since() -> datetime:
    """Whoever signed in before this is signed out, whatever they did since."""
    return timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)


class LiveSessionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "LiveSessionQuerySet":
        """One's own; nobody else's."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def alive(self) -> "LiveSessionQuerySet":
        """Those with which a request would still be answered."""
        lasting = self.filter(seen_at__gt=idle_since(), since__gt=begun_since())
        return lasting.filter(session__expire_date__gt=timezone.now())

    def end(self) -> int:
        """Sign them out with their next request; how many there were.

        The rows go with the sessions that they tell of.
        """
        ended = self.count()
        Session.objects.filter(pk__in=list(self.values_list("session_id", flat=True))).delete()
        return ended


class LiveSession(models.Model):
    """Who is signed in where. `seen_at` is right to the minute; `address` and `agent` are what the
    browser came with when it signed in.
    """

    session = models.OneToOneField(Session, models.CASCADE, related_name="live")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="live_sessions")
    address = models.CharField(_("網路位址"), max_length=45, blank=True)
    agent = models.CharField(_("瀏覽器"), max_length=200, blank=True)
    since = models.DateTimeField(_("登入時間"), default=timezone.now, editable=False)
    seen_at = models.DateTimeField(_("最近使用"), default=timezone.now, editable=False)

    objects = LiveSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_at", "-pk"]
        verbose_name = verbose_name_plural = _("登入中的連線")

    def __str__(self) -> str:
        return f"{self.user} {self.since:%Y-%m-%d %H:%M}"


class UsedPassword(models.Model):
    """The hash of a password that somebody has or had. Written by `User.save`, the last three."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="used_passwords"
    )
    password = models.CharField(_("密碼雜湊"), max_length=128, editable=False)
    set_at = models.DateTimeField(_("設定時間"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = verbose_name_plural = _("用過的密碼")

    def __str__(self) -> str:
        return f"{self.user} {self.set_at:%Y-%m-%d}"


class SignInLock(models.Model):
    """Failures of one account or of one network address (`ministries.actions.attempts`).

    `key` is a keyed digest: an account that doesn't exist is counted like any other, and the table
    tells nobody who tried.
    """

    key = models.CharField(_("識別碼"), max_length=70, unique=True, editable=False)
    failures = models.PositiveSmallIntegerField(_("失敗次數"), default=0)
    last_at = models.DateTimeField(_("最近一次"), default=timezone.now)
    locked_until = models.DateTimeField(_("鎖定到"), null=True, blank=True)

    class Meta:
        ordering = ["-last_at", "-pk"]
        verbose_name = verbose_name_plural = _("登入鎖定")
        indexes = [models.Index(fields=["last_at"], name="sign_in_lock_last_at")]

    def __str__(self) -> str:
        return f"{self.key[:10]}… {self.failures}"
