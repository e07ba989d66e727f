"""An officer's open work goes to a colleague in one step, with a note, and both are told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries.enums import MembershipRole
from ministries.models import AuditEvent, Membership
from tests.world import join, make_indicator, make_user
from tracking.actions import reports
from tracking.actions.handover import hand_over, open_work
from tracking.enums import Part, Status
from tracking.models import Handover, Notice
from tracking.models.notice import NoticeKind


@pytest.fixture
def taker(world):
    join(person := make_user("taker"), world.alpha, "viewer")
    return person


@pytest.fixture
def role(world) -> Membership:
    return Membership.objects.get(user=world.officer_a)


def test_the_role_moves_with_its_open_work_and_both_are_told(
    world, role, taker, window_a, report, django_capture_on_commit_callbacks
):
    world.bring(report, Status.DRAFT)
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    make_indicator(
        world.measures["1.1.2.1"], world.alpha, world.officer_a, state="proposed", name="下載次數"
    )
    with django_capture_on_commit_callbacks(execute=True):
        row = hand_over(role, taker=taker, note="平臺驗收還沒做。", by=window_a)
    assert [item["what"] for item in row.items] == ["111 1.1.1.1 培育種子師資", "1.1.2.1 下載次數"]
    taker, leaver = (
        type(taker).objects.get(pk=taker.pk),
        type(taker).objects.get(pk=world.officer_a.pk),
    )
    assert taker.ministry_roles[world.alpha.pk] == {"viewer", "officer"}
    assert not leaver.is_active and not leaver.memberships.current().exists()
    told = {message.to[0]: message for message in mail.outbox[-2:]}
    assert "officer_a在甲部承辦的工作，今天起由你接辦。" in told["taker@example.test"].body
    assert "111 1.1.1.1 培育種子師資（草稿）" in told["taker@example.test"].body
    assert "平臺驗收還沒做。" in told["officer_a@example.test"].body
    event = AuditEvent.objects.get(verb="membership.hand_over")
    assert event.ministry == "alpha" and event.after["items"] == 2


def test_from_then_on_the_taker_is_told_of_the_thread(world, role, taker, window_a, report):
    join(make_user("colleague"), world.alpha, "officer")
    row = world.bring(report, Status.UNDER_REVIEW)
    hand_over(role, taker=taker, note="調職。", by=window_a)
    reports.return_report(
        row, seen_version=row.version, by=world.reviewer, parts={Part.MONEY: "請分列。"}
    )
    told = Notice.objects.filter(kind=NoticeKind.RETURNED)
    assert {one.recipient.name for one in told} == {"taker", "window_a"}
    assert row.authors.filter(user=taker).count() == 0  # papers keep their names


def test_work_that_was_taken_over_is_handed_on(world, role, taker, window_a, report):
    world.bring(report, Status.DRAFT)
    hand_over(role, taker=taker, note="調職。", by=window_a)
    join(third := make_user("third"), world.alpha, "officer")
    theirs = Membership.objects.get(user=taker, role=MembershipRole.OFFICER)
    row = hand_over(theirs, taker=third, note="又調職。", by=window_a)
    assert [item["what"] for item in row.items] == ["111 1.1.1.1 培育種子師資"]
    assert len(open_work(third, [world.alpha.pk])) == 1


def test_who_is_an_officer_already_keeps_one_role(world, role, window_a):
    join(colleague := make_user("colleague"), world.alpha, "officer")
    hand_over(role, taker=colleague, note="調職。", by=window_a)
    assert colleague.memberships.count() == 1


def test_an_administrator_may_and_nobody_else(world, role, taker, administrator):
    for name in ("officer_a", "officer_b", "window_b", "reviewer", "collator"):
        with pytest.raises(NotAllowed):
            hand_over(role, taker=taker, note="x", by=world.people[name])
    hand_over(role, taker=taker, note="調職。", by=administrator)


def test_what_can_t_be_handed_over_is_refused_whole(world, role, taker, window_a):
    for person, note, field in (
        (world.officer_a, "x", "taker"),
        (world.officer_b, "x", "taker"),
        (taker, " ", "note"),
    ):
        with pytest.raises(Invalid) as refused:
            hand_over(role, taker=person, note=note, by=window_a)
        assert set(refused.value.errors) == {field}
    with pytest.raises(NotNow):
        hand_over(Membership.objects.get(user=taker), taker=taker, note="x", by=window_a)
    role.until = timezone.localdate() - timedelta(days=1)
    role.save()
    with pytest.raises(NotNow):
        hand_over(role, taker=taker, note="x", by=window_a)
    assert not Handover.objects.exists()
    assert not taker.memberships.filter(role="officer").exists()


def test_the_page_lists_what_is_open_and_hands_it_over(world, role, taker, window_a, report):
    world.bring(report, Status.DRAFT)
    browser = Client()
    browser.force_login(window_a)
    listed = browser.get("/people/").content.decode()
    assert f"/people/roles/{role.pk}/hand-over/" in listed
    page = f"/people/roles/{role.pk}/hand-over/"
    shown = browser.get(page).content.decode()
    assert "1.1.1.1 培育種子師資" in shown and "1件未結事項" in shown
    assert browser.post(page, {"taker": taker.pk, "note": ""}).status_code == 422
    done = browser.post(page, {"taker": taker.pk, "note": "調職。"}, follow=True)
    assert "officer_a的工作交給taker了，未結事項1件" in done.content.decode()
    assert browser.get(page).status_code == 404
    browser.force_login(world.window_b)
    other = Membership.objects.get(user=taker, role="officer")
    assert browser.get(f"/people/roles/{other.pk}/hand-over/").status_code == 404
