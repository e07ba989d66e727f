"""Accounts of people who were invited: made by themselves, with one role in the system for a time.

The invitation is the caller's; it vouches for the address, as a ministry's window does elsewhere.
"""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from ministries import audit
from ministries.models import RoleGrant, User


@transaction.atomic
def create_invited_account(*, email: str, name: str, password: str) -> User:
    """An account with the password that the person chose, and as yet no role.

    Raises Invalid for a missing name, a weak password, or an address that has an account.
    """
    email, name = email.strip().lower(), name.strip()
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = [_("請填姓名。")]
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        errors["password1"] = list(error.messages)
    if User.objects.filter(email__iexact=email).exists():
        errors["email"] = [_("這個電子郵件已經有帳號，請先登入。")]
    if errors:
        raise Invalid(errors)
    user = User.objects.create_user(email, password, name=name)
    audit.record("account.create", user, by=user, after={"email": user.email, "name": user.name})
    return user


@transaction.atomic
def hold_role(user: User, role: str, *, by: User) -> None:
    """Give the role from today, where it is not held already."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.role_grants.current().filter(role=role).exists():
        return
    grant = RoleGrant.objects.create(user=user, role=role)
    after = {"user": user.email, "role": role, "since": grant.since, "until": None}
    audit.record("role.grant", grant, by=by, after=after)


@transaction.atomic
def drop_role(user: User, role: str, *, by: User) -> None:
    """End the role today. The account stays: whoever wrote keeps the name under it."""
    user = User.objects.select_for_update().get(pk=user.pk)
    today = timezone.localdate()
    for grant in user.role_grants.current().filter(role=role):
        before = {"since": grant.since, "until": grant.until}
        grant.until = today
        grant.save(update_fields=["until"])
        after = {"user": user.email, "since": grant.since, "until": grant.until}
        audit.record("role.revoke", grant, by=by, before=before, after=after)
