"""Why a report can't be written, in full: who locked it and since when, by which rule, and whom to
ask. For people of the report's ministry, whose page shows it instead of the form.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ministries.enums import MembershipRole, SystemRole
from ministries.models import RoleGrant, User
from tracking.enums import Part, RequestState, Status, Verb, YearState
from tracking.models import ProgressReport, ReportEvent
from tracking.queries.people import bodies_of, reviewers, windows_of
from tracking.rules import reports as rules
from tracking.rules import requests as asking
from tracking.workflow import writable_parts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True, slots=True)
class Lock:
    """What is locked and by which rule; who made it so and since when, where somebody did; whom to
    ask for what; and the page where that is done, where there is one.
    """

    what: str
    rule: str
    ask_for: str
    ask: tuple[User, ...]
    since: date | None = None
    who: User | None = None
    behind: User | None = None
    url: str = ""
    label: str = ""


def lock_of(
    report: ProgressReport, user: "User | AnonymousUser", today: date | None = None
) -> Lock | None:
    """Why this person of the report's ministry can't write all of it; None where they can, and for
    everybody else. About five queries where it is locked, none otherwise.
    """
    if not user.is_authenticated or report.ministry_id not in user.ministry_ids:
        return None
    answer = rules.verdict(Verb.SAVE, report, user, today)
    if answer:
        return _parts_lock(report)
    if (held := _status_lock(report, user)) is not None:
        return held
    if report.ministry_id not in user.ministries_as(MembershipRole.OFFICER):
        return Lock(
            what=_("你不是這個部會的承辦人，可以看，不能改。"),
            rule=answer.reason,
            ask_for=_("要當承辦人，請部會窗口指定"),
            ask=_people(windows_of(bodies_of(report.ministry_id))),
        )
    return _time_lock(report, answer.reason)


def _status_lock(report: ProgressReport, user: "User") -> Lock | None:
    """Locked by where it is on its road; None where its status knows writing."""
    moved = _last_move(report)
    base = {
        "since": timezone.localdate(moved.at) if moved else None,
        "who": moved.by if moved else None,
        "behind": moved.on_behalf_of if moved else None,
    }
    match report.status:
        case Status.SIGNING:
            return Lock(
                what=_("承辦人已送出，等窗口核可。"),
                rule=_(
                    "送簽期間內容不變，窗口核可的就是大家看到的。要改就撤回，或請窗口退給承辦人。"
                ),
                ask_for=_("請窗口退回"),
                ask=_people(windows_of(bodies_of(report.ministry_id))),
                **base,
            )
        case Status.SUBMITTED:
            return Lock(
                what=_("窗口已核可，送到國科會待審。"),
                rule=_("開始審查前，承辦人或窗口可以撤回再改。"),
                ask_for=_("請窗口撤回"),
                ask=_people(windows_of(bodies_of(report.ministry_id))),
                **base,
            )
        case Status.UNDER_REVIEW:
            return Lock(
                what=_("審查人正在審查。"),
                rule=_("審查期間不能撤回，也不能改；要改，請審查人退回要改的部分。"),
                ask_for=_("請審查人退回"),
                ask=_people({moved.by} if moved else reviewers()),
                **base,
            )
        case Status.ACCEPTED:
            return _accepted_lock(report, user, base)
        case Status.NOT_APPLICABLE:
            return Lock(
                what=_("這一年度列為不適用，不必填。"),
                rule=report.exempt_reason,
                ask_for=_("要恢復填報，請審查人"),
                ask=_people(reviewers()),
                **base,
            )
    return None


def _accepted_lock(report: ProgressReport, user: "User", base: dict) -> Lock:
    """Accepted, and perhaps published: only a correction changes it."""
    rule = _("已接受的報告不能直接改；要改，先申請更正，說明理由。原來的內容一直保留。")
    if report.reporting_year.state == YearState.RELEASED:
        rule = _("這一年度已公布。") + rule
    open_one = next(
        (
            one
            for one in report.correction_requests.all()
            if one.state == RequestState.ASKED or one.running
        ),
        None,
    )
    url = label = ""
    if open_one is None and asking.ask_correction(report, user):
        url, label = reverse("correction-ask", args=[report.pk]), _("申請更正")
    elif open_one is not None and open_one.running:
        url, label = reverse("report", args=[open_one.copy_id]), _("看更正的內容")
    elif open_one is not None:
        url, label = reverse("correction", args=[open_one.pk]), _("看更正申請")
    return Lock(
        what=_("審查人已接受。"),
        rule=rule,
        ask_for=_("更正由審查人決定"),
        ask=_people(reviewers()),
        url=url,
        label=label,
        **base,
    )


def _time_lock(report: ProgressReport, reason: str) -> Lock:
    """Its year does not take filings: not opened yet, closed, or the unit's own time is over."""
    year = report.reporting_year
    if report.correction_due_on:
        return Lock(
            what=_("補正期限過了。"),
            rule=reason,
            ask_for=_("要再給時間，請審查人或彙整人"),
            ask=_people(reviewers() | _collators()),
            since=report.correction_due_on,
        )
    if year.state == YearState.PLANNED:
        what, since = _("這個年度還沒有開放填報。"), None
    else:
        what = _("這個年度已截止，不再收件。")
        since = max(year.closes_on, report.extended_until or year.closes_on)
        if year.state != YearState.OPEN and year.closed_at:
            since = min(since, timezone.localdate(year.closed_at))
    return Lock(
        what=what,
        rule=reason,
        ask_for=_("開放與重新開放由彙整人決定"),
        ask=_people(_collators()),
        since=since,
    )


def _parts_lock(report: ProgressReport) -> Lock | None:
    """Of a returned report only some parts can be written."""
    opened = writable_parts(report.returned_parts)
    shut = [str(part.label) for part in Part if part not in opened]
    if not shut:
        return None
    given = report.events.filter(verb__in=(Verb.RETURN, Verb.REOPEN))
    back = given.select_related("by").order_by("-at", "-pk").first()
    return Lock(
        what=_("%(parts)s鎖定，維持送出時的樣子。") % {"parts": _("、").join(shut)},
        rule=_("只有退回的部分和檢查會連帶到的部分可以改；其他部分審查人已經看過。"),
        ask_for=_("要改其他部分，請審查人一併退回"),
        ask=_people({back.by} if back else reviewers()),
        since=timezone.localdate(back.at) if back else None,
        who=back.by if back else None,
    )


def _last_move(report: ProgressReport) -> ReportEvent | None:
    """The move that brought it where it is; of a corrected report that of its correction."""
    rows = ReportEvent.objects.filter(report__in=[report, *report.corrections.all()])
    wanted = rows.filter(to_status=report.status).select_related("by", "on_behalf_of")
    return wanted.order_by("-at", "-pk").first()


def _collators() -> set[User]:
    held = RoleGrant.objects.current().filter(role=SystemRole.COLLATOR)
    return set(User.objects.filter(pk__in=held.values("user"), is_active=True))


def _people(found: Iterable[User]) -> tuple[User, ...]:
    return tuple(sorted(found, key=lambda person: person.email))
