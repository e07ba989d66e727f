"""Who may propose, change, approve and decline indicators, and change their targets."""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import MembershipRole, SystemRole
from ministries.queries import Lineage
from plan.enums import IndicatorState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import Ministry, User
    from plan.models import Indicator, Measure


def may_propose(measure: "Measure", ministry: "Ministry", user: "User | AnonymousUser") -> Verdict:
    """An officer of a body that answers for the measure today, as lead or as partner."""
    answer = _officer(ministry, user)
    if not answer:
        return answer
    lineage, today = Lineage(), timezone.localdate()
    duties = measure.assignments.on(today).values_list("ministry_id", flat=True)
    holders = {lineage.holder(pk, today) for pk in duties}
    if lineage.holder(ministry.pk, today) not in holders:
        return not_allowed(
            _("%(ministry)s不在措施%(code)s的分工裡，所以不能為它提指標。")
            % {"ministry": ministry.short_name, "code": measure.code}
        )
    return YES


def may_change(indicator: "Indicator", user: "User | AnonymousUser") -> Verdict:
    """An officer of its ministry, while it has not been approved; what was declined is mended."""
    answer = _officer(indicator.ministry, user)
    if answer and indicator.state == IndicatorState.APPROVED:
        return not_now(_("指標已核定，只能變更年度目標，並要寫理由。"))
    return answer


def may_decide(indicator: "Indicator", user: "User | AnonymousUser") -> Verdict:
    """A reviewer who has no hand in it: neither the proposer nor an officer of its ministry."""
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if SystemRole.REVIEWER not in user.roles:
        return not_allowed(_("核定指標是審查人的事，你不是審查人。"))
    if indicator.proposed_by_id == user.pk or _officer(indicator.ministry, user):
        return not_allowed(
            _("你提過這個指標，或是%(ministry)s的承辦人；由別的審查人核定。")
            % {"ministry": indicator.ministry.short_name}
        )
    if indicator.state != IndicatorState.PROPOSED:
        return not_now(
            _("這個指標%(state)s，沒有待核定的內容。")
            % {"state": IndicatorState(indicator.state).label}
        )
    return YES


def may_change_target(indicator: "Indicator", user: "User | AnonymousUser") -> Verdict:
    """An officer of its ministry or a reviewer, after approval; before, the indicator is changed.

    The safeguard is that the old target and the reason stay in view.
    """
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if SystemRole.REVIEWER not in user.roles:
        answer = _officer(indicator.ministry, user)
        if not answer:
            return answer
    if indicator.state != IndicatorState.APPROVED:
        return not_now(_("指標還沒有核定，直接修改指標就可以。"))
    return YES


def _officer(ministry: "Ministry", user: "User | AnonymousUser") -> Verdict:
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if ministry.pk not in user.ministries_as(MembershipRole.OFFICER):
        return not_allowed(
            _("這個指標由%(ministry)s的承辦人管理，你不是%(ministry)s的承辦人。")
            % {"ministry": ministry.short_name}
        )
    return YES
