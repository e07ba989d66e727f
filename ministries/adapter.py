"""How allauth behaves here: nobody signs up, and a changed first password is remembered."""

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ministries.enums import MembershipRole, SystemRole


class AccountAdapter(DefaultAccountAdapter):
    # One sentence for an unknown address and for a wrong password, so that neither tells which.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("電子郵件或密碼不正確。"),
        "too_many_login_attempts": _(
            "這個電子郵件連續5次登入失敗，15分鐘內不能再試。忘記密碼時請重設，或請部會窗口協助。"
        ),
        "enter_current_password": _("目前的密碼不正確。"),
        "invalid_password_reset": _("重設密碼的連結已經失效。"),
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def clean_password(self, password: str, user=None) -> str:
        if user is not None and user.check_password(password):
            raise ValidationError(_("新密碼不能和目前的密碼相同。"))
        return super().clean_password(password, user)

    def set_password(self, user, password: str) -> None:
        user.must_change_password = False
        super().set_password(user, password)

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
