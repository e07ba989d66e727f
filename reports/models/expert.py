"""Experts of a review: invitation, seat, what they are asked, recusals, opinions and replies."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries.models import Ministry
from reports.enums import RecusalState
from reports.models.edition import Edition, SnapshotLine
from reports.models.review import Review


class OfStaffQuerySet(models.QuerySet):
    """Rows that the science ministry's people read, and nobody else."""

    def visible_to(self, user) -> "OfStaffQuerySet":
        return self if user.is_authenticated and user.is_science_staff else self.none()


class Invitation(models.Model):
    """A one-time link to one person. Only the hash of its token is kept, so that the mail cannot
    wait in the outbox: it is sent right after the commit, and `mailed_at` says whether it went.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="invitations")
    email = models.EmailField(_("電子郵件"))
    name = models.CharField(_("姓名"), max_length=80)
    affiliation = models.CharField(_("任職機關（構）"), max_length=120)
    token_sha256 = models.CharField(max_length=64, unique=True)
    expires_on = models.DateField(_("有效期限"))
    mailed_at = models.DateTimeField(_("寄出時間"), null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfStaffQuerySet.as_manager()

    class Meta:
        ordering = ["review", "name"]
        verbose_name = verbose_name_plural = _("專家邀請")
        constraints = [
            models.UniqueConstraint(
                name="invitation_one_open",
                fields=["review", "email"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                violation_error_message=_("這位專家已經有一封還沒使用的邀請。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review} {self.name}"


class SeatQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SeatQuerySet":
        """The science ministry's people: all. An expert: the own seat while it lasts."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_science_staff else self.living().filter(user=user)

    def living(self) -> "SeatQuerySet":
        return self.filter(ended_at__isnull=True)


class Seat(models.Model):
    """An expert who accepted: affiliation, the ministry it belongs to, and interests declared."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="seats")
    affiliation = models.CharField(_("任職機關（構）"), max_length=120)
    ministry = models.ForeignKey(Ministry, models.PROTECT, null=True, blank=True, related_name="+")
    no_interest = models.BooleanField(_("聲明沒有利害關係"), default=False)
    interests = models.TextField(_("利害關係說明"), blank=True, max_length=2000)
    declared_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["review", "user__name"]
        verbose_name = verbose_name_plural = _("評估專家")
        constraints = [
            models.UniqueConstraint(name="seat_once", fields=["review", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.affiliation}"


class SeatItem(models.Model):
    """One measure that an expert is asked to assess, by its code in the review's edition."""

    seat = models.ForeignKey(Seat, models.CASCADE, related_name="items")
    measure_code = models.CharField(_("措施編號"), max_length=20)

    class Meta:
        ordering = ["seat", "measure_code"]
        verbose_name = verbose_name_plural = _("專家分工")
        constraints = [
            models.UniqueConstraint(name="seat_item_once", fields=["seat", "measure_code"]),
        ]

    def __str__(self) -> str:
        return f"{self.seat} {self.measure_code}"


class RecusalQuerySet(OfStaffQuerySet):
    def blocking(self) -> "RecusalQuerySet":
        """Those that keep an expert from a measure: decided so, or not yet decided."""
        return self.exclude(state=RecusalState.DISMISSED)


class Recusal(models.Model):
    """A measure that an expert should not judge: proposed or declared, then decided.

    While it is undecided the expert waits as well: an interest is looked at before the opinion.
    """

    seat = models.ForeignKey(Seat, models.CASCADE, related_name="recusals")
    measure_code = models.CharField(_("措施編號"), max_length=20)
    reason = models.CharField(_("理由"), max_length=500)
    state = models.CharField(_("狀態"), max_length=10, choices=RecusalState)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(_("決定的理由"), max_length=500, blank=True)

    objects = RecusalQuerySet.as_manager()

    class Meta:
        ordering = ["seat", "measure_code"]
        verbose_name = verbose_name_plural = _("迴避")
        constraints = [
            models.UniqueConstraint(name="recusal_once", fields=["seat", "measure_code"]),
        ]

    def __str__(self) -> str:
        return f"{self.seat} {self.measure_code}"


class OpinionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "OpinionQuerySet":
        """A draft is its author's alone, whoever else asks. What was handed in is seen by

        - its author, while the seat lasts, and the science ministry's people;
        - members of a ministry that has a line on the measure, once it was sent to ministries;
        - experts asked for the same measure and not recused from it: at once where the review says
          so, else when their own opinion of it is in.
        """
        if not user.is_authenticated:
            return self.none()
        own = Q(seat__user=user, seat__ended_at__isnull=True)
        if user.is_science_staff:
            return self.filter(own | Q(submitted_at__isnull=False))
        others = Exists(self._asked_too(user)) & (
            Q(seat__review__opinions_open_before=True) | Exists(self._own_is_in(user))
        )
        if user.ministry_ids:
            others |= Q(sent_at__isnull=False) & Exists(self._concerned(user))
        return self.filter(own | Q(submitted_at__isnull=False) & others)

    def submitted(self) -> "OpinionQuerySet":
        """Those that count: handed in, and they stay when their author's seat has ended."""
        return self.filter(submitted_at__isnull=False)

    @staticmethod
    def _asked_too(user) -> models.QuerySet:
        blocked = Recusal.objects.blocking().filter(
            seat=OuterRef("seat"), measure_code=OuterRef("measure_code")
        )
        return SeatItem.objects.filter(
            ~Exists(blocked),
            seat__user=user,
            seat__ended_at__isnull=True,
            seat__declared_at__isnull=False,
            seat__review=OuterRef("seat__review"),
            measure_code=OuterRef("measure_code"),
        )

    @staticmethod
    def _own_is_in(user) -> models.QuerySet:
        return Opinion.objects.filter(
            seat__user=user,
            seat__ended_at__isnull=True,
            seat__review=OuterRef("seat__review"),
            measure_code=OuterRef("measure_code"),
            submitted_at__isnull=False,
        )

    @staticmethod
    def _concerned(user) -> models.QuerySet:
        codes = Ministry.objects.filter(pk__in=user.ministry_ids).values("code")
        return SnapshotLine.objects.filter(
            edition=OuterRef("edition"),
            measure_code=OuterRef("measure_code"),
            ministry_code__in=codes,
        )


class Opinion(models.Model):
    """What one expert thinks of one measure. A draft is private; `submitted_at` makes it count.

    `edition` and `basis` (digest over the measure's lines) tell on what it rests: where a later
    edition has the same basis it carries over, else it is flagged. `scores` are criterion → 1–5,
    None where the expert could not judge it.
    """

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="opinions")
    measure_code = models.CharField(_("措施編號"), max_length=20)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="opinions")
    basis = models.CharField(max_length=64)
    scores = models.JSONField(_("評分"), default=dict, blank=True)
    text = models.TextField(_("意見"), blank=True, max_length=4000)
    version = models.PositiveIntegerField(default=1, editable=False)
    saved_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("送部會時間"), null=True, blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        ordering = ["measure_code", "seat"]
        verbose_name = verbose_name_plural = _("專家意見")
        constraints = [
            models.UniqueConstraint(name="opinion_once", fields=["seat", "measure_code"]),
        ]

    def __str__(self) -> str:
        return f"{self.seat} {self.measure_code}"


class OpinionReply(models.Model):
    """A ministry's answer to one opinion."""

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="replies")
    ministry = models.ForeignKey(Ministry, models.PROTECT, related_name="+")
    text = models.TextField(_("回復"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["opinion", "at"]
        verbose_name = verbose_name_plural = _("部會回復")
        constraints = [
            models.UniqueConstraint(name="opinion_reply_once", fields=["opinion", "ministry"]),
        ]

    def __str__(self) -> str:
        return f"{self.opinion} {self.ministry}"
