"""Names and texts of the tree: which there are at each level, and what is wrong with one."""

from django.db.models import Model
from django.utils.translation import gettext as _

from plan.actions.revise.door import Errors
from plan.enums import NodeLevel

# What can be reworded, by level.
WORDING = {
    NodeLevel.GOAL: ("name", "name_en", "text"),
    NodeLevel.SUB_GOAL: ("name", "name_en", "text"),
    NodeLevel.STRATEGY: ("name", "name_en", "note", "text"),
    NodeLevel.MEASURE: ("name", "name_en", "description"),
}


def clean(text: str) -> str:
    """As stored. Browsers send CR LF; NUL can't be stored in PostgreSQL."""
    return text.replace("\r\n", "\n").replace("\0", "").strip()


def wording_errors(row: Model, given: dict[str, str]) -> Errors:
    """What is wrong with the texts of this row, by field."""
    errors: Errors = {}
    for name, text in given.items():
        limit = row._meta.get_field(name).max_length
        if name == "name" and not text:
            errors[name] = [_("請寫名稱。")]
        elif limit and len(text) > limit:
            errors[name] = [_("最多%(limit)d個字。") % {"limit": limit}]
    return errors
