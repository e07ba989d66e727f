"""Move a duty from one ministry to another: by a dated decree, outside the freeze of a version."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid
from ministries import audit, rules
from ministries.models import Ministry, User
from plan.enums import AssignmentRole
from plan.models import Assignment, Measure


@transaction.atomic
def assign(
    *,
    measure: Measure,
    ministry: Ministry,
    role: str,
    order: int,
    since: date,
    basis: str,
    by: User,
) -> Assignment:
    """Give a ministry a place among a measure's leads or partners from a day on.

    Who holds that place (role and order) gives it up on the day. Administrators only. Raises
    Invalid for a ministry that has a duty for the measure already or is gone that day, for a
    place that is taken later than that, and for a missing legal basis.
    """
    rules.may_administer(by).enforce()
    Measure.objects.select_for_update().get(pk=measure.pk)
    open_ones = Assignment.objects.filter(measure=measure, until__isnull=True)
    errors: dict[str, list[str]] = {}
    if not basis.strip():
        errors["basis"] = [_("請寫依據。")]
    if open_ones.filter(ministry=ministry).exists():
        errors["ministry"] = [_("這個部會已經在這項措施的分工裡。")]
    elif not Ministry.objects.on(since).filter(pk=ministry.pk).exists():
        errors["ministry"] = [
            _("%(ministry)s在%(day)s不存在，請選當時的部會。")
            % {"ministry": ministry.short_name, "day": roc.format_date(since)}
        ]
    former = open_ones.filter(role=role, order=order).select_related("ministry").first()
    if former and former.since and since <= former.since:
        errors["since"] = [
            _("%(ministry)s從%(day)s起才有這個分工，接手的日子要更晚。")
            % {"ministry": former.ministry, "day": roc.format_date(former.since)}
        ]
    if errors:
        raise Invalid(errors)
    if former:
        _end(former, since, by)
    duty = Assignment.objects.create(
        measure=measure, ministry=ministry, role=role, order=order, since=since, basis=basis.strip()
    )
    after = {
        "measure": measure.code,
        "role": role,
        "order": order,
        "since": since,
        "basis": duty.basis,
        "instead_of": former.ministry.code if former else None,
    }
    audit.record("assignment.add", duty, by=by, ministry=ministry, after=after)
    return duty


@transaction.atomic
def end_assignment(duty: Assignment, *, until: date, by: User) -> Assignment:
    """End a duty on a day (the first no longer so). Administrators only.

    Raises Invalid if it has ended, began later, or if the measure would be left without a lead.
    """
    rules.may_administer(by).enforce()
    Measure.objects.select_for_update().get(pk=duty.measure_id)
    duty = Assignment.objects.select_related("ministry", "measure").get(pk=duty.pk)
    if duty.until:
        raise Invalid({"until": [_("這個分工已經結束。")]})
    if duty.since and until <= duty.since:
        raise Invalid({"until": [_("結束的日子要在開始之後。")]})
    others = Assignment.objects.filter(measure=duty.measure_id, role=AssignmentRole.LEAD).filter(
        Q(until__isnull=True) | Q(until__gt=until)
    )
    if duty.role == AssignmentRole.LEAD and not others.exclude(pk=duty.pk).exists():
        raise Invalid(
            {"until": [_("這是這項措施唯一的主辦：請改成新增接手的部會，它會同時結束這一個。")]}
        )
    _end(duty, until, by)
    return duty


def _end(duty: Assignment, until: date, by: User) -> None:
    duty.until = until
    duty.save(update_fields=["until"])
    audit.record(
        "assignment.end",
        duty,
        by=by,
        ministry=duty.ministry,
        before={"until": None},
        after={"until": until},
    )
