"""Coordination meetings: the agenda from below the threshold, the road, and who sees what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from config.kit.roc import format_date
from ministries.models import AuditEvent
from reports import closing
from reports.actions import meetings
from reports.agenda import nodes, proposed
from reports.enums import MeetingState, MeetingVerb, ReviewState
from reports.models import CoordinationMeeting
from reports.queries.meetings import meetings_of
from reports.rules.meetings import may_call, verdict
from reports.workflow import MEETING_ROAD, MEETING_STATES
from tests.kept import kept
from tests.reports.meetings import DETAILS, RESOLVED, call, decide, hold, make_edition, put
from tests.tracking.pages import fields
from tracking.models import Notice, Resolution
from tracking.models.notice import NoticeKind

MINUTES = "雙方同意分年辦理。"


@kept
def edition(world):
    return make_edition(world)


@kept
def meeting(world, edition) -> CoordinationMeeting:
    return call(world, edition)


@kept
def held(world, meeting) -> CoordinationMeeting:
    return hold(world, meeting)


def told() -> set[str]:
    rows = Notice.objects.filter(kind=NoticeKind.MEETING_CALLED).select_related("recipient")
    return {row.recipient.email.split("@")[0] for row in rows}


# --- the agenda -----------------------------------------------------------------------------------
def test_what_is_below_the_threshold_is_proposed_with_the_threshold_beside_it(edition):
    found = proposed(edition)
    measure = next(one for one in found if one.code == "1.1.1.1")
    assert measure.attainment < measure.threshold == Decimal(edition.rules["threshold"])
    assert (measure.leads, measure.partners) == (("alpha",), ("beta",))
    assert "低於門檻60%" in measure.finding
    assert [one.attainment for one in found] == sorted(one.attainment for one in found)
    assert {one.code for one in found}.isdisjoint({"1.1.2.1", "2.1.1.1"})
    strategy = next(one for one in nodes(edition) if one.code == "1.1.1")
    assert strategy.leads == ("alpha", "beta")
    assert strategy.partners == ("science",)
    assert len(strategy.lineages) == 2


# --- the road -------------------------------------------------------------------------------------
def test_a_call_copies_the_numbers_and_tells_the_ministries(world, edition):
    row = call(world, edition, items=[("measure", "1.1.1.1"), ("strategy", "1.1.2")])
    item, strategy = row.items.all()
    assert item.attainment < item.threshold == 60
    assert item.lineage == world.measures["1.1.1.1"].lineage
    assert strategy.lineage == world.measures["1.1.2.1"].strategy.lineage
    assert told() == {"officer_a", "window_a"}
    body = Notice.objects.first().body
    assert reverse("meeting", args=[row.pk]) in body
    assert item.finding in body
    assert AuditEvent.objects.filter(verb="meeting.call").count() == 1
    world.measures["1.1.1.1"].__class__.objects.update(name="改名的措施")
    item.refresh_from_db()
    assert item.name == "培育種子師資"


def test_from_called_to_a_resolution(world, meeting):
    row = hold(world, meeting)
    assert row.state == MeetingState.HELD
    resolution = decide(world, row)
    assert resolution.owner == world.beta
    assert (resolution.code, resolution.source) == ("1.1.1.1", DETAILS["title"])
    assert resolution.measure == world.measures["1.1.1.1"]
    assert resolution.lineage == world.measures["1.1.1.1"].lineage
    assert resolution.decided_on == row.on
    whole = decide(world, row, item=None, owner=world.alpha)
    assert (whole.code, whole.lineage, whole.measure) == ("", None, None)
    assert [one.ordinal for one in row.resolutions.all()] == [1, 2]


def test_the_table_is_all_that_can_happen(world, held):
    """State × verb × person against one exact set, on a day that has come."""
    people = ["reviewer", "collator", "officer_a", "window_a", "administrator", "expert"]
    allowed = set()
    for state in MeetingState:
        held.state = state
        for verb in MeetingVerb:
            allowed |= {
                (state, verb, name) for name in people if verdict(verb, held, world.people[name])
            }
    assert allowed == {
        (state, verb, name) for state, verb in MEETING_ROAD for name in ("reviewer", "collator")
    }


@pytest.mark.parametrize("state", ReviewState)
def test_meetings_belong_to_a_review_until_it_is_proposed(world, meeting, edition, state):
    put(edition, state)
    meeting = CoordinationMeeting.objects.get()
    expected = state in MEETING_STATES
    assert bool(may_call(edition.review, world.reviewer)) is expected
    assert bool(verdict(MeetingVerb.RECORD, meeting, world.reviewer)) is expected
    if not expected:
        with pytest.raises(NotNow):
            call(world, edition)


def test_before_its_day_nothing_is_recorded(world, edition):
    row = call(world, edition, on=timezone.localdate() + timedelta(days=1))
    assert verdict(MeetingVerb.CHANGE, row, world.reviewer)
    for verb in (MeetingVerb.RECORD, MeetingVerb.HOLD):
        assert "還沒有到" in verdict(verb, row, world.reviewer).reason


def test_without_minutes_or_anybody_present_it_was_not_held(world, meeting):
    assert "紀錄" in verdict(MeetingVerb.HOLD, meeting, world.reviewer).reason
    row = meetings.record_meeting(
        meeting,
        seen_version=1,
        minutes=MINUTES,
        presence={one.pk: (False, "") for one in meeting.attendances.all()},
        discussions={},
        by=world.reviewer,
    )
    assert "出席" in verdict(MeetingVerb.HOLD, row, world.reviewer).reason
    with pytest.raises(NotNow):
        decide(world, row)
    assert not Resolution.objects.exists()


def test_what_is_called_must_make_sense(world, edition):
    bad = {"title": " ", "items": [("measure", "9.9.9.9")], "ministries": []}
    with pytest.raises(Invalid) as refusal:
        call(world, edition, **bad)
    assert set(refusal.value.errors) == {"title", "items", "ministries"}
    with pytest.raises(NotAllowed):
        call(world, edition, by=world.officer_a)
    assert not CoordinationMeeting.objects.exists()


def test_a_change_tells_who_is_called_now(world, meeting):
    Notice.objects.all().delete()
    row = meetings.change_meeting(
        meeting,
        seen_version=1,
        **{**DETAILS, "place": "第二會議室"},
        on=meeting.on + timedelta(days=7),
        ministries=[world.beta],
        by=world.reviewer,
    )
    assert [one.ministry for one in row.attendances.all()] == [world.beta]
    assert told() == {"officer_b", "window_b"}
    with pytest.raises(StaleVersion):
        meetings.cancel_meeting(meeting, seen_version=1, note="改期。", by=world.reviewer)


def test_a_cancelled_one_is_over_and_in_no_document(world, meeting, edition):
    row = meetings.cancel_meeting(meeting, seen_version=1, note="改以書面。", by=world.reviewer)
    assert row.state == MeetingState.CANCELLED
    assert "改以書面。" in Notice.objects.filter(subject__startswith="會議取消").first().body
    assert not any(verdict(verb, row, world.reviewer) for verb in MeetingVerb)
    assert meetings_of(edition.review) == []


def test_only_its_own_items_can_be_resolved_on(world, held, edition):
    other = call(world, edition, title="第2次跨部會協調會議")
    with pytest.raises(Invalid) as refusal:
        decide(world, held, item=other.items.first())
    assert set(refusal.value.errors) == {"item"}
    with pytest.raises(Invalid) as refusal:
        decide(world, held, owner=world.gamma)
    assert set(refusal.value.errors) == {"owner"}
    assert not Resolution.objects.exists()


# --- documents ------------------------------------------------------------------------------------
def test_documents_tell_the_meetings_that_took_place(world, held, edition):
    decide(world, held)
    call(world, edition, title="還沒開的會")
    (row,) = meetings_of(edition.review)
    assert row | {"items": [], "resolutions": []} == {
        "title": DETAILS["title"],
        "on": timezone.localdate().isoformat(),
        "chair": DETAILS["chair"],
        "present": ["甲部"],
        "minutes": MINUTES,
        "items": [],
        "resolutions": [],
    }
    assert row["items"][0].startswith("1.1.1.1 培育種子師資：達成度")
    assert row["items"][0].endswith("場地不足。")
    assert row["resolutions"] == [
        {
            "code": "1",
            "text": RESOLVED,
            "owner": "乙部",
            "due_on": (timezone.localdate() + timedelta(days=60)).isoformat(),
            "state": "未結",
            "answer": "",
        }
    ]
    assert closing.collect(edition)["meetings"] == [row]


# --- pages ----------------------------------------------------------------------------------------
def coordination(edition) -> str:
    return reverse("review-coordination", args=[edition.review_id])


def test_a_reviewer_calls_keeps_and_decides_by_the_pages(world, client, edition):
    client.force_login(world.reviewer)
    address = coordination(edition)
    page = client.get(address)
    text = page.content.decode()
    assert text.index("建議議程") < text.index('value="measure:1.1.1.1"')
    day = format_date(timezone.localdate()).split("-")
    given = {
        **DETAILS,
        "items": ["measure:1.1.1.1"],
        "more": "1.1.2",
        "invite": "both",
        **{f"on_{place}": part for place, part in enumerate(day)},
    }
    for bad in ({"items": [], "more": ""}, {"more": "9.9"}, {"chair": ""}):
        assert client.post(address, {**given, **bad}).status_code == 422
    answer = client.post(address, given)
    meeting = CoordinationMeeting.objects.get()
    assert answer.url == reverse("meeting", args=[meeting.pk])
    assert [one.code for one in meeting.items.all()] == ["1.1.1.1", "1.1.2"]
    called = {one.ministry.code for one in meeting.attendances.all()}
    assert called == {"alpha", "beta", "science"}

    def move(verb: str, **given):
        url = reverse("meeting-move", args=[meeting.pk, verb])
        shown = fields(client.get(reverse("meeting", args=[meeting.pk])), url)
        assert "seen_version" in shown
        return client.post(url, {**shown, **given})

    here = meeting.attendances.get(ministry=world.alpha)
    item = meeting.items.first()
    assert (
        move(
            "record",
            minutes=MINUTES,
            **{f"present_{here.pk}": "1", f"persons_{here.pk}": "李科長"},
            **{f"discussion_{item.pk}": "場地不足。"},
        ).status_code
        == 302
    )
    here.refresh_from_db()
    assert (here.present, here.persons) == (True, "李科長")
    assert meeting.attendances.get(ministry=world.beta).present is None
    assert move("hold").status_code == 302
    due = format_date(timezone.localdate() + timedelta(days=60)).split("-")
    resolved = {"item": item.pk, "owner": world.beta.pk, "text": RESOLVED}
    assert move("decide", **resolved).status_code == 422
    resolved |= {f"due_on_{place}": part for place, part in enumerate(due)}
    assert move("decide", **resolved).status_code == 302
    page = client.get(address).content.decode()
    assert RESOLVED in page
    assert "1項決議還沒結案" in page
    assert client.post(reverse("meeting-move", args=[meeting.pk, "cancel"]), {}).status_code == 302


def test_the_overdue_stand_first(world, client, held, edition):
    decide(world, held, text="不急的一件。")
    late = decide(world, held, text="過期的一件。")
    day = timezone.localdate() - timedelta(days=3)
    Resolution.objects.filter(pk=late.pk).update(due_on=day, decided_on=day)
    client.force_login(world.reviewer)
    page = client.get(coordination(edition)).content.decode()
    assert page.index("過期的一件。") < page.index("不急的一件。")
    assert "逾期3天" in page


@pytest.mark.parametrize(
    ("name", "seen", "room"),
    [
        ("reviewer", 200, 200),
        ("collator", 200, 200),
        ("officer_a", 200, 200),  # called
        ("window_a", 200, 200),
        ("officer_b", 200, 200),  # owes a resolution
        ("officer_s", 404, 200),
        ("administrator", 404, 404),
        ("expert", 404, 404),
    ],
)
def test_who_sees_a_meeting(world, client, held, edition, name, seen, room):
    decide(world, held)
    put(edition, ReviewState.COMMENTING)
    client.force_login(world.people[name])
    address = reverse("meeting", args=[held.pk])
    page = client.get(address)
    assert page.status_code == seen
    if seen == 200:
        assert MINUTES in page.content.decode()
    listing = client.get(coordination(edition))
    assert listing.status_code == room
    if room == 200:
        text = listing.content.decode()
        assert (address in text) is (seen == 200)
        assert ("建議議程" in text) is (name in ("reviewer", "collator"))
        assert (RESOLVED in text) is (name in ("reviewer", "collator", "officer_b"))
    move = reverse("meeting-move", args=[held.pk, "record"])
    kept = name in ("reviewer", "collator")
    # An empty form is refused at its hidden field; who may not is refused before.
    assert client.post(move, {}).status_code == (422 if kept else 403 if seen == 200 else 404)
    assert client.post(coordination(edition), {}).status_code == (
        422 if kept else 403 if room == 200 else 404
    )


def test_a_record_in_the_making_is_its_keepers_own(world, client, meeting):
    meetings.record_meeting(
        meeting,
        seen_version=1,
        minutes="還沒定的紀錄。",
        presence={one.pk: (True, "李科長") for one in meeting.attendances.all()},
        discussions={one.pk: "還在談。" for one in meeting.items.all()},
        by=world.reviewer,
    )
    address = reverse("meeting", args=[meeting.pk])
    client.force_login(world.officer_a)
    page = client.get(address).content.decode()
    assert "培育種子師資" in page
    for secret in ("還沒定的紀錄。", "李科長", "還在談。"):
        assert secret not in page
    client.force_login(world.collator)
    page = client.get(address).content.decode()
    assert "還沒定的紀錄。" in page


def test_before_ministries_are_asked_they_see_their_meeting_but_not_the_room(
    world, client, meeting, edition
):
    client.force_login(world.officer_a)
    assert client.get(reverse("meeting", args=[meeting.pk])).status_code == 200
    assert client.get(coordination(edition)).status_code == 404


def test_the_public_is_asked_to_sign_in(client, meeting, edition):
    for url in (coordination(edition), reverse("meeting", args=[meeting.pk])):
        assert client.get(url).url.startswith(reverse("account_login"))
