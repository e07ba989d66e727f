"""Dated grants: membership in a ministry, deputyship for a window, role in the system."""

from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.enums import MembershipRole, SystemRole
from ministries.models.ministry import Ministry
from ministries.models.user import User


class DatedQuerySet(models.QuerySet):
    """Rows with `since` (first day) and `until` (first day no longer, null: open)."""

    def on(self, day: date) -> "DatedQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=day), since__lte=day)

    def current(self) -> "DatedQuerySet":
        return self.on(timezone.localdate())


class OfMinistryQuerySet(DatedQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "OfMinistryQuerySet":
        """Rows of the bodies whose people this person manages."""
        return self.filter(ministry__in=Ministry.objects.managed_by(user))


class Dated(models.Model):
    since = models.DateField(_("自"), default=timezone.localdate)
    until = models.DateField(_("至"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True


class Membership(Dated):
    """A person's role in a ministry. Retiring one sets `until`; nothing is deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="memberships")
    role = models.CharField(_("身分"), max_length=10, choices=MembershipRole)

    objects = OfMinistryQuerySet.as_manager()

    class Meta:
        ordering = ["ministry__code", "user__email"]
        verbose_name = verbose_name_plural = _("部會人員")
        constraints = [
            models.UniqueConstraint(
                name="membership_one_open",
                fields=["user", "ministry", "role"],
                condition=Q(until__isnull=True),
                violation_error_message=_("這個人已經有這個身分。"),
            ),
            models.CheckConstraint(
                name="membership_since_until",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.ministry} {self.get_role_display()}"


class Deputyship(Dated):
    """A deputy acts for a ministry's window for a time; papers keep both names."""

    window = models.ForeignKey(User, models.PROTECT, related_name="deputies")
    deputy = models.ForeignKey(User, models.PROTECT, related_name="deputyships")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="deputyships")
    until = models.DateField(_("至"))

    objects = OfMinistryQuerySet.as_manager()

    class Meta:
        ordering = ["-since"]
        verbose_name = verbose_name_plural = _("窗口代理")
        constraints = [
            models.CheckConstraint(
                name="deputyship_since_until", condition=Q(until__gte=F("since"))
            ),
            models.CheckConstraint(name="deputyship_not_oneself", condition=~Q(window=F("deputy"))),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} → {self.window} ({self.ministry})"

    @property
    def last_day(self) -> date:
        """The last day that counts, as people say it; `until` is the day after."""
        return self.until - timedelta(days=1)


class RoleGrant(Dated):
    """A role in the system as a whole."""

    user = models.ForeignKey(User, models.PROTECT, related_name="role_grants")
    role = models.CharField(_("角色"), max_length=15, choices=SystemRole)

    class Meta:
        ordering = ["role", "user__email"]
        verbose_name = verbose_name_plural = _("系統角色")
        constraints = [
            models.UniqueConstraint(
                name="role_grant_one_open",
                fields=["user", "role"],
                condition=Q(until__isnull=True),
                violation_error_message=_("這個人已經有這個角色。"),
            ),
            models.CheckConstraint(
                name="role_grant_since_until",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"
