"""A validator of Django's kind: the last passwords are not taken again."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ministries.models import User
from ministries.models.user import USED_PASSWORDS


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
