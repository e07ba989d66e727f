"""The second factor: an app's codes or a passkey beside the password, and who can't do without."""

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ministries import seeds
from ministries.actions import attempts
from ministries.actions.sessions import address_of
from ministries.adapter import AccountAdapter, record_failure
from ministries.models import User

logger = logging.getLogger(__name__)

CODE_HINT = _("驗證App上的6位數字，或一組還沒用過的救援碼。")


def is_missing(user: User) -> bool:
    """Whether this person must set one up before anything else; asks no query of who signed in.

    Demo people are let off: production does not start while there is one.
    """
    held = user.roles & set(settings.SECOND_FACTOR_FOR)
    return bool(held) and not user.is_demo and not user.has_second_factor


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("驗證碼不正確，或已經用過。"),
        "cannot_generate_recovery_codes": _("先設定驗證App或通行金鑰，才有救援碼。"),
    }

    def encrypt(self, text: str) -> str:
        return seeds.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return seeds.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return str(_("國家科學技術發展計畫"))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return str(_("通行金鑰%(n)d") % {"n": count + 1})


@contextmanager
def _counted(user: User, how: str) -> Iterator[None]:
    """A wrong code is a failed sign-in like a wrong password, and locks like one."""
    address = address_of(context.request)
    if not attempts.begin(user.email, address):
        record_failure(user.email, how=how, refused=True)
        raise AccountAdapter().validation_error("too_many_login_attempts")
    try:
        yield
    except seeds.Unreadable:
        # Nobody guessed wrong: whoever is reset now must not be locked as well.
        attempts.succeed(user.email, address)
        record_failure(user.email, how=how)
        logger.error("Account %s: its second factor is sealed under another SECRET_KEY.", user.pk)
        raise
    except ValidationError:
        record_failure(user.email, how=how)
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # What a browser sends is not always what a browser would send.
        record_failure(user.email, how=how)
        raise MFAAdapter().validation_error("incorrect_code") from error
    attempts.succeed(user.email, address)


class CodeForm(AuthenticateForm):
    """The second step of signing in, by a code."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        _code(self, CODE_HINT)

    def clean_code(self) -> str:
        with _counted(self.user, "code"):
            return super().clean_code()


class PasskeyForm(AuthenticateWebAuthnForm):
    """The second step of signing in, by a passkey."""

    def clean_credential(self) -> Authenticator:
        with _counted(self.user, "passkey"):
            return super().clean_credential()


class ActivateAppForm(ActivateTOTPForm):
    """The secret waits in the session, a row of the database as well: sealed like all others."""

    def __init__(self, *args, **kwargs) -> None:
        session = context.request.session
        if waiting := session.get(SECRET_SESSION_KEY):
            session[SECRET_SESSION_KEY] = seeds.unseal(waiting)
        super().__init__(*args, **kwargs)
        session[SECRET_SESSION_KEY] = seeds.seal(self.secret)
        _code(self, _("App加入後顯示的6位數字。"))


class AddPasskeyForm(AddWebAuthnForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label, name.help_text = _("名稱"), _("認得出是哪一個裝置，例如「辦公室電腦」。")
        name.max_length = 60
        name.widget.attrs["maxlength"] = 60

    def clean(self) -> dict:
        try:
            return super().clean()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, ValidationError):
                raise
            raise MFAAdapter().validation_error("incorrect_code") from error


class CodeField(forms.CharField):
    """A code as apps show it, 「123 456」, and as an input method types it, in full width."""

    def to_python(self, value: object) -> str:
        return "".join(unicodedata.normalize("NFKC", super().to_python(value)).split())


def _code(form: forms.Form, hint: str) -> None:
    form.fields["code"] = CodeField(
        label=_("驗證碼"),
        help_text=hint,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
