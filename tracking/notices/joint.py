"""A mail to the lead when a partner sees its report otherwise."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ministries.enums import MembershipRole
from ministries.models import User
from tracking.models import Dissent
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, windows_of


def announce(dissent: Dissent, *, by: User) -> None:
    """Tell the lead's windows and the officers who wrote; inside the transaction."""
    report = dissent.report
    bodies = bodies_of(report.ministry_id)
    officers = members_of(bodies, MembershipRole.OFFICER)
    wrote = {row.user_id for row in report.authors.all()}
    people = windows_of(bodies) | ({one for one in officers if one.pk in wrote} or officers)
    values = {
        "year": report.reporting_year.year,
        "code": report.measure.code,
        "name": report.measure.name,
        "ministry": dissent.ministry.short_name,
    }
    with translation.override(LANGUAGE):
        subject = _("協辦有不同意見：%(year)s年度 %(code)s %(name)s") % values
        lead = _("%(ministry)s對貴部會送出的年度執行情形註記了不同意見，可以在報告頁回應。")
        parts = [lead % values, dissent.text]
    parts.append(settings.SITE_URL.rstrip("/") + reverse("report", args=[report.pk]))
    body = "\n\n".join(parts) + "\n"
    post(NoticeKind.DISSENT, f"dissent:{dissent.pk}", people - {by}, subject, body, report=report)
