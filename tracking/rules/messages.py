"""Who may say something about a report to the other side, and who reads what was said."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed
from ministries.enums import MembershipRole

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User
    from tracking.models import ProgressReport

_SPEAKING = {MembershipRole.OFFICER, MembershipRole.WINDOW}


def reads_thread(report: "ProgressReport", user: "User | AnonymousUser") -> bool:
    """Both sides of the talk, as `Message.objects.visible_to`."""
    return user.is_authenticated and (
        user.is_science_staff or report.ministry_id in user.ministry_ids
    )


def message_verdict(report: "ProgressReport", user: "User | AnonymousUser") -> Verdict:
    """Reviewers and collators on one side, the ministry's officers and windows on the other; at
    any time, since a question may come before the filing and after the acceptance.
    """
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if user.is_science_staff or speaks_for_ministry(report, user):
        return YES
    return not_allowed(
        _("留言是審查人與%(ministry)s承辦人、窗口之間的事。")
        % {"ministry": report.ministry.short_name}
    )


def speaks_for_ministry(report: "ProgressReport", user: "User") -> bool:
    return bool(_SPEAKING & user.ministry_roles.get(report.ministry_id, set()))
