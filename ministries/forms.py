"""What people type: to sign in, to change a password, and to keep their ministry's list of people.

Permission is not asked here; the actions do that. Choices are only what the page handed in.
"""

from allauth.account import forms as allauth
from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.errors import Invalid
from config.kit.forms import RocDateField
from ministries.administration import add_errors
from ministries.enums import MembershipRole, SystemRole, TokenScope
from ministries.models import Ministry, User

PASSWORD_HINT = _(
    "至少12個字，不能全是數字、太常見，或和姓名、電子郵件太像，也不能是最近3次用過的。"
)


def _plain(form: forms.Form, **texts: tuple) -> None:
    """Give allauth's fields our labels and hints, and take their placeholders away.

    A placeholder that repeats the label vanishes as soon as somebody types.
    """
    for name, (label, hint) in texts.items():
        field = form.fields[name]
        field.label, field.help_text = label, hint
        field.widget.attrs.pop("placeholder", None)


class LoginForm(allauth.LoginForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, login=(_("電子郵件"), ""), password=(_("密碼"), ""))


class ChangePasswordForm(allauth.ChangePasswordForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self,
            oldpassword=(_("目前的密碼"), ""),
            password1=(_("新密碼"), PASSWORD_HINT),
            password2=(_("再輸入一次新密碼"), ""),
        )


class ReauthenticateForm(allauth.ReauthenticateForm):
    """Who is signed in shows once more that they know the password."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, password=(_("密碼"), ""))


class ResetPasswordForm(allauth.ResetPasswordForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, email=(_("電子郵件"), ""))

    def clean_email(self) -> str:
        """To the address that the account has today, and to no earlier one."""
        email = self.cleaned_data["email"].strip().lower()
        self.users = list(User.objects.filter(email__iexact=email, is_active=True))
        return email


class ResetPasswordKeyForm(allauth.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self,
            password1=(_("新密碼"), PASSWORD_HINT),
            password2=(_("再輸入一次新密碼"), ""),
        )


class ActionForm(forms.Form):
    """A form whose action has the last word: its refusals land at the fields they name."""

    def take(self, refusal: Invalid) -> None:
        add_errors(self, refusal)


class AccountForm(ActionForm):
    """A new account. `ministries` are those that the page's reader manages; only an administrator
    (`everybody`) also makes people who belong to no ministry, and gives roles in the system.
    """

    name = forms.CharField(label=_("姓名"), max_length=80)
    email = forms.EmailField(
        label=_("電子郵件"),
        max_length=254,
        help_text=_("公務信箱。登入用它，通知也寄到這裡。"),
    )
    unit = forms.CharField(label=_("單位職稱"), max_length=80, required=False)
    ministry = forms.ModelChoiceField(Ministry.objects.none(), label=_("部會"))
    role = forms.ChoiceField(
        label=_("在部會的身分"), widget=forms.RadioSelect, choices=MembershipRole.choices
    )
    system_role = forms.ChoiceField(
        label=_("系統角色"), required=False, choices=[("", _("沒有")), *SystemRole.choices]
    )

    def __init__(self, *args, ministries, everybody: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ministry"].queryset = ministries
        if everybody:
            self.fields["ministry"].required = self.fields["role"].required = False
            self.fields["ministry"].empty_label = _("不屬於部會")
        else:
            del self.fields["system_role"]
            self.fields["ministry"].empty_label = None

    def clean(self) -> dict:
        given = super().clean()
        given["system_role"] = given.get("system_role") or None
        return given


class MembershipForm(ActionForm):
    """Another role for somebody who has an account."""

    ministry = forms.ModelChoiceField(Ministry.objects.none(), label=_("部會"), empty_label=None)
    role = forms.ChoiceField(
        label=_("身分"), widget=forms.RadioSelect, choices=MembershipRole.choices
    )

    def __init__(self, *args, ministries, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ministry"].queryset = ministries


class DeputyForm(ActionForm):
    """Who acts for the window, and on which days, both included."""

    ministry = forms.ModelChoiceField(Ministry.objects.none(), label=_("部會"), empty_label=None)
    deputy = forms.ModelChoiceField(
        User.objects.none(),
        label=_("代理人"),
        empty_label=_("請選擇"),
        help_text=_("貴部會現任的人員。核可與送出時，代理人與窗口的姓名都會記下。"),
    )
    since = RocDateField(label=_("第一天"))
    until = RocDateField(label=_("最後一天"), help_text=_("這一天也算在內。"))

    def __init__(self, *args, ministries, colleagues, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ministry"].queryset = ministries
        self.fields["deputy"].queryset = colleagues


class TokenForm(ActionForm):
    """A token for one of one's own programs."""

    name = forms.CharField(
        label=_("名稱"), max_length=80, help_text=_("用它的程式，例如「年報匯出」。")
    )
    scopes = forms.MultipleChoiceField(
        label=_("能做什麼"),
        widget=forms.CheckboxSelectMultiple,
        choices=TokenScope.choices,
        initial=[TokenScope.READ],
        help_text=_("不會超過你自己的權限；公開資料不需要權杖。"),
    )
    days = forms.TypedChoiceField(
        label=_("有效期間"),
        widget=forms.RadioSelect,
        coerce=int,
        choices=[(30, _("30天")), (90, _("90天")), (180, _("180天")), (365, _("1年"))],
        initial=90,
    )
