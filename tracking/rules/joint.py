"""Who may say what about a measure that several ministries report on."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import MembershipRole
from plan.enums import AssignmentRole
from tracking.enums import Status

if TYPE_CHECKING:
    from ministries.models import User
    from tracking.models import Dissent, ProgressReport

# While the science ministry has it, or asked for a correction; an accepted report is settled.
DISPUTABLE = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.RETURNED)


def files_for(user: "User", ministry_id: int) -> bool:
    """Officer, window or deputy of the body whose duties these are today."""
    return ministry_id in user.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW)


def dissent_verdict(part: "ProgressReport", lead: "ProgressReport", user: "User") -> Verdict:
    """May this person note, for the partner's report `part`, that it sees `lead` otherwise?"""
    joint = (
        part.role == AssignmentRole.PARTNER
        and lead.role == AssignmentRole.LEAD
        and (part.measure_id, part.reporting_year_id) == (lead.measure_id, lead.reporting_year_id)
    )
    if not joint or not files_for(user, part.ministry_id):
        return not_allowed(_("不同意見由協辦部會的承辦人或窗口註記。"))
    if lead.status not in DISPUTABLE:
        return not_now(_("主辦送到國科會以後、審查人接受以前，可以註記不同意見。"))
    return YES


def withdrawal_verdict(dissent: "Dissent", user: "User") -> Verdict:
    """May this person take the dissent back?"""
    if not files_for(user, dissent.ministry_id):
        return not_allowed(_("不同意見由註記的部會撤回。"))
    if dissent.withdrawn_at:
        return not_now(_("這則不同意見已經撤回了。"))
    return YES


def answer_verdict(dissent: "Dissent", user: "User") -> Verdict:
    """May this person answer it for the lead?"""
    if not files_for(user, dissent.report.ministry_id):
        return not_allowed(_("不同意見由主辦部會的承辦人或窗口回應。"))
    if dissent.withdrawn_at:
        return not_now(_("這則不同意見已經撤回了。"))
    return YES
