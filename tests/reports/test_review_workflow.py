"""The road of a review: the whole product of state, verb and person, against one exact set."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from ministries.models import AuditEvent, User
from reports.actions.compile import compile_review
from reports.actions.reviews import change_settings, move
from reports.enums import ReviewState, ReviewVerb
from reports.management.commands import workflow_diagram
from reports.models import (
    Comment,
    CommentsDone,
    Conclusion,
    Edition,
    Opinion,
    Review,
    ReviewEvent,
)
from reports.rules import reviews as rules
from reports.workflow import REVIEW_ROAD
from tests.kept import kept
from tests.reports.review_world import (
    begun,
    bring_review,
    conclude,
    edition_of,
    seat,
    second_reviewer,
    settings_of,
)
from tracking.models import Notice

ALLOWED = {
    ("draft", "assess", "reviewer"),
    ("draft", "assess", "second"),
    ("assessing", "synthesize", "reviewer"),
    ("assessing", "synthesize", "second"),
    ("synthesis", "assess", "reviewer"),
    ("synthesis", "assess", "second"),
    ("synthesis", "ask_comments", "reviewer"),
    ("synthesis", "ask_comments", "second"),
    ("commenting", "propose", "reviewer"),
    ("commenting", "propose", "second"),
    ("approving", "send_back", "second"),
    ("approving", "approve", "second"),
    ("approved", "file", "collator"),
    ("approved", "withdraw", "collator"),
    ("filed", "publish", "collator"),
    ("filed", "withdraw", "collator"),
    ("published", "withdraw", "collator"),
}
PEOPLE = (
    "officer_a", "window_a", "viewer_a", "officer_s", "window_s", "reviewer", "collator", "expert",
    "administrator",
)  # fmt: skip


@kept
def review(world) -> Review:
    return begun(world)


def test_every_state_verb_and_person(world, review):
    """All conditions that a move needs are met, so that only who and when decide."""
    compile_review(review.pk, by=world.reviewer)
    conclude(world, review)
    Review.objects.update(comments_due_on=timezone.localdate() - timedelta(days=1))
    ReviewEvent.objects.create(
        review=review,
        verb=ReviewVerb.PROPOSE,
        from_state=ReviewState.COMMENTING,
        to_state=ReviewState.APPROVING,
        by=world.reviewer,
    )
    people = {name: User.objects.get(pk=world.people[name].pk) for name in PEOPLE}
    people |= {"second": second_reviewer(world), "anonymous": AnonymousUser()}
    review = Review.objects.get(pk=review.pk)
    found = set()
    for state in ReviewState:
        review.state = state
        for verb in ReviewVerb:
            for name, person in people.items():
                answer = rules.verdict(verb, review, person)
                assert answer.ok == (not answer.reason)
                if answer:
                    found.add((str(state), str(verb), name))
    assert found == ALLOWED


def test_the_table_is_the_contract():
    assert {
        (str(state), str(verb)): (str(step.to), step.note)
        for (state, verb), step in REVIEW_ROAD.items()
    } == {
        ("draft", "assess"): ("assessing", False),
        ("assessing", "synthesize"): ("synthesis", False),
        ("synthesis", "assess"): ("assessing", True),
        ("synthesis", "ask_comments"): ("commenting", False),
        ("commenting", "propose"): ("approving", False),
        ("approving", "send_back"): ("synthesis", True),
        ("approving", "approve"): ("approved", False),
        ("approved", "file"): ("filed", False),
        ("approved", "withdraw"): ("synthesis", True),
        ("filed", "publish"): ("published", False),
        ("filed", "withdraw"): ("synthesis", True),
        ("published", "withdraw"): ("synthesis", True),
    }


# --- what a move needs ----------------------------------------------------------------------------
def test_experts_begin_only_after_an_edition(world, review):
    with pytest.raises(NotNow, match="還沒有編製任何一版"):
        move(review, "assess", seen_version=review.version, by=world.reviewer)
    compile_review(review.pk)
    assert move(review, "assess", seen_version=1, by=world.reviewer).state == "assessing"
    event = ReviewEvent.objects.get(review=review)
    assert (event.verb, event.from_state, event.to_state, event.by, event.edition.number) == (
        "assess", "draft", "assessing", world.reviewer, 1,
    )  # fmt: skip
    audit = AuditEvent.objects.get(verb="review.assess")
    assert audit.before == {"state": "draft", "version": 1}
    assert audit.after == {"state": "assessing", "version": 2, "edition": 1}


def test_ministries_are_asked_when_all_is_ready_and_a_day_is_set(world, review):
    review = bring_review(world, review, ReviewState.SYNTHESIS)

    def ask() -> Review:
        row = Review.objects.get(pk=review.pk)
        return move(row, "ask_comments", seen_version=row.version, by=world.reviewer)

    with pytest.raises(NotNow, match="12則結論裡，還有12則沒有寫定"):
        ask()
    summary = conclude(world, review)
    Conclusion.objects.filter(pk=summary.pk).update(ready=False)
    with pytest.raises(NotNow, match="12則結論裡，還有1則沒有寫定"):
        ask()
    Conclusion.objects.update(ready=True)
    with pytest.raises(NotNow, match="還沒有定部會意見期限"):
        ask()
    row = Review.objects.get(pk=review.pk)
    due = timezone.localdate() + timedelta(days=7)
    change_settings(
        row, **settings_of(row, comments_due_on=due), seen_version=row.version, by=world.reviewer
    )
    assert ask().state == "commenting"


def test_it_is_proposed_when_all_are_heard_and_answered(world, review):
    review = bring_review(world, review, ReviewState.COMMENTING)
    row = Review.objects.get(pk=review.pk)

    conclusion = Conclusion.objects.get(level="plan")

    def propose() -> Review:
        return move(row, "propose", seen_version=row.version, by=world.reviewer)

    with pytest.raises(NotNow, match="還有3個部會沒有表示完畢"):
        propose()
    for code in ("alpha", "beta", "science"):
        given = {"ministry": world.ministries[code], "by": world.window_a}
        Comment.objects.create(conclusion=conclusion, text="建議補充。", **given)
        CommentsDone.objects.create(review=review, **given)
    with pytest.raises(NotNow, match="還有3則部會意見沒有處理情形"):
        propose()
    Comment.objects.update(answer="已補充。")
    Opinion.objects.create(
        seat=seat(world, review),
        measure_code="2.1.1.1",
        edition=conclusion.edition,
        submitted_at=timezone.now(),
    )
    with pytest.raises(NotNow, match="還有1份專家意見沒有送部會"):
        propose()
    Opinion.objects.update(sent_at=timezone.now())
    assert propose().state == "approving"


def test_a_second_reviewer_neither_proposed_nor_wrote(world, review):
    review = bring_review(world, review, ReviewState.APPROVING)
    given = {"seen_version": review.version, "by": world.reviewer}
    with pytest.raises(NotAllowed, match="由另一位審查人覆核"):
        move(review, "approve", **given)
    second = second_reviewer(world)
    Conclusion.objects.update(saved_by=second)
    with pytest.raises(NotAllowed, match="你寫過這份評估的結論"):
        move(review, "approve", seen_version=review.version, by=second)


def test_who_ever_saved_a_conclusion_is_no_second_reviewer(world, review):
    """Another one saved it later; the audit log remembers."""
    review = bring_review(world, review, ReviewState.APPROVING)
    second = second_reviewer(world)
    row = Conclusion.objects.get(level="plan")
    AuditEvent.objects.create(
        verb="conclusion.save", actor=second.email, target=f"reports.conclusion:{row.pk}"
    )
    with pytest.raises(NotAllowed, match="你寫過這份評估的結論"):
        move(review, "approve", seen_version=review.version, by=second)


def test_sending_back_wants_a_reason_and_opens_the_synthesis(world, review):
    review = bring_review(world, review, ReviewState.APPROVING)
    second = second_reviewer(world)
    with pytest.raises(Invalid):
        move(review, "send_back", seen_version=review.version, by=second, note="  ")
    row = move(review, "send_back", seen_version=review.version, by=second, note="結論太籠統。")
    assert row.state == "synthesis"
    assert ReviewEvent.objects.last().note == "結論太籠統。"
    assert edition_of(review).closing is None


def test_an_old_page_moves_nothing(world, review):
    compile_review(review.pk)
    with pytest.raises(StaleVersion):
        move(review, "assess", seen_version=review.version + 1, by=world.reviewer)
    assert Review.objects.get().state == "draft"
    assert not ReviewEvent.objects.exists()


def test_numbers_go_out_only_on_their_own_page(world, review):
    review = bring_review(world, review, ReviewState.APPROVED)
    with pytest.raises(NotNow, match="「函送」頁"):
        move(review, "file", seen_version=review.version, by=world.collator)


def test_nothing_new_is_compiled_once_ministries_were_asked(world, review):
    review = bring_review(world, review, ReviewState.COMMENTING)
    first = Edition.objects.get()
    assert compile_review(review.pk) == first
    world.bring(world.report("1.1.2.1", "science"), "accepted")
    with pytest.raises(NotNow, match="不能再編製新的一版"):
        compile_review(review.pk)
    assert list(Edition.objects.all()) == [first]


# --- mails ----------------------------------------------------------------------------------------
def test_who_comes_next_is_told_once(world, review):
    bring_review(world, review, ReviewState.APPROVED)
    told = {
        (notice.kind, notice.recipient.name)
        for notice in Notice.objects.filter(
            kind__in=("comments_asked", "review_proposed", "review_approved")
        )
    }
    assert told == {
        *(
            ("comments_asked", f"{role}_{letter}")
            for role in ("officer", "window")
            for letter in ("a", "b", "s")
        ),
        ("review_proposed", "second"),
        ("review_approved", "collator"),
    }
    mail = Notice.objects.get(kind="review_approved")
    assert mail.subject == "等函送：期中評估"
    assert f"/reviews/{review.pk}/filing/" in mail.body


# --- the document ---------------------------------------------------------------------------------
def test_the_diagrams_are_fresh():
    call_command("workflow_diagram", check=True)


@pytest.mark.parametrize("target", workflow_diagram.DOCUMENTS)
def test_a_stale_diagram_fails(monkeypatch, target):
    fresh = workflow_diagram.DOCUMENTS[target]
    stale = {**workflow_diagram.DOCUMENTS, target: lambda: fresh() + "stale"}
    monkeypatch.setattr(workflow_diagram, "DOCUMENTS", stale)
    with pytest.raises(CommandError, match=target.name):
        call_command("workflow_diagram", check=True)
