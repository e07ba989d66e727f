"""The verbs of conclusions and comments: who, when, what is refused, and what a newer edition
does to what is cited.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from ministries.models import AuditEvent
from plan.actions import versions
from plan.actions.revise import Part
from reports.actions import comments, synthesis
from reports.actions.compile import compile_review
from reports.actions.rebase import Rebased, rebase
from reports.enums import ReviewState
from reports.models import Citation, Comment, Conclusion, Paragraph, Review
from reports.queries import reviews as queries
from reports.rules import synthesis as rules_of_synthesis
from tests.kept import kept
from tests.plan.test_revision_actions import Pen, approve
from tests.reports.synthesis_world import (
    ask,
    make_opinion,
    make_review,
    second_reviewer,
    set_state,
)
from tests.world import World
from tracking.enums import Status
from tracking.models import Notice, ProgressReport

ALPHA, BETA, SCIENCE = (
    "111/1.1.1.1/alpha",
    "111/1.1.1.1/beta",
    "111/1.1.2.1/science",
)


@kept
def review(world: World) -> Review:
    return make_review(world)


@kept
def written(world: World, review: Review) -> Review:
    synthesis.prefill(review, queries.current_edition(review), by=world.reviewer)
    return review


def conclusion(review: Review, code: str, level: str = "measure") -> Conclusion:
    return Conclusion.objects.get(review=review, level=level, code=code)


def save(row: Conclusion, by, *told, **more) -> Conclusion:
    return synthesis.save_conclusion(
        row,
        paragraphs=[{"text": text, "lines": list(lines)} for text, *lines in told],
        seen_version=more.pop("seen_version", row.version),
        by=by,
        **more,
    )


def cited(row: Conclusion) -> list[tuple[str, list[str]]]:
    return [
        (
            paragraph.text,
            [
                one.line.key if one.line else str(one.opinion_id or one.node.code)
                for one in paragraph.citations.all()
            ],
        )
        for paragraph in row.paragraphs.all()
    ]


# --- prefill --------------------------------------------------------------------------------------
def test_prefill_makes_one_conclusion_for_each_node_once(world: World, review: Review):
    edition = queries.current_edition(review)
    assert synthesis.prefill(review, edition, by=world.reviewer) == 12
    assert synthesis.prefill(review, edition, by=world.reviewer) == 0
    rows = Conclusion.objects.filter(review=review)
    assert list(rows.values_list("level", "code")) == [
        ("plan", ""),
        ("goal", "1"), ("sub_goal", "1.1"),
        ("strategy", "1.1.1"), ("measure", "1.1.1.1"), ("measure", "1.1.1.2"),
        ("strategy", "1.1.2"), ("measure", "1.1.2.1"),
        ("goal", "2"), ("sub_goal", "2.1"), ("strategy", "2.1.1"), ("measure", "2.1.1.1"),
    ]  # fmt: skip
    assert cited(conclusion(review, "1.1.1", "strategy"))[0][1] == ["1.1.1.1", "1.1.1.2"]


def test_prefill_leaves_alone_what_was_written(world: World, written: Review):
    row = save(conclusion(written, "1.1.1.1"), world.reviewer, ("我的話。", ALPHA))
    Citation.objects.filter(node__code="2.1.1.1").delete()
    Conclusion.objects.filter(review=written, code="2.1.1.1").delete()
    synthesis.prefill(written, queries.current_edition(written), by=world.reviewer)
    row.refresh_from_db()
    assert (row.version, cited(row)) == (2, [("我的話。", [ALPHA])])
    assert conclusion(written, "2.1.1.1").saved_by is None


def test_prefill_is_told_of_opinions_that_were_handed_in_only(world: World, review: Review):
    handed_in = make_opinion(world, review)
    make_opinion(world, review, "1.1.1.2", submitted=False)
    synthesis.prefill(review, queries.current_edition(review), by=world.reviewer)
    assert cited(conclusion(review, "1.1.1.1"))[-1] == (
        "1位專家提出意見，評分（1–5）平均為相關性4.0。",
        [str(handed_in.pk)],
    )
    assert Citation.objects.filter(opinion__isnull=False).count() == 1


@pytest.mark.parametrize("who", ["collator", "expert", "administrator", "officer_a", "window_a"])
def test_only_reviewers_write(world: World, written: Review, who: str):
    edition, row = queries.current_edition(written), conclusion(written, "1.1.1.1")
    with pytest.raises(NotAllowed):
        synthesis.prefill(written, edition, by=world.people[who])
    with pytest.raises(NotAllowed):
        rebase(written, edition, by=world.people[who])
    with pytest.raises(NotAllowed):
        save(row, world.people[who], ("話。", ALPHA))
    with pytest.raises(NotAllowed):
        synthesis.mark_ready(row, seen_version=1, by=world.people[who])


@pytest.mark.parametrize(
    "state",
    [
        ReviewState.DRAFT,
        ReviewState.ASSESSING,
        ReviewState.APPROVING,
        ReviewState.APPROVED,
        ReviewState.FILED,
        ReviewState.PUBLISHED,
    ],
)
def test_only_in_the_synthesis_and_while_ministries_comment(
    world: World, written: Review, state: str
):
    row = conclusion(written, "1.1.1.1")
    set_state(written, state)
    with pytest.raises(NotNow):
        save(row, world.reviewer, ("話。", ALPHA))
    with pytest.raises(NotNow):
        synthesis.mark_ready(row, seen_version=1, by=world.reviewer)
    set_state(written, ReviewState.COMMENTING)
    assert save(row, world.reviewer, ("話。", ALPHA)).version == 2


def test_prefill_is_of_the_current_edition_only(world: World, review: Review):
    first = queries.current_edition(review)
    world.bring(world.report("2.1.1.1", "beta"), Status.ACCEPTED)
    compile_review(review.pk, by=world.collator)
    with pytest.raises(NotNow):
        synthesis.prefill(review, first, by=world.reviewer)


# --- saving ---------------------------------------------------------------------------------------
def test_saving_replaces_the_paragraphs_in_their_order_and_tells_the_audit(
    world: World, written: Review
):
    row = save(
        conclusion(written, "1.1.1.1"),
        world.reviewer,
        ("第一段。", ALPHA, BETA),
        ("  第二段。\r\n續行。 ", BETA),
    )
    assert cited(row) == [("第一段。", [ALPHA, BETA]), ("第二段。\n續行。", [BETA])]
    assert (row.version, row.saved_by, row.ready) == (2, world.reviewer, False)
    row = save(row, world.reviewer, ("第二段。\n續行。", BETA), ("第一段。", ALPHA, BETA))
    assert [text for text, _keys in cited(row)] == ["第二段。\n續行。", "第一段。"]
    event = AuditEvent.objects.filter(verb="conclusion.save").order_by("pk").last()
    assert event.actor == "reviewer@example.test"
    assert event.before["paragraphs"] == ["第一段。", "第二段。\n續行。"]
    assert (event.after["version"], event.after["paragraphs"]) == (
        3,
        ["第二段。\n續行。", "第一段。"],
    )
    lines = dict(row.edition.lines.values_list("key", "pk"))
    assert event.after["cites"] == [
        [f"line:{lines[BETA]}"],
        [f"line:{lines[ALPHA]}", f"line:{lines[BETA]}"],
    ]


def test_saving_the_same_again_writes_nothing(world: World, written: Review):
    row = save(conclusion(written, "1.1.1.1"), world.reviewer, ("話。", ALPHA))
    again = save(row, world.reviewer, ("話。", ALPHA))
    assert again.version == 2
    assert AuditEvent.objects.filter(verb="conclusion.save").count() == 1


def test_a_paragraph_that_rests_on_nothing_is_refused_at_its_place(world: World, written: Review):
    row = conclusion(written, "1.1.1.1")
    with pytest.raises(Invalid) as refusal:
        save(row, world.reviewer, ("有根據。", ALPHA), ("沒有根據。",), ("", BETA))
    assert refusal.value.errors == {
        "paragraphs-1": [
            "這一段沒有引用任何資料。勾選它所根據的報告、專家意見或下層結論，至少一項。"
        ],
        "paragraphs-2": ["寫下這一段，或把它刪掉。"],
    }
    row.refresh_from_db()
    assert row.version == 1
    with pytest.raises(Invalid) as refusal:
        save(row, world.reviewer)
    assert refusal.value.errors == {"paragraphs": ["至少寫一段。"]}


def test_a_measure_of_which_the_edition_holds_nothing_is_concluded_without_citing(
    world: World, written: Review
):
    """It began by a revision, after the years of the review: without its words the conclusions
    would never be whole."""
    draft = versions.open_draft(world.plan, by=world.collator)
    pen = Pen(draft, world.collator)
    pen.split(pen.measure("1.1.1.2"), parts=[Part("平臺甲", ""), Part("平臺乙", "")])
    approve(world, draft)
    edition = compile_review(written.pk, by=world.reviewer)
    rebase(written, edition, by=world.reviewer)
    row = conclusion(written, "1.1.1.3")
    assert not edition.lines.filter(measure_code="1.1.1.3").exists()
    row = save(row, world.reviewer, ("評估期間還沒有這項措施。",))
    row = synthesis.mark_ready(row, seen_version=row.version, by=world.reviewer)
    make_opinion(world, written, "1.1.1.3")
    with pytest.raises(Invalid):
        save(row, world.reviewer, ("專家說了，就要引用。",))


def test_what_is_not_of_this_edition_or_not_handed_in_cannot_be_cited(
    world: World, written: Review
):
    row = conclusion(written, "1.1.1.1")
    draft = make_opinion(world, written, submitted=False)
    other = Review.objects.create(
        plan=world.plan, kind="other", title="另一件", first_year=111, last_year=111,
        state=ReviewState.SYNTHESIS,
    )  # fmt: skip
    compile_review(other.pk, by=world.collator)
    foreign = make_opinion(world, other)
    told = [
        {"text": "甲。", "lines": ["111/9.9.9.9/alpha"]},
        {"text": "乙。", "opinions": [draft.pk, foreign.pk]},
        {"text": "丙。", "nodes": [("goal", "1")]},
        {"text": "丁。", "nodes": [("measure", "1.1.1.1")]},
    ]
    with pytest.raises(Invalid) as refusal:
        synthesis.save_conclusion(row, paragraphs=told, seen_version=1, by=world.reviewer)
    assert refusal.value.errors == {
        "paragraphs-0": ["第1版沒有「111/9.9.9.9/alpha」，不能引用。"],
        "paragraphs-1": [f"第1版沒有「{draft.pk}」、「{foreign.pk}」，不能引用。"],
        "paragraphs-2": ["第1版沒有「1」，不能引用。"],
        "paragraphs-3": ["第1版沒有「1.1.1.1」，不能引用。"],
    }


def test_a_branch_cites_what_lies_beneath_it(world: World, written: Review):
    row = conclusion(written, "1", "goal")
    told = [{"text": "話。", "nodes": [("measure", "1.1.2.1")], "lines": [SCIENCE]}]
    row = synthesis.save_conclusion(row, paragraphs=told, seen_version=1, by=world.reviewer)
    assert cited(row) == [("話。", [SCIENCE, "1.1.2.1"])]
    told[0]["nodes"] = [("measure", "2.1.1.1")]
    with pytest.raises(Invalid):
        synthesis.save_conclusion(row, paragraphs=told, seen_version=2, by=world.reviewer)


def test_whoever_is_second_is_told_and_nothing_is_lost(world: World, written: Review):
    row = conclusion(written, "1.1.1.1")
    save(row, world.reviewer, ("先存的。", ALPHA))
    with pytest.raises(StaleVersion) as refusal:
        save(row, second_reviewer(), ("後存的。", BETA), seen_version=1)
    assert refusal.value.current.version == 2
    assert cited(row) == [("先存的。", [ALPHA])]


# --- ready ----------------------------------------------------------------------------------------
def test_ready_is_taken_back_by_writing(world: World, written: Review):
    row = conclusion(written, "1.1.1.1")
    row = synthesis.mark_ready(row, seen_version=1, by=world.reviewer)
    assert (row.ready, row.ready_by, row.version) == (True, world.reviewer, 2)
    row = save(row, world.reviewer, ("話。", ALPHA))
    assert (row.ready, row.ready_by, row.version) == (False, None, 3)
    row = synthesis.mark_ready(row, seen_version=3, by=world.reviewer)
    row = synthesis.unmark_ready(row, seen_version=4, by=world.reviewer)
    assert (row.ready, row.version) == (False, 5)
    verbs = AuditEvent.objects.filter(verb__startswith="conclusion.").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == [
        "conclusion.prefill", "conclusion.ready", "conclusion.save", "conclusion.ready",
        "conclusion.unready",
    ]  # fmt: skip


def test_all_are_ready_or_none(world: World, written: Review):
    rows = {row.pk: row.version for row in Conclusion.objects.filter(review=written)}
    assert not rules_of_synthesis.all_ready(written)
    first = min(rows)
    with pytest.raises(StaleVersion):
        synthesis.mark_all_ready(written, {**rows, first: 9}, by=world.reviewer)
    assert not Conclusion.objects.filter(ready=True).exists()
    assert synthesis.mark_all_ready(written, rows, by=world.reviewer) == 12
    assert rules_of_synthesis.all_ready(written)
    told = rules_of_synthesis.progress(written)
    assert (told.total, told.written, told.ready, told.flagged) == (12, 12, 12, 0)


def test_a_conclusion_without_words_is_not_ready(world: World, written: Review):
    row = conclusion(written, "1.1.1.1")
    row.paragraphs.all().delete()
    with pytest.raises(NotNow, match="還沒有任何一段"):
        synthesis.mark_ready(row, seen_version=1, by=world.reviewer)


# --- a newer edition ------------------------------------------------------------------------------
def change_report(world: World, code: str, ministry: str, **fields) -> None:
    """As a formal correction would: another text of the accepted report."""
    row = world.report(code, ministry)
    ProgressReport.objects.filter(pk=row.pk).update(**fields)


def newer(world: World, review: Review):
    compile_review(review.pk, by=world.collator)
    return queries.current_edition(review)


def test_a_newer_edition_moves_citations_and_flags_those_that_changed(
    world: World, written: Review
):
    row = save(conclusion(written, "1.1.1.1"), world.reviewer, ("甲。", ALPHA), ("乙。", BETA))
    row = synthesis.mark_ready(row, seen_version=2, by=world.reviewer)
    change_report(world, "1.1.1.1", "beta", work_done="改過的話。")
    edition = newer(world, written)
    assert rebase(written, edition, by=world.reviewer) == Rebased(11, 1, 1)
    row.refresh_from_db()
    flags = [
        [(one.line.edition_id == edition.pk, one.flag) for one in paragraph.citations.all()]
        for paragraph in row.paragraphs.all()
    ]
    assert flags == [[(True, "")], [(True, "changed")]]
    assert (row.ready, row.version, row.edition) == (False, 4, edition)
    with pytest.raises(NotNow, match="有1項引用在這一版已經改變"):
        synthesis.mark_ready(row, seen_version=4, by=world.reviewer)
    assert rebase(written, edition, by=world.reviewer) == Rebased(0, 0, 0)


def test_the_flag_stays_until_the_writer_has_looked(world: World, written: Review):
    row = save(conclusion(written, "1.1.1.1"), world.reviewer, ("甲。", ALPHA), ("乙。", BETA))
    change_report(world, "1.1.1.1", "alpha", work_done="改過的話。")
    change_report(world, "1.1.1.1", "beta", work_done="改過的話。")
    rebase(written, newer(world, written), by=world.reviewer)
    told = [
        {"text": "甲。", "lines": [ALPHA], "was": 1, "seen": True},
        {"text": "乙，改寫。", "lines": [BETA], "was": 2},
    ]
    row.refresh_from_db()
    row = synthesis.save_conclusion(row, paragraphs=told, seen_version=3, by=world.reviewer)
    assert list(
        Citation.objects.filter(paragraph__conclusion=row).values_list("line__key", "flag")
    ) == [(ALPHA, ""), (BETA, "changed")]
    told = [dict(told[0], seen=False), dict(told[1], seen=True)]
    row = synthesis.save_conclusion(row, paragraphs=told, seen_version=4, by=world.reviewer)
    assert not Citation.objects.filter(paragraph__conclusion=row).exclude(flag="").exists()
    assert synthesis.mark_ready(row, seen_version=5, by=world.reviewer).ready


def test_a_vanished_line_stays_shown_until_it_is_let_go(world: World, written: Review):
    row = save(
        conclusion(written, "1.1.1.1"), world.reviewer, ("甲。", ALPHA, BETA), ("乙。", BETA)
    )
    report = world.report("1.1.1.1", "beta")
    ProgressReport.objects.filter(pk=report.pk).update(ministry=world.ministries["science"])
    rebase(written, newer(world, written), by=world.reviewer)
    row.refresh_from_db()
    gone = Citation.objects.filter(paragraph__conclusion=row, flag="gone")
    assert {one.line.edition.number for one in gone} == {1}
    told = [
        {"text": "甲。", "lines": [ALPHA, BETA], "was": 1, "seen": True},
        {"text": "乙。", "lines": [BETA], "was": 2, "seen": True},
    ]
    with pytest.raises(Invalid) as refusal:
        synthesis.save_conclusion(row, paragraphs=told, seen_version=3, by=world.reviewer)
    assert list(refusal.value.errors) == ["paragraphs-1"]
    told.pop()
    row = synthesis.save_conclusion(row, paragraphs=told, seen_version=3, by=world.reviewer)
    assert cited(row) == [("甲。", [ALPHA])]


def test_numbers_that_a_rule_changed_are_looked_at_too(world: World, written: Review):
    row = save(conclusion(written, "1.1.2.1"), world.reviewer, ("甲。", SCIENCE))
    rules = dict(written.rules)
    rules["light_points"] = {**rules["light_points"], "behind": "40"}
    Review.objects.filter(pk=written.pk).update(rules=rules)
    rebase(written, newer(world, written), by=world.reviewer)
    row.refresh_from_db()
    assert row.numbers_changed
    with pytest.raises(NotNow, match="數字"):
        synthesis.mark_ready(row, seen_version=3, by=world.reviewer)
    row = save(row, world.reviewer, ("甲。", SCIENCE), numbers_seen=True)
    assert not row.numbers_changed
    assert synthesis.mark_ready(row, seen_version=4, by=world.reviewer).ready


def test_what_nobody_wrote_is_proposed_anew(world: World, written: Review):
    before = Paragraph.objects.get(conclusion=conclusion(written, "2.1.1.1"), ordinal=1).text
    world.bring(world.report("2.1.1.1", "beta"), Status.ACCEPTED)
    rebase(written, newer(world, written), by=world.reviewer)
    after = Paragraph.objects.get(conclusion=conclusion(written, "2.1.1.1"), ordinal=1).text
    assert before.startswith("達成度未知。")
    assert after.startswith("達成度85.0%，屬「達成」。")


# --- comments -------------------------------------------------------------------------------------
@kept
def asked(world: World, written: Review) -> Review:
    return ask(world, written)


def say(review: Review, world: World, who: str, ministry: str, code: str, level: str = "measure"):
    return comments.comment(
        conclusion(review, code, level),
        world.ministries[ministry],
        "建議補充人次。",
        by=world.people[who],
    )


def test_ministries_that_lead_or_share_what_lies_there_comment(world: World, asked: Review):
    assert say(asked, world, "officer_a", "alpha", "1.1.1.1").version == 1
    assert say(asked, world, "window_b", "beta", "1.1.1.1").by == world.window_b
    assert say(asked, world, "window_a", "alpha", "1.1", "sub_goal").text == "建議補充人次。"
    assert say(asked, world, "window_s", "science", "", "plan").ministry == world.science
    with pytest.raises(NotAllowed, match="甲部沒有主辦或協辦這裡的措施"):
        say(asked, world, "window_a", "alpha", "2.1.1.1")
    with pytest.raises(NotAllowed):
        say(asked, world, "window_a", "beta", "1.1.1.1")
    for who in ("viewer_a", "reviewer", "expert", "administrator"):
        with pytest.raises(NotAllowed):
            say(asked, world, who, "alpha", "1.1.1.2")
    assert AuditEvent.objects.filter(verb="comment.make", ministry="alpha").count() == 2


def test_comments_are_made_while_they_are_asked_for_and_to_the_end_of_the_day(
    world: World, asked: Review
):
    today = timezone.localdate()
    Review.objects.filter(pk=asked.pk).update(comments_due_on=today)
    say(asked, world, "window_a", "alpha", "1.1.1.1")
    Review.objects.filter(pk=asked.pk).update(comments_due_on=today - timedelta(days=1))
    with pytest.raises(NotNow, match="已經過了"):
        say(asked, world, "window_b", "beta", "1.1.1.1")
    Review.objects.filter(pk=asked.pk).update(comments_due_on=today)
    set_state(asked, ReviewState.SYNTHESIS)
    with pytest.raises(NotNow):
        say(asked, world, "window_b", "beta", "1.1.1.1")


def test_a_comment_is_reworded_until_it_is_answered(world: World, asked: Review):
    row = say(asked, world, "officer_a", "alpha", "1.1.1.1")
    target, ministry = row.conclusion, row.ministry
    row = comments.comment(target, ministry, "改寫。", seen_version=1, by=world.window_a)
    assert (row.text, row.version, Comment.objects.count()) == ("改寫。", 2, 1)
    with pytest.raises(StaleVersion):
        comments.comment(target, ministry, "另一個人。", by=world.officer_a)
    with pytest.raises(Invalid):
        comments.comment(target, ministry, "　 ", seen_version=2, by=world.officer_a)
    row = comments.answer(row, "已補充。", seen_version=2, by=world.reviewer)
    assert (row.answer, row.answered_by, row.version) == ("已補充。", world.reviewer, 3)
    with pytest.raises(NotNow, match="已經有處理情形"):
        comments.comment(target, ministry, "再改。", seen_version=3, by=world.window_a)


def test_only_reviewers_answer_and_the_count_falls(world: World, asked: Review):
    row = say(asked, world, "officer_a", "alpha", "1.1.1.1")
    say(asked, world, "window_b", "beta", "1.1.1.1")
    assert rules_of_synthesis.comments_open(asked) == 2
    for who in ("collator", "window_a", "expert", "administrator"):
        with pytest.raises(NotAllowed):
            comments.answer(row, "已補充。", seen_version=1, by=world.people[who])
    with pytest.raises(StaleVersion):
        comments.answer(row, "已補充。", seen_version=7, by=world.reviewer)
    comments.answer(row, "已補充。", seen_version=1, by=world.reviewer)
    assert rules_of_synthesis.comments_open(asked) == 1


def test_a_ministry_says_that_it_has_nothing_to_say(world: World, asked: Review):
    assert rules_of_synthesis.silent(asked) == {"alpha", "beta", "science"}
    first = comments.say_done(asked, world.alpha, by=world.officer_a)
    assert comments.say_done(asked, world.alpha, by=world.window_a) == first
    assert rules_of_synthesis.silent(asked) == {"beta", "science"}
    event = AuditEvent.objects.get(verb="comment.done")
    assert (event.ministry, event.after) == ("alpha", {"comments": 0})
    with pytest.raises(NotAllowed):
        comments.say_done(asked, world.beta, by=world.window_a)


def test_a_second_round_asks_again(world: World, asked: Review):
    comments.say_done(asked, world.alpha, by=world.officer_a)
    ask(world, asked)
    assert "alpha" in rules_of_synthesis.silent(asked)
    comments.say_done(asked, world.alpha, by=world.officer_a)
    assert "alpha" not in rules_of_synthesis.silent(asked)


# --- mails ----------------------------------------------------------------------------------------
def test_a_ministry_is_told_once_that_its_comment_was_answered(
    world: World, asked: Review, django_capture_on_commit_callbacks
):
    row = say(asked, world, "officer_a", "alpha", "1.1.1.1")
    with django_capture_on_commit_callbacks() as queued:
        row = comments.answer(row, "已補充。", seen_version=row.version, by=world.reviewer)
    mails = Notice.objects.filter(kind="comment_answered")
    assert len(queued) == mails.count()
    assert {mail.recipient for mail in mails} == {world.officer_a, world.window_a}
    mail = mails.first()
    assert mail.subject == "甲部對1.1.1.1的意見已處理：期末成果評估"
    assert reverse("conclusion", args=[asked.pk, "measure", "1.1.1.1"]) in mail.body
    assert "已補充" not in mail.body
    events = AuditEvent.objects.filter(verb="comment.answer").count()
    comments.answer(row, "已補充兩項。", seen_version=row.version, by=world.reviewer)
    assert mails.count() == 2
    assert AuditEvent.objects.filter(verb="comment.answer").count() == events + 1
