"""Who may set another light than the one that the reports make."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed
from tracking.rules.pages import may_review

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User
    from plan.models import Measure
    from tracking.models import ReportingYear


def light_verdict(
    measure: "Measure", reporting_year: "ReportingYear", user: "User | AnonymousUser"
) -> Verdict:
    """May this person set another light for the measure's year, or take it back?"""
    if not may_review(user):
        return not_allowed(_("審定燈號是審查人的事，你不是審查人。"))
    from tracking.models import ReportAuthor

    wrote = ReportAuthor.objects.filter(
        user=user, report__measure=measure, report__reporting_year=reporting_year
    )
    if wrote.exists():
        return not_allowed(_("你寫過或簽過這項措施這一年的報告，燈號由別的審查人審定。"))
    return YES
