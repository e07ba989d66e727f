"""Proposed indicators wait in the reviewer's queue, and their ministry is told of the decision."""

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kit import roc
from config.kit.errors import Invalid
from ministries.models import AuditEvent
from plan.actions.indicators import propose
from plan.enums import IndicatorState
from tests.world import grant, join, make_user
from tracking.actions import indicators
from tracking.models import Notice
from tracking.models.notice import NoticeKind

FIELDS = {
    "name": "結訓人次",
    "unit": "人次",
    "kind": "count",
    "accumulation": "yearly",
    "direction": "higher",
}
APPROVED, DECLINED = NoticeKind.INDICATOR_APPROVED, NoticeKind.INDICATOR_DECLINED


@pytest.fixture
def proposed(world):
    return propose(
        world.measures["1.1.1.1"],
        world.alpha,
        by=world.officer_a,
        targets={111: {"value": 20}},
        **FIELDS,
    )


def told(kind: str) -> set[str]:
    return {row.recipient.email.split("@")[0] for row in Notice.objects.filter(kind=kind)}


# --- the queue ---
def test_a_proposal_waits_with_who_when_and_where(world, proposed, as_user):
    answer = as_user(world.reviewer).get(reverse("review-queue"))
    [waiting] = answer.context["proposals"]
    assert (waiting.indicator, waiting.own) == (proposed, False)
    page = answer.content.decode()
    for text in ("1個指標待核定", "1.1.1.1", "結訓人次", "甲部", str(world.officer_a)):
        assert text in page
    assert roc.format_date(timezone.localdate()) in page
    decide = as_user(world.reviewer).get(waiting.url.partition("#")[0])
    assert reverse("indicator-decide", args=[proposed.pk, "approve"]) in decide.content.decode()


def test_the_filter_by_ministry_holds_for_proposals(world, proposed, as_user):
    reviewer = as_user(world.reviewer)
    for code, number in (("alpha", 1), ("beta", 0)):
        answer = reviewer.get(reverse("review-queue"), {"ministry": code})
        assert len(answer.context["proposals"]) == number


def test_one_who_has_a_hand_in_it_reads_that_another_decides(world, proposed, as_user):
    grant(world.officer_a, "reviewer")
    page = as_user(world.officer_a).get(reverse("review-queue")).content.decode()
    assert "由別的審查人核定" in page


def test_what_is_decided_waits_no_longer(world, proposed, as_user):
    reviewer = as_user(world.reviewer)
    assert "#h-proposed" in reviewer.get(reverse("home")).content.decode()
    indicators.approve(proposed, by=world.reviewer)
    assert not reviewer.get(reverse("review-queue")).context["proposals"]
    assert "#h-proposed" not in reviewer.get(reverse("home")).content.decode()


def test_nobody_but_reviewers_is_told_of_proposals_on_the_overview(world, proposed, as_user):
    for name in ("officer_a", "window_a", "collator", "administrator"):
        assert "#h-proposed" not in as_user(world.people[name]).get("/").content.decode()


# --- the mail ---
def test_an_approval_reaches_the_proposer_and_the_window(world, proposed, as_user):
    join(make_user("another_officer"), world.alpha, "officer")
    url = reverse("indicator-decide", args=[proposed.pk, "approve"])
    as_user(world.reviewer).post(url, {"seen_revision": proposed.revision})
    assert told(APPROVED) == {"officer_a", "window_a"}
    notice = Notice.objects.filter(kind=APPROVED).first()
    assert notice.subject == "指標已核定：1.1.1.1 結訓人次"
    assert reverse("indicator-list", args=["1.1.1.1"]) in notice.body


def test_a_refusal_carries_its_reason(world, proposed, as_user):
    url = reverse("indicator-decide", args=[proposed.pk, "decline"])
    given = {"seen_revision": proposed.revision, "note": "請改用結業人數。"}
    as_user(world.reviewer).post(url, given)
    proposed.refresh_from_db()
    assert proposed.state == IndicatorState.DECLINED
    assert told(DECLINED) == {"officer_a", "window_a"}
    assert "請改用結業人數。" in Notice.objects.filter(kind=DECLINED).first().body


def test_where_the_proposer_has_left_the_officers_of_today_are_told(world, proposed):
    world.officer_a.memberships.update(until=timezone.localdate())
    join(make_user("new_officer"), world.alpha, "officer")
    indicators.approve(proposed, by=world.reviewer)
    assert told(APPROVED) == {"new_officer", "window_a"}


def test_a_refusal_without_a_reason_tells_nobody(world, proposed):
    with pytest.raises(Invalid):
        indicators.decline(proposed, by=world.reviewer, note=" ")
    assert not Notice.objects.exists()
    assert not AuditEvent.objects.filter(verb="indicator.decline").exists()
