"""Validators of Django's kind: none of the last passwords, none with a common one at its heart."""

import re

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ministries.models import User
from ministries.models.user import USED_PASSWORDS

# Names of this site, its house and its plan, which everybody here would think of first.
OWN_WORDS = (
    "nstp", "nstc", "most", "ostp", "taiwan", "scitech", "科技計畫", "國家科學技術發展計畫",
    "國科會", "科技部", "國家科學及技術委員會", "行政院", "填報系統",
)  # fmt: skip
# What people add until it is long enough.
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class NotUsedLatelyValidator:
    """Refuses a person's password of today and the two before it."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk and user.has_used(password):
            raise ValidationError(
                _("這個密碼最近用過。請換一個和最近%(n)d次都不同的。") % {"n": USED_PASSWORDS},
                code="password_used_lately",
            )

    def get_help_text(self) -> str:
        return _("不能是最近%(n)d次用過的密碼。") % {"n": USED_PASSWORDS}


class NotCommonAtHeartValidator:
    """Refuses what is one of Django's 20,000 common passwords, or one of our own words, but for
    digits and signs at its ends, or said several times over: of the common ones hardly any has
    twelve signs by itself.
    """

    def __init__(self) -> None:
        self.known = {*CommonPasswordValidator().passwords, *OWN_WORDS}

    def validate(self, password: str, user: User | None = None) -> None:
        whole = password.strip().lower()
        heart = _ENDS.sub("", whole)
        if {_once(whole), heart, _once(heart)} & self.known:
            raise ValidationError(
                _("這個密碼只是在常見的字詞前後加上數字、符號或重複，太容易猜。"),
                code="password_common_at_heart",
            )

    def get_help_text(self) -> str:
        return _("不能只是在常見的字詞前後加上數字、符號或重複。")


def _once(text: str) -> str:
    """ "abcabc" → "abc": the shortest text of which this one is a repetition."""
    at = (text + text).find(text, 1)
    return text[:at] if text else text
