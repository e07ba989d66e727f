"""A reviewer's other light for a measure's year; the one that its leads gave stays beside it."""

from django.db import transaction
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow
from ministries import audit
from ministries.models import User
from plan.models import Measure
from tracking.actions.door import written
from tracking.enums import Light
from tracking.models import LightOverride, ReportingYear
from tracking.rules import lights as rules


@transaction.atomic
def set_light(
    measure: Measure, reporting_year: ReportingYear, *, light: str, reason: str, by: User
) -> LightOverride:
    """Set or replace the light, with a reason; the light before goes to the audit log. The same
    light for the same reason changes nothing.
    """
    year = _enter(measure, reporting_year, by)
    measure = _filed_under(measure, year)
    if light not in Light.values:
        raise Invalid({"light": [_("選一個燈號。")]})
    reason = written(reason, field="reason", longest=500)
    was = LightOverride.objects.filter(measure=measure, reporting_year=year).first()
    before = was and {"light": was.light, "reason": was.reason}
    if before == {"light": light, "reason": reason}:
        return was
    if was:
        was.delete()
    row = LightOverride.objects.create(
        measure=measure, reporting_year=year, light=light, reason=reason, by=by
    )
    audit.record("light.set", measure, by=by, before=before, after=_told(row))
    return row


@transaction.atomic
def clear_light(measure: Measure, reporting_year: ReportingYear, *, by: User) -> None:
    """Take the other light back; NotNow where there is none."""
    year = _enter(measure, reporting_year, by)
    measure = _filed_under(measure, year)
    row = LightOverride.objects.filter(measure=measure, reporting_year=year).first()
    if row is None:
        raise NotNow(_("這項措施這一年沒有審定燈號。"))
    audit.record("light.clear", measure, by=by, before=_told(row))
    row.delete()


def _enter(measure: Measure, reporting_year: ReportingYear, by: User) -> ReportingYear:
    """The year's lock serialises two reviewers who set a light at once."""
    year = ReportingYear.objects.select_for_update(of=("self",)).get(pk=reporting_year.pk)
    rules.light_verdict(measure, year, by).enforce()
    return year


def _filed_under(measure: Measure, year: ReportingYear) -> Measure:
    """The measure in the version under which the year's reports are filed: its light stands there,
    also when a revision has come into force since.
    """
    filed = Measure.objects.filter(lineage=measure.lineage, reports__reporting_year=year)
    return filed.order_by("-reports__coordinating").first() or measure


def _told(row: LightOverride) -> dict:
    return {"year": row.reporting_year.year, "light": row.light, "reason": row.reason}
