"""Mails with the numbers of receipts, to those who wrote the reports and to the windows."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kit import roc
from ministries.enums import MembershipRole
from tracking.models import ProgressReport, Receipt, ReportAuthor
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, windows_of


def announce(receipts: Sequence[Receipt], reports: Sequence[ProgressReport]) -> None:
    """One mail for receipts of one ministry and year, the bulk receipt first where there is one.

    Windows, their deputies, and the officers who had a hand in the reports get it; the one who
    signed too, since a receipt is for the file. Call it inside the transaction.
    """
    first = receipts[0]
    bodies = bodies_of(first.ministry_id)
    wrote = ReportAuthor.objects.filter(report__in=reports).values_list("user", flat=True)
    officers = members_of(bodies, MembershipRole.OFFICER)
    people = windows_of(bodies) | {first.signed_by}
    people |= {person for person in officers if person.pk in set(wrote)}
    with translation.override(LANGUAGE):
        subject, body = _text(first, [row for row in receipts if row.report_id])
    only = reports[0] if len(reports) == 1 else None
    post(NoticeKind.RECEIPT, f"receipt:{first.number}", people, subject, body, report=only)


def _text(first: Receipt, lines: Sequence[Receipt]) -> tuple[str, str]:
    said, clock = first.content, timezone.localtime(first.at)
    values = {
        "number": first.number,
        "ministry": said["ministry_name"],
        "year": said["year"],
        "n": len(lines),
        "code": lines[0].content["measure"],
        "by": said["signed_by"],
        "window": said["on_behalf_of"],
        "at": f"{roc.format_date(timezone.localdate(first.at))} {clock:%H:%M}",
        "digest": first.digest,
    }
    if first.report_id:
        subject = _("送件收據%(number)s：%(year)s年度 %(code)s") % values
    else:
        subject = _("送件收據%(number)s：%(year)s年度%(n)s件") % values
    told = [_("%(ministry)s的年度執行情形已經送到國科會。") % values]
    signed = _("核可：%(by)s（代理%(window)s）") if said["on_behalf_of"] else _("核可：%(by)s")
    told.append("\n".join([signed % values, _("時間：%(at)s") % values]))
    told.append(_("摘要值（SHA-256）：%(digest)s") % values)
    told.append("\n".join(
        f"{row.number}　{row.content['measure']}　{row.content['measure_name']}" for row in lines
    ))  # fmt: skip
    told.append(settings.SITE_URL.rstrip("/") + reverse("receipt", args=[first.number]))
    return subject, "\n\n".join(told) + "\n"
