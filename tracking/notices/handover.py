"""Mails about a handover: to who takes over, with what is open, and to who leaves."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ministries.models import User
from tracking.models import Handover
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post


def handed_over(row: Handover, *, by: User) -> None:
    """One mail to each of the two, but not to who did it. Call it inside the transaction."""
    values = {
        "leaver": row.leaver,
        "taker": row.taker,
        "ministry": row.ministry.short_name,
        "n": len(row.items),
    }
    link = settings.SITE_URL.rstrip("/") + reverse("desk")
    with translation.override(LANGUAGE):
        items = [
            _("%(what)s（%(state)s）") % {"what": item["what"], "state": item["state"]}
            for item in row.items
        ]
        open_work = [_("未結事項%(n)d件：") % values, *items] if items else [_("沒有未結事項。")]
        note = _("交接說明：%(note)s") % {"note": row.note}
        to_taker = [
            _("%(leaver)s在%(ministry)s承辦的工作，今天起由你接辦。") % values, note,
            "\n".join(open_work), link,
        ]  # fmt: skip
        to_leaver = [
            _("你在%(ministry)s承辦的工作，今天起由%(taker)s接辦；填過的報告和姓名都留著。")
            % values,
            note,
            "\n".join(open_work),
        ]
        key = f"handover:{row.pk}"
        for person, subject, parts in (
            (row.taker, _("承辦交接：%(leaver)s交給你%(n)d件未結事項"), to_taker),
            (row.leaver, _("承辦交接：你的工作由%(taker)s接辦"), to_leaver),
        ):
            if person != by:
                body = "\n\n".join(parts) + "\n"
                post(NoticeKind.HANDOVER, key, {person}, subject % values, body)
