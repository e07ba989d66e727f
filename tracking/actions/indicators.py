"""A reviewer's decision on a proposed indicator, and its ministry told of it in one transaction;
and another definition from a year on that nobody files for yet.

The verbs are the plan's; who is told, and which years are open, is known in this room.
"""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from ministries.models import User
from plan.actions import indicators as verbs
from plan.models import Indicator, Plan
from tracking.enums import YearState
from tracking.models import ReportingYear
from tracking.notices import indicators as notices


def free_years(plan: Plan) -> range:
    """ROC years of the plan that no ministry has been asked to file for yet, in order: a definition
    is frozen for a year from the day on which the year opens.
    """
    opened = ReportingYear.objects.filter(plan=plan).exclude(state=YearState.PLANNED)
    last = opened.aggregate(last=Max("year"))["last"]
    return range(max(last or 0, plan.start_year - 1) + 1, plan.end_year + 1)


@transaction.atomic
def redefine(
    indicator: Indicator,
    *,
    from_year: int,
    seen_revision: int,
    by: User,
    targets: dict[int, dict],
    **fields,
) -> Indicator:
    """As `plan.actions.indicators.redefine`; the first year must not have opened."""
    _must_be_free(indicator, from_year)
    return verbs.redefine(
        indicator,
        from_year=from_year,
        seen_revision=seen_revision,
        by=by,
        targets=targets,
        **fields,
    )


@transaction.atomic
def change(indicator: Indicator, *, from_year: int | None = None, **given) -> Indicator:
    """As `plan.actions.indicators.change`; the first year must not have opened."""
    if from_year is not None and indicator.replaces_id:
        _must_be_free(indicator, from_year)
    return verbs.change(indicator, from_year=from_year, **given)


@transaction.atomic
def approve(indicator: Indicator, *, by: User, seen_revision: int | None = None) -> Indicator:
    """As `plan.actions.indicators.approve`; a new definition only while its first year has not
    opened.
    """
    row = verbs.approve(indicator, by=by, seen_revision=seen_revision)
    if row.replaces_id:
        _must_be_free(row, row.from_year)
    notices.decided(row, by=by)
    return row


@transaction.atomic
def decline(
    indicator: Indicator, *, by: User, note: str, seen_revision: int | None = None
) -> Indicator:
    """As `plan.actions.indicators.decline`."""
    row = verbs.decline(indicator, by=by, note=note, seen_revision=seen_revision)
    notices.decided(row, by=by)
    return row


def _must_be_free(indicator: Indicator, year: int | None) -> None:
    free = free_years(indicator.measure.version.plan)
    if year in free:
        return
    if not free:
        raise Invalid({"from_year": [_("計畫的各年度都已開放填報，定義不能再改。")]})
    raise Invalid(
        {
            "from_year": [
                _("%(year)s年度已經開放填報，定義已凍結；新的定義最早從%(first)d年起。")
                % {"year": year, "first": free[0]}
            ]
        }
    )
