"""Opinions: drafts, two windows, handing in, what they rest on, who reads them, replies."""

from dataclasses import replace

import pytest
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from ministries.models import AuditEvent, Lineage, User
from reports import compare
from reports.actions.compile import compile_review
from reports.actions.experts import end_seat
from reports.actions.opinions import reply, save_opinion, send_opinions, submit_opinion
from reports.actions.recusals import declare_recusal
from reports.enums import ReviewState
from reports.models import Citation, Conclusion, Opinion, OpinionReply, Paragraph, Review
from reports.pages import dossier
from reports.queries.experts import bodies_of_measures
from tests.reports.experts import TEXT, WHOLE, draft, make_expert, make_seat, put
from tests.world import join, make_user
from tracking.enums import Status
from tracking.models import Notice, ProgressReport

pytestmark = pytest.mark.django_db
CODE = "1.1.1.1"


def hand_in(seat, code: str = CODE, **given) -> Opinion:
    return submit_opinion(seat, measure_code=code, draft=draft(**given), by=seat.user)


def save(seat, **given) -> Opinion:
    return save_opinion(seat, measure_code=CODE, draft=draft(**given), by=seat.user)


def seen_by(user: User) -> set[int]:
    return set(
        Opinion.objects.visible_to(User.objects.get(pk=user.pk)).values_list("pk", flat=True)
    )


def recompile(review, **changed):
    """Another edition, in which the accepted report of 1.1.1.1 says something else."""
    ProgressReport.objects.filter(status=Status.ACCEPTED).update(**changed)
    return compile_review(review.pk)


# --- drafts ---------------------------------------------------------------------------------------
def test_a_draft_may_be_unfinished(seat, review):
    row = save(seat, scores={"relevance": 4}, text="")
    assert (row.version, row.scores, row.submitted_at) == (1, {"relevance": 4}, None)
    assert row.edition == review.editions.get()
    assert row.basis == compare.basis(row.edition, CODE)
    assert save(seat, scores={"relevance": 4}, text="想到一點", seen=1).version == 2


def test_the_audit_never_says_what_a_draft_says(seat):
    save(seat, text="只有我知道的話")
    event = AuditEvent.objects.get(verb="opinion.save")
    assert event.after == {"measure": CODE, "version": 1, "edition": 1}
    assert "只有我知道的話" not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("scores", "field"),
    [({"relevance": 6}, "relevance"), ({"relevance": 0}, "relevance"), ({"beauty": 3}, "beauty")],
)
def test_scores_that_there_are_not(seat, scores, field):
    with pytest.raises(Invalid) as refusal:
        save(seat, scores=scores)
    assert field in refusal.value.errors


def test_a_text_that_is_too_long(seat):
    with pytest.raises(Invalid) as refusal:
        save(seat, text="字" * 4001)
    assert "text" in refusal.value.errors


def test_two_windows_lose_nothing(seat):
    save(seat, text="第一個視窗")
    with pytest.raises(StaleVersion) as refusal:
        save(seat, text="第二個視窗")
    assert refusal.value.current.text == "第一個視窗"
    assert save(seat, text="兩個合寫", seen=1).version == 2


def test_the_same_again_is_no_conflict(seat):
    first = save(seat)
    assert save(seat).version == first.version
    assert AuditEvent.objects.filter(verb="opinion.save").count() == 1


# --- who and when ---------------------------------------------------------------------------------
@pytest.mark.parametrize("state", [one for one in ReviewState if one != ReviewState.ASSESSING])
def test_only_while_experts_assess(seat, review, state):
    put(review, state)
    for act in (save_opinion, submit_opinion):
        with pytest.raises(NotNow):
            act(seat, measure_code=CODE, draft=draft(), by=seat.user)
    assert not Opinion.objects.exists()


@pytest.mark.parametrize("who", ["reviewer", "collator", "administrator", "window_a"])
def test_only_the_expert_writes(seat, world, who):
    with pytest.raises(NotAllowed):
        save_opinion(seat, measure_code=CODE, draft=draft(), by=world.people[who])


def test_interests_come_first_and_only_what_was_assigned(review, seat):
    late = make_seat(review, make_expert("late"), codes=(CODE,), declared=False)
    with pytest.raises(NotNow, match="聲明"):
        hand_in(late)
    with pytest.raises(NotAllowed, match="卷宗"):
        hand_in(seat, "1.1.2.1")


# --- handing in -----------------------------------------------------------------------------------
def test_handing_in_wants_every_criterion_and_a_text(seat):
    with pytest.raises(Invalid) as refusal:
        hand_in(seat, scores={"relevance": 4}, text=" ")
    assert set(refusal.value.errors) == {
        "effectiveness",
        "efficiency",
        "coherence",
        "added_value",
        "text",
    }
    row = hand_in(seat)
    assert row.submitted_at and row.scores == WHOLE


def test_what_was_handed_in_is_changed_by_handing_it_in_anew(seat):
    first = hand_in(seat)
    with pytest.raises(NotNow):
        save(seat, text="偷偷改", seen=1)
    Opinion.objects.update(sent_at=timezone.now())
    second = hand_in(seat, text="看過第二年的數字，改寫。", seen=1)
    assert (second.pk, second.version, second.sent_at) == (first.pk, 2, None)
    assert second.text.startswith("看過")


def test_what_is_handed_in_anew_is_flagged_where_it_is_cited(seat, review):
    row = hand_in(seat)
    conclusion = Conclusion.objects.create(
        review=review, edition=row.edition, level="measure", code=CODE, ordinal=1, ready=True
    )
    paragraph = Paragraph.objects.create(conclusion=conclusion, ordinal=1, text="專家認為合理。")
    cited = Citation.objects.create(paragraph=paragraph, opinion=row)

    def after(text: str, seen: int) -> tuple[str, bool]:
        hand_in(seat, text=text, seen=seen)
        cited.refresh_from_db()
        conclusion.refresh_from_db()
        return cited.flag, conclusion.ready

    assert after(TEXT, 1) == ("", True)
    assert after("看了第二年，改說不合理。", 2) == ("changed", False)
    assert conclusion.version == 2


def test_lines_that_changed_must_be_read_first(seat, review):
    save(seat)
    recompile(review, benefit="更多人受惠。")
    with pytest.raises(NotNow, match="第2版"):
        hand_in(seat, seen=1)
    assert Opinion.objects.get().text == TEXT
    row = hand_in(seat, seen=1, edition=2)
    assert row.edition.number == 2


def test_a_new_edition_with_the_same_lines_carries_over(seat, other_seat, review):
    """A rule changed: another edition, the same lines."""
    row = hand_in(seat)
    Review.objects.filter(pk=review.pk).update(rules=review.rules | {"threshold": "70"})
    edition = compile_review(review.pk)
    assert edition.number == 2
    [item] = [one for one in dossier.items_of(seat, edition) if one.code == CODE]
    assert item.state == dossier.SUBMITTED
    hand_in(other_seat)
    assert row.basis == Opinion.objects.get(seat=other_seat).basis


def test_changed_lines_are_flagged_with_what_changed(seat, review):
    row = hand_in(seat)
    edition = recompile(review, benefit="更多人受惠。")
    items = {one.code: one for one in dossier.items_of(seat, edition)}
    assert (items[CODE].state, items["2.1.1.1"].state) == (dossier.CHANGED, dossier.OPEN)
    [changed] = dossier.changes_since(row.edition, edition, CODE)
    [(label, before, after)] = changed.fields
    assert label == "效益" and "受訓者" in before and "<ins>" in after
    again = hand_in(seat, seen=1, edition=2)
    assert again.edition == edition
    items = {one.code: one for one in dossier.items_of(seat, edition)}
    assert items[CODE].state == dossier.SUBMITTED


def test_an_edition_of_another_review_is_no_basis(seat):
    with pytest.raises(NotNow):
        save(seat, edition=9)


# --- who reads ------------------------------------------------------------------------------------
def test_a_draft_is_its_authors_alone(world, seat, other_seat, review):
    row = save(seat)
    Review.objects.update(opinions_open_before=True)
    assert seen_by(seat.user) == {row.pk}
    for user in (*world.people.values(), other_seat.user):
        if user != seat.user:
            assert seen_by(user) == set(), user


def test_handed_in_it_is_read_by_the_science_ministry_and_nobody_else_yet(world, seat, other_seat):
    row = hand_in(seat)
    readers = {name for name, user in world.people.items() if seen_by(user)}
    assert readers == {"expert", "reviewer", "collator"}
    assert seen_by(other_seat.user) == set()
    assert row.pk in seen_by(world.reviewer)


def test_experts_read_each_other_after_their_own(seat, other_seat):
    first = hand_in(seat)
    save(other_seat)
    assert first.pk not in seen_by(other_seat.user)
    hand_in(other_seat, seen=1)
    assert first.pk in seen_by(other_seat.user)


def test_or_before_where_the_review_says_so(seat, other_seat, review):
    row = hand_in(seat)
    elsewhere = hand_in(seat, "2.1.1.1")
    Review.objects.update(opinions_open_before=True)
    assert seen_by(other_seat.user) == {row.pk}, "only of measures that both were asked for"
    assert elsewhere.pk in seen_by(seat.user)
    declare_recusal(other_seat, code=CODE, reason="合作過。", by=other_seat.user)
    assert seen_by(other_seat.user) == set()


def test_an_expert_of_another_review_reads_nothing(seat, review):
    hand_in(seat)
    other = Review.objects.get(pk=review.pk)
    other.pk, other.kind, other.opinions_open_before = None, "final", True
    other.save()
    Review.objects.update(opinions_open_before=True)
    stranger = make_seat(other, make_expert("stranger"), codes=(CODE,))
    assert seen_by(stranger.user) == set()


def test_sent_it_is_read_by_the_ministries_of_the_measure_alone(world, seat, reviewer, review):
    row = hand_in(seat)
    other = hand_in(seat, "2.1.1.1")
    send_opinions(review, codes=[CODE], by=reviewer)
    for letter, expected in (("a", {row.pk}), ("b", {row.pk}), ("s", set())):
        for role in ("officer", "window", "viewer"):
            assert seen_by(world.people[f"{role}_{letter}"]) == expected
    assert other.pk not in seen_by(world.window_b), "not sent yet"
    assert seen_by(world.administrator) == set()


def test_whoever_left_no_longer_reads(seat, reviewer):
    hand_in(seat)
    end_seat(seat, reason="出國。", by=reviewer)
    assert seen_by(seat.user) == set()


# --- sending --------------------------------------------------------------------------------------
def test_sending_tells_the_windows_of_each_ministry_once(world, seat, other_seat, review, reviewer):
    hand_in(seat)
    hand_in(other_seat)
    save_opinion(seat, measure_code="2.1.1.1", draft=draft(), by=seat.user)
    assert send_opinions(review, by=reviewer) == 2
    notices = Notice.objects.filter(kind="opinions_sent")
    assert {row.recipient for row in notices} == {world.window_a, world.window_b}
    assert all("2份" in row.subject for row in notices)
    assert send_opinions(review, by=reviewer) == 0
    assert notices.count() == 2
    event = AuditEvent.objects.get(verb="opinion.send")
    assert event.after["ministries"] == ["alpha", "beta"]


@pytest.mark.parametrize("who", ["collator", "expert", "window_a", "administrator"])
def test_only_reviewers_send(seat, review, world, who):
    hand_in(seat)
    with pytest.raises(NotAllowed):
        send_opinions(review, by=world.people[who])


@pytest.mark.parametrize("state", [ReviewState.DRAFT, ReviewState.APPROVING, ReviewState.FILED])
def test_nothing_is_sent_or_answered_once_it_is_proposed(world, seat, review, reviewer, state):
    row = hand_in(seat)
    send_opinions(review, by=reviewer)
    put(review, state)
    with pytest.raises(NotNow):
        send_opinions(review, by=reviewer)
    with pytest.raises(NotNow):
        reply(row, text="謝謝。", by=world.window_a)


# --- replies --------------------------------------------------------------------------------------
@pytest.fixture
def sent(seat, review, reviewer) -> Opinion:
    row = hand_in(seat)
    send_opinions(review, by=reviewer)
    return row


@pytest.mark.parametrize("who", ["window_a", "officer_a", "officer_b"])
def test_windows_and_officers_answer(world, sent, who):
    row = reply(sent, text="已排入明年計畫。", by=world.people[who])
    assert row.ministry.code == {"a": "alpha", "b": "beta"}[who[-1]]
    assert AuditEvent.objects.get(verb="opinion.reply").ministry == row.ministry.code


@pytest.mark.parametrize("who", ["viewer_a", "window_s", "reviewer", "expert", "administrator"])
def test_others_do_not(world, sent, who):
    with pytest.raises(NotAllowed):
        reply(sent, text="已排入。", by=world.people[who])


def test_not_before_it_was_sent(world, seat):
    row = hand_in(seat)
    with pytest.raises(NotNow):
        reply(row, text="已排入。", by=world.window_a)


def test_an_answer_given_anew_takes_the_place_of_the_first(world, sent):
    reply(sent, text="初步回復。", by=world.officer_a)
    reply(sent, text="正式回復。", by=world.window_a)
    row = OpinionReply.objects.get()
    assert (row.text, row.by) == ("正式回復。", world.window_a)
    assert AuditEvent.objects.filter(verb="opinion.reply").first().before == {"text": "初步回復。"}


@pytest.mark.parametrize("text", [" ", "字" * 2001])
def test_an_answer_has_something_to_say_and_an_end(world, sent, text):
    with pytest.raises(Invalid):
        reply(sent, text=text, by=world.window_a)


def test_one_of_two_ministries_answers_by_name(world, sent):
    both = make_user("both")
    join(both, world.alpha, "officer")
    join(both, world.beta, "officer")
    assert reply(sent, text="乙部說。", ministry=world.beta, by=both).ministry == world.beta
    with pytest.raises(NotAllowed):
        reply(sent, text="不相干。", ministry=world.science, by=both)


def test_todays_holder_answers_for_the_body_of_then(world, review):
    """丙署 merged into 乙部, which answers for its lines."""
    edition = review.editions.get()
    edition.lines.filter(measure_code="2.1.1.1").update(ministry_code="gamma")
    asked = bodies_of_measures(edition, Lineage())
    assert [one.code for one in asked["2.1.1.1"]] == ["beta"]


# --- two at once ----------------------------------------------------------------------------------
def test_a_crossing_save_is_told_apart_by_what_it_says(seat):
    """The same words arrive twice, the second with an old version: nothing is lost or doubled."""
    save(seat, text="一樣的話")
    again = save_opinion(
        seat, measure_code=CODE, draft=replace(draft(text="一樣的話"), seen_version=0), by=seat.user
    )
    assert again.version == 1
