"""Accounts, memberships, roles and deputies: what windows and administrators do to people.

Nothing is deleted: what ends gets a last day. Every act is in the audit log, without passwords.
"""

import secrets
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid, NotNow
from ministries import audit, rules
from ministries.actions.tokens import revoke_all
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Deputyship, Membership, Ministry, RoleGrant, User
from ministries.queries import line_of

# No 0/O, 1/l/I: the first password is read out or copied by hand.
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_first_password() -> str:
    """16 random characters in four groups (about 93 bits)."""
    return "-".join("".join(secrets.choice(LETTERS) for _i in range(4)) for _g in range(4))


@transaction.atomic
def create_account(
    *,
    email: str,
    name: str,
    unit: str = "",
    ministry: Ministry | None = None,
    role: str | None = None,
    system_role: str | None = None,
    by: User,
) -> tuple[User, str]:
    """Make a person's account with a membership, a system role or both.

    Returns the account and its first password, which is kept nowhere and must be changed at the
    first sign-in. A window creates members of its own ministry; without a ministry, or with a
    system role, it takes an administrator. Raises NotAllowed; Invalid for a missing name, a bad
    or known address, a body that is gone, or an account that would be nothing.
    """
    if ministry is None or system_role:
        rules.may_administer(by).enforce()
    if ministry is not None:
        rules.may_manage(by, ministry).enforce()
    email, name = email.strip().lower(), name.strip()
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = [_("請填姓名。")]
    try:
        validate_email(email)
    except ValidationError:
        errors["email"] = [_("請填正確的電子郵件。")]
    else:
        if User.objects.filter(email__iexact=email).exists():
            errors["email"] = [
                _("這個電子郵件已經有帳號。一個人只有一個帳號：換機關時請系統管理者調整身分。")
            ]
    if ministry is None and not system_role:
        errors["ministry"] = [_("請選部會或系統角色。")]
    if ministry is not None:
        errors.update(_membership_errors(ministry, role))
    if system_role and system_role not in SystemRole.values:
        errors["system_role"] = [_("沒有這個角色。")]
    if errors:
        raise Invalid(errors)

    password = new_first_password()
    user = User.objects.create_user(
        email, password, name=name, unit=unit.strip(), must_change_password=True
    )
    after = {"email": user.email, "name": user.name, "unit": user.unit}
    audit.record("account.create", user, by=by, ministry=ministry, after=after)
    if ministry is not None:
        _add_membership(user, ministry, role, by)
    if system_role:
        _add_role(user, system_role, by)
    return user, password


@transaction.atomic
def grant_membership(user: User, *, ministry: Ministry, role: str, by: User) -> Membership:
    """Give an existing account a role in a ministry from today, and wake it if it was retired.

    A window may only for people whom its ministry knows. Raises NotAllowed; Invalid for a body
    that is gone, an unknown role, or a role that the person holds already.
    """
    rules.may_grant(by, user, ministry).enforce()
    user = User.objects.select_for_update().get(pk=user.pk)
    if errors := _membership_errors(ministry, role):
        raise Invalid(errors)
    today = timezone.localdate()
    if user.memberships.on(today).filter(ministry=ministry, role=role).exists():
        raise Invalid({"role": [_("這個人已經有這個身分。")]})
    membership = _add_membership(user, ministry, role, by)
    _set_active(user, True, by)
    return membership


@transaction.atomic
def retire_membership(membership: Membership, *, by: User) -> Membership:
    """End a membership today, and what hangs on it.

    Deputyships that the person gave or holds for that body end with the last membership (with
    the last one as window) there. An account that is left with nothing is closed, which also
    ends its sessions. Raises NotAllowed, and NotNow if the membership has ended already.
    """
    rules.may_retire(by, membership).enforce()
    membership = (
        Membership.objects.select_for_update()
        .select_related("user", "ministry")
        .get(pk=membership.pk)
    )
    today, user = timezone.localdate(), membership.user
    if membership.until and membership.until <= today:
        raise NotNow(_("這個身分在%(day)s已經結束。") % {"day": roc.format_date(membership.until)})
    _end(membership, "membership.retire", by, ministry=membership.ministry)

    body = line_of(membership.ministry, today)
    left = user.memberships.on(today).filter(ministry__in=body)
    given = Deputyship.objects.filter(ministry__in=body, until__gt=today)
    ends = Q(pk__in=[])
    if not left.filter(role=MembershipRole.WINDOW).exists():
        ends |= Q(window=user)
    if not left.exists():
        ends |= Q(deputy=user)
    for deputyship in given.filter(ends).select_related("ministry"):
        _end(deputyship, "deputy.end", by, ministry=deputyship.ministry)

    ahead = Q(until__isnull=True) | Q(until__gt=today)
    if not user.memberships.filter(ahead).exists() and not user.role_grants.filter(ahead).exists():
        _set_active(user, False, by)
    return membership


@transaction.atomic
def grant_role(user: User, *, role: str, by: User) -> RoleGrant:
    """Give a role in the system from today; administrators only. Raises Invalid if held."""
    rules.may_administer(by).enforce()
    user = User.objects.select_for_update().get(pk=user.pk)
    if role not in SystemRole.values:
        raise Invalid({"role": [_("沒有這個角色。")]})
    if user.role_grants.current().filter(role=role).exists():
        raise Invalid({"role": [_("這個人已經有這個角色。")]})
    grant = _add_role(user, role, by)
    _set_active(user, True, by)
    return grant


@transaction.atomic
def revoke_role(grant: RoleGrant, *, by: User) -> RoleGrant:
    """End a role in the system today; not the last administrator's. Closes an empty account."""
    rules.may_revoke_role(by, grant).enforce()
    grant = RoleGrant.objects.select_for_update().select_related("user").get(pk=grant.pk)
    today = timezone.localdate()
    if grant.until and grant.until <= today:
        raise NotNow(_("這個角色在%(day)s已經結束。") % {"day": roc.format_date(grant.until)})
    _end(grant, "role.revoke", by)
    ahead = Q(until__isnull=True) | Q(until__gt=today)
    user = grant.user
    if not user.memberships.filter(ahead).exists() and not user.role_grants.filter(ahead).exists():
        _set_active(user, False, by)
    return grant


@transaction.atomic
def appoint_deputy(
    *,
    ministry: Ministry,
    deputy: User,
    until: date,
    since: date | None = None,
    by: User,
) -> Deputyship:
    """A window lets a member of its ministry act for it; both names stay on every paper.

    `since` is the first day (today, if not given) and `until` the first day no longer so. Raises
    NotAllowed; Invalid for oneself, for somebody from elsewhere, for days that are past or in the
    wrong order, and for days on which this deputy acts already.
    """
    rules.may_appoint_deputy(by, ministry).enforce()
    today = timezone.localdate()
    since = since or today
    errors: dict[str, list[str]] = {}
    if deputy == by:
        errors["deputy"] = [_("不能代理自己。")]
    elif not rules.belongs_to(deputy, ministry, today):
        errors["deputy"] = [_("代理人必須是貴部會現任的人員。")]
    if since < today:
        errors["since"] = [_("代理不能從過去的日子開始。")]
    if until <= since:
        errors["until"] = [_("代理的結束日要在開始日之後。")]
    User.objects.select_for_update().get(pk=by.pk)
    same = Deputyship.objects.filter(window=by, deputy=deputy, ministry=ministry)
    if same.filter(since__lt=until, until__gt=since).exists():
        errors.setdefault("deputy", []).append(_("這個人在這段期間已經是你的代理人。"))
    if errors:
        raise Invalid(errors)
    deputyship = Deputyship.objects.create(
        window=by, deputy=deputy, ministry=ministry, since=since, until=until
    )
    after = {"window": by.email, "deputy": deputy.email, "since": since, "until": until}
    audit.record("deputy.appoint", deputyship, by=by, ministry=ministry, after=after)
    return deputyship


@transaction.atomic
def end_deputyship(deputyship: Deputyship, *, by: User) -> Deputyship:
    """End a deputyship today; one that has not begun never does. Raises NotAllowed, NotNow."""
    rules.may_end_deputyship(by, deputyship).enforce()
    deputyship = (
        Deputyship.objects.select_for_update().select_related("ministry").get(pk=deputyship.pk)
    )
    if deputyship.until <= timezone.localdate():
        raise NotNow(_("這個代理已經結束。"))
    _end(deputyship, "deputy.end", by, ministry=deputyship.ministry)
    return deputyship


@transaction.atomic
def reset_first_password(user: User, *, by: User) -> str:
    """Give an account a new first password and return it; whoever is signed in is signed out, and
    its tokens end.

    Raises NotAllowed.
    """
    rules.may_reset_password(by, user).enforce()
    user = User.objects.select_for_update().get(pk=user.pk)
    password = new_first_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    revoke_all(user, by=by)
    membership = user.memberships.current().select_related("ministry").first()
    audit.record(
        "account.reset_password",
        user,
        by=by,
        ministry=membership.ministry if membership else None,
        after={"email": user.email, "must_change_password": True},
    )
    return password


def first_day_after(last_day: date) -> date:
    """People name the last day of something; rows keep the first day no longer so."""
    return last_day + timedelta(days=1)


def _membership_errors(ministry: Ministry, role: str | None) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if ministry.until and ministry.until <= timezone.localdate():
        errors["ministry"] = [
            _("%(ministry)s在%(day)s已經終止，請選承接它的部會。")
            % {"ministry": ministry.short_name, "day": roc.format_date(ministry.until)}
        ]
    if role not in MembershipRole.values:
        errors["role"] = [_("請選身分。")]
    return errors


def _add_membership(user: User, ministry: Ministry, role: str, by: User) -> Membership:
    membership = _create(
        Membership, _("這個人已經有這個身分。"), user=user, ministry=ministry, role=role
    )
    after = {"user": user.email, "role": role, "since": membership.since, "until": None}
    audit.record("membership.grant", membership, by=by, ministry=ministry, after=after)
    return membership


def _add_role(user: User, role: str, by: User) -> RoleGrant:
    grant = _create(RoleGrant, _("這個人已經有這個角色。"), user=user, role=role)
    after = {"user": user.email, "role": role, "since": grant.since, "until": None}
    audit.record("role.grant", grant, by=by, after=after)
    return grant


def _create(model, sentence: str, **values):
    """Create a row; the database has the last word on whether an open one exists already."""
    try:
        with transaction.atomic():
            return model.objects.create(**values)
    except IntegrityError as error:
        raise Invalid({"role": [sentence]}) from error


def _end(row, verb: str, by: User, ministry: Ministry | None = None) -> None:
    """Today becomes the first day no longer so; a row of the future gets no day at all."""
    before = {"since": row.since, "until": row.until}
    row.until = max(timezone.localdate(), row.since)
    row.save(update_fields=["until"])
    after = {"since": row.since, "until": row.until}
    audit.record(verb, row, by=by, ministry=ministry, before=before, after=after)


def _set_active(user: User, active: bool, by: User) -> None:
    if user.is_active == active:
        return
    user.is_active = active
    user.save(update_fields=["is_active"])
    audit.record(
        "account.reopen" if active else "account.close",
        user,
        by=by,
        before={"is_active": not active},
        after={"is_active": active},
    )
    if not active:
        # Reopening the account must not bring them back.
        revoke_all(user, by=by)
