"""Mails about indicators: to the ministry when a reviewer decided on one."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ministries.enums import MembershipRole
from ministries.models import User
from plan.enums import IndicatorState
from plan.models import Indicator
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, windows_of, with_takers


def decided(indicator: Indicator, *, by: User) -> None:
    """Approved or declined: to the windows and to who proposed it or took over from them, or if
    they have left, to all officers. Call it inside the transaction.
    """
    bodies = bodies_of(indicator.ministry_id)
    officers = members_of(bodies, MembershipRole.OFFICER)
    proposers = with_takers([indicator.proposed_by_id], bodies)
    people = windows_of(bodies)
    people |= {person for person in officers if person.pk in proposers} or officers
    values = {
        "code": indicator.measure.code,
        "measure": indicator.measure.name,
        "name": indicator.name,
        "ministry": indicator.ministry.short_name,
    }
    with translation.override(LANGUAGE):
        if indicator.state == IndicatorState.APPROVED:
            kind = NoticeKind.INDICATOR_APPROVED
            subject = _("指標已核定：%(code)s %(name)s") % values
            lead = _(
                "審查人核定了%(ministry)s在「%(measure)s」提出的指標，年度報告從此要填它的實績。"
            )
        else:
            kind = NoticeKind.INDICATOR_DECLINED
            subject = _("指標不核定：%(code)s %(name)s") % values
            lead = _("審查人沒有核定%(ministry)s在「%(measure)s」提出的指標；修改後可以再提出。")
    page = reverse("indicator-list", args=[indicator.measure.code])
    link = settings.SITE_URL.rstrip("/") + page + indicator.measure.address_query
    parts = [lead % values, indicator.decision_note, link]
    body = "\n\n".join(part for part in parts if part) + "\n"
    key = f"indicator:{indicator.pk}:{kind}:{indicator.revision}"
    post(kind, key, people - {by}, subject, body)
