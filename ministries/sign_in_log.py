"""Sign-ins, second factors and passwords in the audit log, and what they end: heard as they happen.

Connected when the app is ready. Failures are counted and recorded where they are seen
(`ministries.adapter`, `ministries.second_factor`).
"""

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from ministries import audit
from ministries.actions import attempts, sessions
from ministries.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@receiver(account.user_logged_in, dispatch_uid="ministries.sign_in")
def signed_in(request: HttpRequest, user: User, **_more: object) -> None:
    attempts.forgive(user.email)
    records = get_authentication_records(request, user)
    how = [record.get("type") or record["method"] for record in records]
    audit.record("session.start", user, by=user, after={"how": how})


@receiver(account.password_changed, dispatch_uid="ministries.password_changed")
def password_changed(request: HttpRequest, user: User, **_more: object) -> None:
    audit.record("password.change", user, by=user)
    sessions.end_others(user, keep=request.session.session_key, by=user)


@receiver(account.password_reset, dispatch_uid="ministries.password_reset")
def password_reset(request: HttpRequest, user: User, **_more: object) -> None:
    """By the link in a mail: nobody stays signed in, and nobody is signed in by it."""
    attempts.forgive(user.email)
    audit.record("password.reset", user, by=user)
    if request.user.is_authenticated:
        get_adapter().logout(request)
    sessions.end_others(user, by=user)


@receiver(post_save, sender=Authenticator, dispatch_uid="ministries.second_factor")
def factor_added(instance: Authenticator, created: bool, **_more: object) -> None:
    """Sessions that began without it end."""
    if not created:
        return
    user = instance.user
    audit.record("second_factor.add", user, by=user, after={"type": instance.type})
    if instance.type in FACTORS:
        request = context.request
        keep = request.session.session_key if request is not None else None
        sessions.end_others(user, keep=keep, by=user)


@receiver(mfa.authenticator_removed, dispatch_uid="ministries.second_factor_removed")
def factor_removed(user: User, authenticator: Authenticator, **_more: object) -> None:
    audit.record("second_factor.remove", user, by=user, before={"type": authenticator.type})


@receiver(mfa.authenticator_used, dispatch_uid="ministries.second_factor_used")
def code_used(user: User, authenticator: Authenticator, **_more: object) -> None:
    """A recovery code may be in other hands: the owner is told."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        audit.record("second_factor.use_code", user, by=user)
        now = Authenticator.objects.get(pk=authenticator.pk)  # the code is crossed out there
        left = len(now.wrap().get_unused_codes())
        get_adapter().send_notification_mail("mfa/email/recovery_code_used", user, {"left": left})
