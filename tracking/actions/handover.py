"""Hand an officer's open work to another in one step: role, mails and what is told of it."""

from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow
from ministries import audit, rules
from ministries.actions.people import grant_membership, retire_membership
from ministries.enums import MembershipRole
from ministries.models import Membership, User
from ministries.queries import line_of
from plan.enums import IndicatorState
from plan.models import Indicator
from tracking.actions.door import written
from tracking.enums import Status
from tracking.models import Handover, ProgressReport
from tracking.notices.handover import handed_over
from tracking.queries.people import with_leavers
from tracking.queries.reports import OWED


class OpenItem(NamedTuple):
    """One thing that is not finished: what it is, where it stands and its page's arguments."""

    what: str
    state: str
    report: int | None = None


def open_work(person: User, line: list[int]) -> list[OpenItem]:
    """What this officer wrote, or took over, and is still with the ministry; their proposals of
    indicators that are not decided. Three queries.
    """
    whose = with_leavers(person.pk, line)
    reports = (
        ProgressReport.working.filter(ministry__in=line, status__in=OWED)
        .filter(Q(authors__user__in=whose) | Q(saved_by__in=whose))
        .order_by("reporting_year__year", "measure__position", "ministry__code", "pk")
        .distinct()
        .values_list("reporting_year__year", "measure__code", "measure__name", "status", "pk")
    )
    found = [
        OpenItem(f"{year} {code} {name}", str(Status(status).label), pk)
        for year, code, name, status, pk in reports
    ]
    proposals = Indicator.objects.filter(
        ministry__in=line, proposed_by__in=whose, state=IndicatorState.PROPOSED
    ).select_related("measure")
    found += [
        OpenItem(f"{one.measure.code} {one.name}", str(_("提出的指標，等審查人決定")))
        for one in proposals.order_by("measure__position", "ordinal")
    ]
    return found


@transaction.atomic
def hand_over(membership: Membership, *, taker: User, note: str, by: User) -> Handover:
    """End an officer's role today, give it to the taker where they have it not, and tell both.

    Papers keep their authors; mails about them go to the taker from now on. The window of the
    ministry or an administrator. Raises NotAllowed; NotNow for a role that has ended or is none
    of an officer; Invalid for a taker from elsewhere, for the same person and without a note.
    """
    rules.may_retire(by, membership).enforce()
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user", "ministry")
        .get(pk=membership.pk)
    )
    today, leaver = timezone.localdate(), membership.user
    if membership.role != MembershipRole.OFFICER or (
        membership.until and membership.until <= today
    ):
        raise NotNow(_("只有現任承辦人的工作可以交接。"))
    note = written(note)
    ministry = membership.ministry.on(today)
    if taker == leaver:
        raise Invalid({"taker": [_("要交給另一個人。")]})
    if not rules.belongs_to(taker, ministry, today):
        raise Invalid({"taker": [_("接辦人必須是貴部會現任的人員；還沒有帳號的，先建立帳號。")]})
    line = line_of(ministry, today)
    items = open_work(leaver, line)
    theirs = Membership.objects.on(today).filter(
        ministry__in=line, role=MembershipRole.OFFICER, user__in=(leaver, taker)
    )
    if not theirs.filter(user=taker).exists():
        grant_membership(taker, ministry=ministry, role=MembershipRole.OFFICER, by=by)
    for held in theirs.filter(user=leaver):
        retire_membership(held, by=by)
    row = Handover.objects.create(
        leaver=leaver,
        taker=taker,
        ministry=ministry,
        note=note,
        items=[{"what": item.what, "state": item.state} for item in items],
        by=by,
    )
    after = {"leaver": leaver.email, "taker": taker.email, "note": note, "items": len(items)}
    audit.record("membership.hand_over", row, by=by, ministry=ministry, after=after)
    handed_over(row, by=by)
    return row
