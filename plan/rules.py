"""Who may propose, change, approve, decline, redefine and copy indicators, and change their
targets; who may
open, edit and approve a rolling revision; who may enter and correct figures.
"""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Lineage
from plan.enums import IndicatorState, VersionState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import Ministry, User
    from plan.models import Indicator, Measure, Plan, PlanVersion, Scenario


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
        return not_now(
            _("指標已核定，定義不能再改：可以變更年度目標，或提出自之後年度起的新定義。")
        )
    return answer


def may_redefine(indicator: "Indicator", user: "User | AnonymousUser") -> Verdict:
    """An officer of its ministry, after approval, while no other definition replaces it."""
    answer = _officer(indicator.ministry, user)
    if not answer:
        return answer
    if indicator.state != IndicatorState.APPROVED:
        return not_now(_("指標還沒有核定，直接修改指標就可以。"))
    # `all`, so that a list of indicators may have read them before.
    waiting = [row for row in indicator.replaced_by.all() if row.state != IndicatorState.DECLINED]
    if indicator.until_year is not None or waiting:
        return not_now(_("這個指標已經有新的定義，或新的定義正在等核定。"))
    return YES


def may_copy_set(ministry: "Ministry | None", user: "User | AnonymousUser") -> Verdict:
    """An officer of the ministry whose indicators are copied to the next plan, as proposals."""
    if ministry is not None:
        return _officer(ministry, user)
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    return not_allowed(_("複製指標是部會承辦人的事，你不是任何部會的承辦人。"))


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


# --- revisions ------------------------------------------------------------------------------------
def may_see_drafts(user: "User | AnonymousUser") -> bool:
    """Revisions in the making: the science ministry's people and administrators."""
    return user.is_authenticated and (user.is_science_staff or user.is_administrator)


def may_open_draft(plan: "Plan", user: "User | AnonymousUser") -> Verdict:
    """A collator or an administrator, where a version is in force and no draft is open."""
    answer = _keeps_plan(user)
    if not answer:
        return answer
    # `all`, so that a list of plans may have read their versions before.
    states = {version.state for version in plan.versions.all()}
    if VersionState.DRAFT in states:
        return not_now(_("這個計畫已經有一份草案；先核定或捨棄它。"))
    if VersionState.APPROVED not in states:
        return not_now(_("這個計畫還沒有核定的版本可以修正。"))
    return YES


def may_edit_draft(version: "PlanVersion", user: "User | AnonymousUser") -> Verdict:
    """A collator or an administrator, while it is the draft of a revision."""
    answer = _keeps_plan(user)
    if answer and (version.state != VersionState.DRAFT or version.based_on_id is None):
        return not_now(_("只有滾動修正的草案可以修改；這個版本不是。"))
    return answer


def may_approve_draft(version: "PlanVersion", user: "User | AnonymousUser") -> Verdict:
    """A reviewer or an administrator who neither opened the draft nor changed anything in it."""
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if SystemRole.REVIEWER not in user.roles and not user.is_administrator:
        return not_allowed(_("登錄核定是審查人或系統管理者的事，你兩者都不是。"))
    if version.state != VersionState.DRAFT:
        return not_now(_("這個版本不是草案，沒有待核定的內容。"))
    file = getattr(version, "revision", None)
    opened = file is not None and file.opened_by_id == user.pk
    if opened or version.changes.filter(by=user).exists():
        return not_allowed(_("你開啟或改過這份草案；由別的審查人或系統管理者登錄核定。"))
    return YES


def may_save_scenario(user: "User | AnonymousUser") -> Verdict:
    """Whoever is signed in keeps scenarios of their own; to work one out nobody must sign in."""
    return YES if user.is_authenticated else not_allowed(_("登入之後才能儲存情境。"))


def may_delete_scenario(scenario: "Scenario", user: "User | AnonymousUser") -> Verdict:
    """Whoever saved it."""
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if scenario.owner_id != user.pk:
        return not_allowed(_("這個情境是別人存的，只有存的人可以刪。"))
    return YES


# --- figures --------------------------------------------------------------------------------------
def may_keep_figures(user: "User | AnonymousUser") -> Verdict:
    """Enter, correct and import series: a collator or an administrator. Everybody may read them."""
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if SystemRole.COLLATOR not in user.roles and not user.is_administrator:
        return not_allowed(_("數列由彙整人或系統管理者登錄與更正，你兩者都不是。"))
    return YES


def may_see_keepers(user: "User | AnonymousUser") -> bool:
    """Who entered a value: for those who work with figures; the public sees when and why."""
    return user.is_authenticated and (user.is_science_staff or user.is_administrator)


def _keeps_plan(user: "User | AnonymousUser") -> Verdict:
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if SystemRole.COLLATOR not in user.roles and not user.is_administrator:
        return not_allowed(_("滾動修正的草案由彙整人或系統管理者編修，你兩者都不是。"))
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
