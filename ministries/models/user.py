"""People sign in by e-mail; what they may do is said by dated memberships and role grants."""

from datetime import date

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, is_password_usable
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from config.kit.prepared import prepared
from ministries.enums import MembershipRole, SystemRole
from ministries.held import Held, gathered, ministry_roles
from ministries.models.ministry import Lineage

# The password of today and the two before it.
USED_PASSWORDS = 3


def second_factors() -> models.QuerySet:
    """What a person has beside the password. Recovery codes are a way back, and not one."""
    model = apps.get_model("mfa", "Authenticator")
    return model.objects.filter(type__in=(model.Type.TOTP, model.Type.WEBAUTHN))


class UserQuerySet(models.QuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "UserQuerySet":
        """Accounts that this person manages: an administrator all, a window those of people who
        are or were members of its ministry, everybody else none.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        known = user._meta.get_field("memberships").related_model.objects.filter(
            user=models.OuterRef("pk"), ministry__in=user.own_window_ids
        )
        return self.filter(models.Exists(known))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    @transaction.atomic
    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        """An administrator: the same dated grant as any other, so that it shows in the lists, and
        the same two lines in the audit log.
        """
        from ministries import audit

        by = "system:createsuperuser"
        user = self.create_user(email, password, **fields)
        grant = user.role_grants.create(role=SystemRole.ADMINISTRATOR, since=timezone.localdate())
        audit.record("account.create", user, by=by, after={"email": user.email, "name": user.name})
        after = {"user": user.email, "role": grant.role, "since": grant.since, "until": None}
        audit.record("role.grant", grant, by=by, after=after)
        return user

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """One person, one account. `is_demo` marks seeded people, which production refuses."""

    email = models.EmailField(_("電子郵件"), unique=True)
    name = models.CharField(_("姓名"), max_length=80)
    unit = models.CharField(_("單位職稱"), max_length=80, blank=True)
    is_active = models.BooleanField(_("啟用"), default=True)
    is_demo = models.BooleanField(_("示範帳號"), default=False)
    must_change_password = models.BooleanField(_("下次登入須變更密碼"), default=False)
    date_joined = models.DateTimeField(_("建立時間"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["email"]
        verbose_name = verbose_name_plural = _("使用者")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_case_insensitive"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        """As Django's; `save` then notes the password among those that were used."""
        self._replaced = self.password
        super().set_password(raw_password)

    def save(self, *args, **kwargs) -> None:
        # Django forgets the raw password where a hash was only made anew by a better method.
        if self._password is None:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            super().save(*args, **kwargs)
            self._note_password()

    def _note_password(self) -> None:
        """Keep the last ones. What was set before they were noted is noted with the first."""
        rows = self.used_passwords
        if self._replaced and is_password_usable(self._replaced) and not rows.exists():
            rows.create(password=self._replaced)
        rows.create(password=self.password)
        kept = rows.order_by("-pk").values_list("pk", flat=True)[:USED_PASSWORDS]
        rows.exclude(pk__in=list(kept)).delete()

    def has_used(self, password: str) -> bool:
        """Whether it is one of the last three, the one of today included."""
        if self.check_password(password):
            return True
        hashes = self.used_passwords.values_list("password", flat=True)[:USED_PASSWORDS]
        return any(check_password(password, hashed) for hashed in hashes)

    @cached_property
    def has_second_factor(self) -> bool:
        """An app or a passkey beside the password; who signs in brings the answer along."""
        return second_factors().filter(user_id=self.pk).exists()

    @cached_property
    def held(self) -> Held:
        """Roles, memberships and deputyships of today, read at once.

        Whoever signs in brings them along, and holds the same to the end of the request: what is
        granted or ended meanwhile counts from the next.
        """
        return held_on(self, timezone.localdate())

    @property
    def roles(self) -> frozenset[str]:
        """System roles held today."""
        return self.held.roles

    @cached_property
    def lineage(self) -> Lineage:
        """All successions, read once for this person's request."""
        return Lineage()

    @cached_property
    def ministry_roles(self) -> dict[int, frozenset[str]]:
        """Ministry id → roles held there today, memberships and deputyships together.

        A membership in a body that was renamed or merged counts for its heir as well, and the
        heir's people answer for the papers of the bodies before it (`ministries.held`).
        """
        if not self.held.memberships:  # a deputy is a member, too
            return {}
        return ministry_roles(self.held, self.lineage, timezone.localdate())

    @cached_property
    def own_window_ids(self) -> frozenset[int]:
        """Ids of the ministries whose window this person is, deputyships not counted."""
        return self.own_windows_on(timezone.localdate())

    def own_windows_on(self, day: date) -> frozenset[int]:
        """The same, of that day."""
        held = self.memberships.on(day).filter(role=MembershipRole.WINDOW)
        ids = set(held.values_list("ministry_id", flat=True))
        if not ids:
            return frozenset()
        lineage = Lineage()
        return frozenset(body for pk in ids for body in lineage.line(lineage.holder(pk, day), day))

    def ministries_as(self, *roles: str) -> frozenset[int]:
        """Ids of the ministries in which one of `roles` is held today."""
        wanted = frozenset(roles)
        return frozenset(pk for pk, held in self.ministry_roles.items() if held & wanted)

    @property
    def ministry_ids(self) -> frozenset[int]:
        """Ids of all ministries that this person belongs to today, in whatever role."""
        return self.ministries_as(*MembershipRole.values)

    @property
    def is_science_staff(self) -> bool:
        """Reviewer or collator of the science ministry."""
        return bool(self.roles & {SystemRole.REVIEWER, SystemRole.COLLATOR})

    @property
    def is_administrator(self) -> bool:
        return SystemRole.ADMINISTRATOR in self.roles

    # What django.contrib.admin asks of a user: administrators only, and all of it.
    @property
    def is_staff(self) -> bool:
        return self.is_active and self.is_administrator

    @property
    def is_superuser(self) -> bool:
        return self.is_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_staff

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


# --- what a person holds --------------------------------------------------------------------------
ACCOUNT = tuple(field.attname for field in User._meta.concrete_fields)


@prepared
def holdings(user: int, day: date) -> models.QuerySet:
    """An account with what it holds that day: a row for each role, membership and deputyship; at
    the end of each whether it has a second factor.

    Of deputyships those that a membership of the other person as window belongs to.
    """

    def current(grants: str, **more: object) -> FilteredRelation:
        wanted = {"since__lte": day, **more}
        open_or_later = Q(**{f"{grants}__until__isnull": True}) | Q(**{f"{grants}__until__gt": day})
        return FilteredRelation(
            grants,
            condition=open_or_later & Q(**{f"{grants}__{key}": it for key, it in wanted.items()}),
        )

    return (
        User.objects.filter(pk=user)
        .annotate(granted=current("role_grants"), member=current("memberships"))
        .annotate(deputy=current("deputyships"))
        .annotate(window=current("deputy__window__memberships", role=MembershipRole.WINDOW))
        .annotate(second=Exists(second_factors().filter(user_id=OuterRef("pk"))))
        .order_by("-deputy__since", "-deputy__pk")
        .values_list(
            *ACCOUNT,
            *("granted__role", "member__ministry_id", "member__role"),
            *("deputy__ministry_id", "deputy__window_id", "window__ministry_id"),
            "deputy__window__is_active",
            "second",
        )
    )


def held_on(user: User, day: date) -> Held:
    """What the person holds that day; one query."""
    return held_in(holdings(user.pk, day))


def held_in(rows: list[tuple]) -> Held:
    """What the rows of `holdings` say."""
    return gathered([row[len(ACCOUNT) :] for row in rows])
