"""One mail to each person and day, with all that is to be said to them; and its sending.

Mails are notices of the outbox under the key of the person and the day, written in one transaction:
whoever asks again, and however often, writes and mails each of them once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import NotAllowed
from config.kit.verdicts import YES, Verdict, not_now
from ministries import audit
from ministries.models import User
from tracking.enums import Status, YearState
from tracking.models import Holiday, Notice, ProgressReport, ReportingYear
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.partners import own_date
from tracking.queries.reports import OWED
from tracking.reminders.people import As, Recipients
from tracking.reminders.rules import OVERDUE, Kind, reminders
from tracking.reminders.working_days import WorkingDays, calendar
from tracking.rules.pages import may_keep_years

# How far ahead the page looks, and how far back a day that was missed can be made good.
AHEAD, BACK = 45, 14
SYSTEM = "system:reminders"
MOST_FAILING = 500


class Item(NamedTuple):
    """One thing that is said of one report."""

    kind: Kind
    last_day: date
    year: int
    ministry: str
    code: str
    name: str
    status: str
    report: int
    ministry_id: int


class Digest(NamedTuple):
    """What one person is told on one day; `told_as` says why this person."""

    person: User
    items: list[Item]
    told_as: set[As]


class Sent(NamedTuple):
    people: int
    items: int


def working_days() -> WorkingDays:
    """The calendar with what was imported; one query."""
    return calendar(Holiday.objects.order_by().values_list("day", "off"))


def due_items(first: date, last: date) -> dict[date, list[Item]]:
    """What is to be said on each day from first to last, both included; two queries."""
    working = working_days()
    found: dict[date, list[Item]] = defaultdict(list)
    for due_on, extended, correction, status, role, opens_on, days, *rest in _open_reports():
        partner = own_date(role, correction, extended, due_on, opens_on, days)
        for kind, day, last_day in reminders(extended or due_on, correction, working, partner):
            if first <= day <= last:
                year, ministry, code, name, report, ministry_id = rest
                item = Item(kind, last_day, year, ministry, code, name, status, report, ministry_id)
                found[day].append(item)
    return dict(sorted(found.items()))


def running() -> Q:
    """Reports that can still be filed: of an open year, or whose correction was asked for."""
    return Q(reporting_year__state=YearState.OPEN) | Q(correction_due_on__isnull=False)


def _open_reports() -> Iterable[tuple]:
    """What is still with its ministry, while it can be filed."""
    return (
        ProgressReport.working.filter(running(), status__in=OWED)
        .order_by("reporting_year__year", "ministry__code", "measure__position")
        .values_list(
            *("reporting_year__due_on", "extended_until", "correction_due_on", "status"),
            *("role", "reporting_year__opens_on", "reporting_year__partner_days"),
            "reporting_year__year",
            *("ministry__short_name", "measure__code", "measure__name", "pk", "ministry_id"),
        )
    )


def digests(items: list[Item], recipients: Recipients) -> list[Digest]:
    """The items of one day by who is told of them, in order of address."""
    found: dict[User, tuple[list[Item], set[As]]] = defaultdict(lambda: ([], set()))
    for item in items:
        for person, side in recipients.of(item.report, item.ministry_id, item.status).items():
            found[person][0].append(item)
            found[person][1].add(side)
    return [
        Digest(person, *found[person]) for person in sorted(found, key=lambda person: person.email)
    ]


def key_of(day: date, person: int) -> str:
    return f"reminder:{day}:{person}"


@transaction.atomic
def send(day: date, *, by: User | str = SYSTEM) -> Sent:
    """Put the day's digests into the outbox, one for each person who has none of that day yet.

    A collator may do so early, or make a missed day good. Raises NotAllowed; NotNow for a day
    that is too far or on which nobody is told anything.
    """
    person = not isinstance(by, str)
    if person and not may_keep_years(by):
        raise NotAllowed(_("提醒由彙整人寄出，你不是彙整人。"))
    # Whoever comes at the same time waits here, and then finds the notices that were written.
    list(ReportingYear.objects.select_for_update().order_by("pk").values_list("pk"))
    today = timezone.localdate()
    items = due_items(day, day).get(day, [])
    if person:
        why_not(day, items, today).enforce()
    recipients = Recipients(today, [item.report for item in items])
    new = [one for one in digests(items, recipients) if one.person.pk not in told_on(day)]
    for one in new:
        subject, body = text(one, today)
        post(NoticeKind.REMINDER, key_of(day, one.person.pk), [one.person], subject, body)
    sent = Sent(len(new), sum(len(one.items) for one in new))
    if new or person:
        after = {"day": day, "people": sent.people, "items": sent.items}
        audit.record("reminder.send", f"reminder:{day}", by=by, after=after)
    return sent


def why_not(day: date, items: list[Item], today: date) -> Verdict:
    """Whether the reminders of that day can be sent now."""
    if not today - timedelta(days=BACK) <= day <= today + timedelta(days=AHEAD):
        values = {"back": BACK, "ahead": AHEAD}
        return not_now(_("只能寄%(back)d天以前到%(ahead)d天以後的提醒。") % values)
    if not items:
        return not_now(_("%(day)s沒有要寄的提醒。") % {"day": roc.format_date(day)})
    if any(item.kind in OVERDUE and item.last_day >= today for item in items):
        return not_now(_("逾期的提醒要等期限過了才能寄。"))
    return YES


def told_on(day: date) -> dict[int, Notice]:
    """Person's id → the notice of that day; one query."""
    rows = Notice.objects.filter(
        kind=NoticeKind.REMINDER, key__startswith=f"reminder:{day}:"
    ).defer("body")
    return {row.recipient_id: row for row in rows}


def told_lately() -> set[tuple[date, int]]:
    """(day, person's id) of every reminder written since the oldest day that can be made good."""
    since = timezone.now() - timedelta(days=BACK + AHEAD)
    rows = Notice.objects.filter(kind=NoticeKind.REMINDER, created_at__gte=since)
    return {
        (date.fromisoformat(key.split(":")[1]), person)
        for key, person in rows.values_list("key", "recipient_id")
    }


def failing() -> list[Notice]:
    """The oldest mail, of whatever kind, that the mail server refuses to take for each person."""
    rows = (
        Notice.objects.waiting()
        .filter(attempts__gt=0)
        .select_related("recipient")
        .defer("body")
        .order_by("pk")
    )
    by_person: dict[int, Notice] = {}
    for row in rows[:MOST_FAILING]:
        by_person.setdefault(row.recipient_id, row)
    return list(by_person.values())


# --- the text -------------------------------------------------------------------------------------
def text(digest: Digest, today: date) -> tuple[str, str]:
    """Subject and body, in Chinese whatever the reader's language; days are counted from today."""
    with translation.override(LANGUAGE):
        last_days = [item.last_day for item in digest.items if item.kind != Kind.PARTNER]
        nearest = min(last_days or (item.last_day for item in digest.items))
        values = {"n": len(digest.items), "day": roc.format_date(nearest)}
        if not last_days:
            subject = _("提醒：%(n)d件協辦部分請在%(day)s以前先送出") % values
        elif nearest < today:
            subject = _("提醒：%(n)d件年度執行情形要處理，最早的%(day)s已經到期") % values
        else:
            subject = _("提醒：%(n)d件年度執行情形要送出，最早的%(day)s截止") % values
        return subject, "\n".join(_lines(digest, today)) + "\n"


def _lines(digest: Digest, today: date) -> Iterator[str]:
    yield _("%(name)s，您好：") % {"name": digest.person.name}
    if digest.told_as == {As.REVIEWER}:
        yield ""
        yield _("下列部會現在沒有使用中的承辦人或窗口，所以寄給審查人。請聯絡部會或系統管理者。")
    order = list(Kind)
    items = sorted(digest.items, key=lambda item: (order.index(item.kind), item.last_day))
    for (kind, last), group in groupby(items, key=lambda item: (item.kind, item.last_day)):
        rows = list(group)
        yield ""
        yield _("【%(what)s】%(n)d件") % {"what": heading(kind, last, today), "n": len(rows)}
        for place, those in groupby(rows, key=lambda item: (item.year, item.ministry)):
            yield _("%(year)s年度 %(ministry)s") % {"year": place[0], "ministry": place[1]}
            for item in those:
                yield _("　%(code)s %(name)s（%(state)s）") % {
                    "code": item.code,
                    "name": item.name,
                    "state": Status(item.status).label,
                }
    yield ""
    page = "collation" if digest.told_as == {As.REVIEWER} else "desk"
    yield settings.SITE_URL.rstrip("/") + reverse(page)


def heading(kind: Kind, last_day: date, today: date) -> str:
    """What a group of items has in common."""
    values = {"day": roc.format_date(last_day), "n": (last_day - today).days}
    correction = kind in (Kind.CORRECTION, Kind.CORRECTION_OVERDUE)
    if kind == Kind.PARTNER:
        if last_day < today:
            return _("協辦部分請儘快送出：主辦%(day)s起等著引用，截止日不變") % values
        return _("協辦部分請在%(day)s以前先送出，讓主辦引用，還有%(n)d天；截止日不變") % values
    if last_day < today:
        if correction:
            return _("補正期限%(day)s已經過了，還沒有送出") % values
        return _("%(day)s已經截止，還沒有送出") % values
    if correction:
        return _("補正期限%(day)s，還有%(n)d天") % values
    return _("%(day)s截止，還有%(n)d天") % values
