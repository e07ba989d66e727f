"""The verbs of a coordination meeting: call, change, cancel, record, hold, decide.

Each is one atomic function by `reports.workflow.MEETING_ROAD`, under the review's lock,
since approving the review copies its meetings. Refusals: NotAllowed, NotNow, StaleVersion, Invalid,
all before anything is written.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, StaleVersion
from ministries import audit
from ministries.models import Ministry, User
from plan.models import Goal, Measure, Strategy, SubGoal
from reports.actions.door import lock, written
from reports.agenda import Proposal, nodes
from reports.enums import Level, MeetingState, MeetingVerb
from reports.models import (
    AgendaItem,
    Attendance,
    CoordinationMeeting,
    Edition,
    MeetingResolution,
    Review,
)
from reports.notices import meetings as notices
from reports.queries import reviews as queries
from reports.rules import meetings as rules_of_meetings
from reports.workflow import MEETING_ROAD
from tracking.actions import resolutions
from tracking.models import Resolution

_MODELS = {
    Level.GOAL: Goal,
    Level.SUB_GOAL: SubGoal,
    Level.STRATEGY: Strategy,
    Level.MEASURE: Measure,
}
_DETAILS = ("title", "place", "chair")
_MINUTES = CoordinationMeeting._meta.get_field("minutes").max_length
_DISCUSSION = AgendaItem._meta.get_field("discussion").max_length
_PERSONS = Attendance._meta.get_field("persons").max_length


@transaction.atomic
def call_meeting(
    review: Review,
    *,
    title: str,
    on: date,
    place: str,
    chair: str,
    items: Iterable[tuple[str, str]],
    ministries: Iterable[Ministry],
    by: User,
) -> CoordinationMeeting:
    """Call ministries together on nodes of the current edition, and tell them by mail.

    `items` are (level, code); each is copied with its numbers and the threshold of the edition.
    Errors are at `title`, `place`, `chair`, `items` or `ministries`; a second one of the same name
    on the same day is one.
    """
    row = lock(review)
    rules_of_meetings.may_call(row, by).enforce()
    edition = queries.current_edition(row)
    details, errors = _details(title=title, place=place, chair=chair)
    same = row.meetings.filter(title=details["title"], on=on)
    if same.exclude(state=MeetingState.CANCELLED).exists():
        errors["title"] = [_("這一天已經召集了同名的會議；要再召集一次，換一個名稱。")]
    with translation.override(settings.LANGUAGE_CODE):
        known = {(one.level, one.code): one for one in nodes(edition)}
    wanted = list(dict.fromkeys(items))
    if not wanted or any(key not in known for key in wanted):
        errors["items"] = [_("從這一版的達成度選至少一個議題。")]
    ministries = list(ministries)
    if not ministries:
        errors["ministries"] = [_("選至少一個部會。")]
    if errors:
        raise Invalid(errors)
    meeting = CoordinationMeeting.objects.create(
        review=row, edition=edition, on=on, called_by=by, **details
    )
    AgendaItem.objects.bulk_create(
        _item(meeting, ordinal, known[key]) for ordinal, key in enumerate(wanted, start=1)
    )
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, ministry=ministry) for ministry in ministries
    )
    told = {
        **details,
        "on": on,
        "edition": edition.number,
        "items": [code for _level, code in wanted],
        "ministries": sorted(ministry.code for ministry in ministries),
    }
    audit.record("meeting.call", meeting, by=by, after=told)
    notices.called(meeting, by=by)
    return meeting


@transaction.atomic
def change_meeting(
    meeting: CoordinationMeeting,
    *,
    seen_version: int,
    title: str,
    on: date,
    place: str,
    chair: str,
    ministries: Iterable[Ministry],
    by: User,
) -> CoordinationMeeting:
    """Change day, place, chair or who is called, while it is planned; who stays called is told."""
    row = _enter(meeting, MeetingVerb.CHANGE, seen_version=seen_version, by=by)
    details, errors = _details(title=title, place=place, chair=chair)
    wanted = {ministry.pk: ministry for ministry in ministries}
    if not wanted:
        errors["ministries"] = [_("選至少一個部會。")]
    if errors:
        raise Invalid(errors)
    before, after = _told(row), {}
    for name, value in (*details.items(), ("on", on)):
        setattr(row, name, value)
    row.attendances.exclude(ministry__in=wanted).delete()
    held = set(row.attendances.values_list("ministry", flat=True))
    Attendance.objects.bulk_create(
        Attendance(meeting=row, ministry=ministry)
        for pk, ministry in wanted.items()
        if pk not in held
    )
    after = _told(row)
    _leave(row, MeetingVerb.CHANGE, by=by, before=before, after=after)
    if before != after:
        notices.called(row, by=by, changed=True)
    return row


@transaction.atomic
def cancel_meeting(
    meeting: CoordinationMeeting, *, seen_version: int, note: str, by: User
) -> CoordinationMeeting:
    """Call it off, with a reason that those who were called are told."""
    row = _enter(meeting, MeetingVerb.CANCEL, seen_version=seen_version, by=by)
    note = written(note)
    _leave(row, MeetingVerb.CANCEL, by=by, after={"note": note})
    notices.cancelled(row, note, by=by)
    return row


@transaction.atomic
def record_meeting(
    meeting: CoordinationMeeting,
    *,
    seen_version: int,
    minutes: str,
    presence: Mapping[int, tuple[bool | None, str]],
    discussions: Mapping[int, str],
    by: User,
) -> CoordinationMeeting:
    """Write down who came, what was said of each item, and the minutes.

    `presence` is attendance id → (present, persons), `discussions` item id → text; those left out
    stay. Errors are at `minutes`, `persons_<id>` or `discussion_<id>`.
    """
    row = _enter(meeting, MeetingVerb.RECORD, seen_version=seen_version, by=by)
    errors = {}
    if len(minutes) > _MINUTES:
        errors["minutes"] = [_("最多%(count)d個字。") % {"count": _MINUTES}]
    before, after = {"minutes": row.minutes}, {"minutes": minutes.strip()}
    attendances = list(row.attendances.select_related("ministry").filter(pk__in=presence))
    for one in attendances:
        was = [one.present, one.persons]
        one.present, one.persons = presence[one.pk][0], presence[one.pk][1].strip()
        if len(one.persons) > _PERSONS:
            errors[f"persons_{one.pk}"] = [_("最多%(count)d個字。") % {"count": _PERSONS}]
        before[one.ministry.code], after[one.ministry.code] = was, [one.present, one.persons]
    items = list(row.items.filter(pk__in=discussions))
    for item in items:
        was, item.discussion = item.discussion, discussions[item.pk].strip()
        if len(item.discussion) > _DISCUSSION:
            errors[f"discussion_{item.pk}"] = [_("最多%(count)d個字。") % {"count": _DISCUSSION}]
        before[item.code], after[item.code] = was, item.discussion
    if errors:
        raise Invalid(errors)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        return row
    row.minutes = after["minutes"]
    Attendance.objects.bulk_update(attendances, ["present", "persons"])
    AgendaItem.objects.bulk_update(items, ["discussion"])
    _leave(
        row,
        MeetingVerb.RECORD,
        by=by,
        before={name: before[name] for name in before if name in changed},
        after={name: after[name] for name in after if name in changed},
    )
    return row


@transaction.atomic
def mark_held(meeting: CoordinationMeeting, *, seen_version: int, by: User) -> CoordinationMeeting:
    """It took place: from now on it gives resolutions and stands in the documents. Needs minutes
    and at least one ministry present.
    """
    row = _enter(meeting, MeetingVerb.HOLD, seen_version=seen_version, by=by)
    _leave(row, MeetingVerb.HOLD, by=by)
    return row


@transaction.atomic
def decide(
    meeting: CoordinationMeeting,
    *,
    seen_version: int,
    item: AgendaItem | None,
    owner: Ministry,
    text: str,
    due_on: date,
    by: User,
) -> Resolution:
    """Enter what was resolved, on an item or on none; its owner is told and owes it from now on.

    Errors are at `item`, `owner`, `text` or `due_on`.
    """
    row = _enter(meeting, MeetingVerb.DECIDE, seen_version=seen_version, by=by)
    if item is not None and item.meeting_id != row.pk:
        raise Invalid({"item": [_("這個議題不在這次會議的議程裡。")]})
    about = {}
    if item is not None:
        about = {"code": item.code, "name": item.name, "lineage": item.lineage}
        if item.level == Level.MEASURE:
            about["measure"] = _node(row.edition, item.level, item.code)
    resolution = resolutions.give(
        plan=row.review.plan,
        owner=owner,
        text=text,
        decided_on=row.on,
        due_on=due_on,
        source=row.title,
        source_key=f"meeting:{row.pk}",
        by=by,
        **about,
    )
    MeetingResolution.objects.create(
        meeting=row, item=item, ordinal=row.resolutions.count() + 1, resolution=resolution
    )
    _leave(row, MeetingVerb.DECIDE, by=by, after={"resolution": resolution.pk})
    return resolution


# --- the door -------------------------------------------------------------------------------------
def _enter(
    meeting: CoordinationMeeting, verb: MeetingVerb, *, seen_version: int, by: User
) -> CoordinationMeeting:
    review = lock(Review(pk=meeting.review_id))
    row = (
        CoordinationMeeting.objects.select_for_update(of=("self",))
        .select_related("edition")
        .get(pk=meeting.pk)
    )
    row.review = review
    rules_of_meetings.verdict(verb, row, by).enforce()
    if row.version != seen_version:
        raise StaleVersion(_("這次會議在你打開以後，已經被別人改過；請看過再做一次。"), row)
    return row


def _leave(
    row: CoordinationMeeting,
    verb: MeetingVerb,
    *,
    by: User,
    before: dict | None = None,
    after: dict | None = None,
) -> None:
    was = {"state": str(row.state), "version": row.version, **(before or {})}
    row.state = MEETING_ROAD[row.state, verb]
    row.version += 1
    row.save()
    told = {"state": str(row.state), "version": row.version, **(after or {})}
    audit.record(f"meeting.{verb}", row, by=by, before=was, after=told)


def _told(row: CoordinationMeeting) -> dict:
    codes = row.attendances.values_list("ministry__code", flat=True)
    return {
        **{name: getattr(row, name) for name in _DETAILS},
        "on": row.on,
        "ministries": sorted(codes),
    }


def _details(**given: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The texts without blanks around them, and what is wrong with them."""
    errors = {}
    for name, text in given.items():
        longest = CoordinationMeeting._meta.get_field(name).max_length
        given[name] = text = text.strip()
        if not text or len(text) > longest:
            errors[name] = [_("請填寫，最多%(count)d個字。") % {"count": longest}]
    return given, errors


def _item(meeting: CoordinationMeeting, ordinal: int, one: Proposal) -> AgendaItem:
    node = _node(meeting.edition, one.level, one.code)
    return AgendaItem(
        meeting=meeting,
        ordinal=ordinal,
        level=one.level,
        code=one.code,
        name=one.name,
        lineage=node.lineage if node else None,
        attainment=one.attainment,
        threshold=one.threshold,
        finding=one.finding,
    )


def _node(edition: Edition, level: str, code: str):
    """The row that bears the code in the version of the edition; None where there is none."""
    return (
        _MODELS[Level(level)]
        .objects.filter(
            version__plan=edition.review.plan_id,
            version__number=edition.head["version"]["number"],
            code=code,
        )
        .first()
    )
