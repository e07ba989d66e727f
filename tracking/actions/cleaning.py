"""Values as a model's field wants them, with sentences where they can't be taken."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from config.kit import roc
from tracking.enums import Part

Errors = dict[str, list[str]]


def cleaned(model: type[models.Model], name: str, given: Any, errors: Errors, key: str) -> Any:
    """The value as the model's field wants it; its sentences go to `errors[key]`."""
    field = model._meta.get_field(name)
    if isinstance(given, str):
        # Browsers send CR LF; NUL can't be stored in PostgreSQL.
        given = given.replace("\r\n", "\n").replace("\0", "").strip()
    if given in (None, ""):
        if isinstance(field, models.CharField | models.TextField):
            given = ""
        elif not isinstance(field, models.BooleanField):
            given = None
    try:
        value = field.clean(given, None)
        # A text's own limit is not checked by its model field.
        if isinstance(field, models.TextField) and len(value) > field.max_length:
            raise ValidationError(
                _("最多%(limit)d個字，現在是%(count)d個字。")
                % {"limit": field.max_length, "count": len(value)}
            )
        if isinstance(value, date) and not roc.FIRST_DAY <= value <= roc.LAST_DAY:
            raise ValidationError(_("沒有這一天，請再看一次年、月、日。"))
        return value
    except ValidationError as error:
        errors[key] = list(error.messages)
        return None


def closed(part: Part) -> str:
    """Why a part of a returned report can't be changed."""
    return _("這次退回的部分不含「%(part)s」，所以不能更動。") % {"part": Part(part).label}
