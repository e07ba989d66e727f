"""Who may do what to a resolution of a coordination meeting, and is it the time for it."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed, not_now
from ministries.enums import MembershipRole
from tracking.enums import ResolutionState, ResolutionVerb
from tracking.rules import pages as rules
from tracking.rules.move import Move
from tracking.workflow import RESOLUTION_ROAD, Who

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User
    from tracking.models import Resolution

WHO = {verb: step.who for (_state, verb), step in RESOLUTION_ROAD.items()}


def may_give(user: "User | AnonymousUser") -> Verdict:
    """Enter what a meeting resolved: the science ministry's people."""
    if user.is_authenticated and user.is_science_staff:
        return YES
    return not_allowed(_("決議由審查人或彙整人登錄。"))


def sees_any(user: "User | AnonymousUser") -> bool:
    """Whether there can be a resolution that this person may see (`Resolution.visible_to`)."""
    return user.is_authenticated and (user.is_science_staff or bool(user.ministry_ids))


def verdict(verb: str, resolution: "Resolution", user: "User | AnonymousUser") -> Verdict:
    """May this person make this move with this resolution now?

    The owner's officers and windows report, those of the body that follows it in law included; any
    reviewer answers, but not on a report of their own.
    """
    verb = ResolutionVerb(verb)
    if not user.is_authenticated:
        return not_allowed(_("請先登入。"))
    if WHO[verb] is Who.REVIEWER:
        if not rules.may_review(user):
            return not_allowed(_("「%(verb)s」是審查人的事，你不是審查人。") % {"verb": verb.label})
    elif resolution.owner_id not in user.ministries_as(
        MembershipRole.OFFICER, MembershipRole.WINDOW
    ):
        return not_allowed(
            _("「%(verb)s」是%(ministry)s承辦人或窗口的事，你兩者都不是。")
            % {"verb": verb.label, "ministry": resolution.owner.short_name}
        )
    if (resolution.state, verb) not in RESOLUTION_ROAD:
        return not_now(
            _("這項決議現在是「%(state)s」，不能「%(verb)s」。")
            % {"state": ResolutionState(resolution.state).label, "verb": verb.label}
        )
    answering = verb in (ResolutionVerb.AGREE, ResolutionVerb.SEND_BACK)
    if answering and resolution.reports.filter(answer="", by=user).exists():
        return not_allowed(_("這次回報是你寫的，由別的審查人決定。"))
    return YES


def moves(resolution: "Resolution", user: "User | AnonymousUser") -> list[Move]:
    """The moves that the state knows, for the person's side of the table; none for others."""
    found = []
    for (state, verb), step in RESOLUTION_ROAD.items():
        ours = (
            user.is_science_staff
            if step.who is Who.REVIEWER
            else resolution.owner_id in user.ministry_ids
        )
        if state == resolution.state and ours:
            answer = verdict(verb, resolution, user)
            found.append(Move(verb, str(verb.label), answer.ok, answer.reason, step.note))
    return found
