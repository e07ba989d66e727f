"""How allauth behaves here: nobody signs up, failures lock, and the owner is told what happened."""

import logging
import time
from smtplib import SMTPException

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kit.templatetags.kit import roc_datetime
from ministries import audit
from ministries.actions import attempts
from ministries.actions.sessions import address_of
from ministries.enums import MembershipRole, SystemRole
from ministries.models import User

# Whoever proved less long ago who they are is not asked again before a second factor is changed.
PROVEN_FOR = 5 * 60
logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    # One sentence for an unknown address and for a wrong password, so that neither tells which.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("電子郵件或密碼不正確。"),
        "too_many_login_attempts": _(
            "這個電子郵件或這個網路位址登入失敗太多次，15分鐘內不能再試。"
            "忘記密碼時請重設，或請部會窗口協助。"
        ),
        "enter_current_password": _("目前的密碼不正確。"),
        "incorrect_password": _("密碼不正確。"),
        "incorrect_code": _("驗證碼不正確，或已經用過。"),
        "invalid_password_reset": _("重設密碼的連結已經失效。"),
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    # --- passwords --------------------------------------------------------------------------------
    def clean_password(self, password: str, user=None) -> str:
        if user is not None and user.check_password(password):
            raise ValidationError(_("新密碼不能和目前的密碼相同。"))
        return super().clean_password(password, user)

    def set_password(self, user, password: str) -> None:
        user.must_change_password = False
        super().set_password(user, password)

    # --- who tries --------------------------------------------------------------------------------
    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def authenticate(self, request: HttpRequest, **credentials) -> User | None:
        """As allauth's; counted in the database, and no attempt is made beyond the limit."""
        email, address = credentials.get("email", ""), address_of(request)
        if not attempts.begin(email, address):
            record_failure(email, how="password", refused=True)
            raise self.validation_error("too_many_login_attempts")
        user = super().authenticate(request, **credentials)
        if user:
            attempts.succeed(email, address)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials) -> None:
        record_failure(credentials.get("email", ""), how="password")

    def reauthenticate(self, user: User, password: str) -> bool:
        found = self.authenticate(self.request, email=user.email, password=password)
        if found is None or found.pk != user.pk:
            return False
        # Whoever held the session's key before does not hold what was just proven.
        self.request.session.cycle_key()
        return True

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        records = get_authentication_records(self.request, self.request.user)
        return not any(time.time() - record["at"] < PROVEN_FOR for record in records)

    def get_reauthentication_methods(self, user) -> list[dict]:
        """By the password, which everybody has."""
        if not user.is_authenticated:
            return []
        return [{"id": "reauthenticate", "url": reverse("account_reauthenticate")}]

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            audit.record("session.end", request.user, by=request.user)
        super().logout(request)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """The password was right, and the account is closed: that is a failed sign-in as well."""
        record_failure(user.email, how="closed")
        return super().respond_user_inactive(request, user)

    # --- where to, and what is mailed -------------------------------------------------------------
    def get_login_redirect_url(self, request) -> str:
        """The desk for whom a ministry's reports wait, the dossier for an expert; the overview,
        which names what else waits, for everybody else, reviewers first of all.
        """
        user = request.user
        if user.is_science_staff:
            return reverse("home")
        if user.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW):
            return reverse("desk")
        return reverse("dossier" if SystemRole.EXPERT in user.roles else "home")

    def get_password_change_redirect_url(self, request) -> str:
        return self.get_login_redirect_url(request)

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict | None = None, email: str = ""
    ) -> None:
        """Tell the owner of the account. What was done stands, even where no mail can go."""
        told = {
            "user": user,
            "at": roc_datetime(timezone.localtime()),
            "address": address_of(self.request),
            **(context or {}),
        }
        try:
            self.send_mail(template_prefix, user.email, told)
        except (OSError, SMTPException):
            logger.exception("The owner of account %s could not be told by mail.", user.pk)


def record_failure(email: str, *, how: str, refused: bool = False) -> None:
    """A sign-in that failed, in the audit log: of which account, if it is one; `refused` if nothing
    was tried, since account or address are locked.

    What was typed where there is no account may be anything, a password too: it is not kept.
    """
    person = User.objects.filter(email__iexact=email).first()
    told = {"how": how, "locked": attempts.is_locked(email), "refused": refused}
    audit.record("session.fail", person or "unknown", by="system:sign_in", after=told)
