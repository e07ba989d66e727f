"""Was it filed in time? Pure arithmetic for pages, and the same as an expression for counts."""

from datetime import date

from django.db.models import Case, CharField, Q, Value, When

from tracking.enums import Timeliness


def timeliness(filed_on: date | None, late: bool, due_on: date) -> str:
    """A `Timeliness`, "" for what is not filed. `due_on` is the year's own date: what was filed
    after it and is not late had more time granted.
    """
    if filed_on is None:
        return ""
    if late:
        return Timeliness.LATE
    return Timeliness.BY_EXTENSION if filed_on > due_on else Timeliness.IN_TIME


def timeliness_column(due_on: date) -> Case:
    """`timeliness` of the reports of one year, as a column."""
    return Case(
        When(filed_at__isnull=True, then=Value("")),
        When(late=True, then=Value(Timeliness.LATE.value)),
        When(Q(filed_at__date__gt=due_on), then=Value(Timeliness.BY_EXTENSION.value)),
        default=Value(Timeliness.IN_TIME.value),
        output_field=CharField(),
    )
