"""A report that a review cites is corrected: earlier editions stay, who cited it is told."""

from reports.actions.compile import compile_review
from reports.enums import Level
from reports.models import Citation, Conclusion, Paragraph, SnapshotLine
from tests.reports.synthesis_world import make_opinion, make_review
from tests.world import World
from tracking.actions import corrections, reports
from tracking.enums import Part
from tracking.models import Notice, ProgressReport
from tracking.models.notice import NoticeKind


def cite(world: World, review, line: SnapshotLine) -> None:
    row = Conclusion.objects.create(
        review=review,
        edition=line.edition,
        level=Level.MEASURE,
        code="1.1.1.1",
        ordinal=900,
        saved_by=world.collator,
    )
    paragraph = Paragraph.objects.create(conclusion=row, ordinal=1, text="進度符合。")
    Citation.objects.create(paragraph=paragraph, line=line)


def correct(world: World, report: ProgressReport) -> None:
    corrections.ask(report, parts=[Part.PROGRESS], reason="人次算錯。", by=world.officer_a)
    row = corrections.reopen(report, seen_version=report.version, by=world.reviewer, note="同意。")
    row = reports.save_draft(
        row, seen_version=row.version, by=world.officer_a, fields={"work_done": "共八十人次。"}
    )
    row = reports.submit(row, seen_version=row.version, by=world.officer_a)
    row = reports.sign_off(row, seen_version=row.version, by=world.window_a)
    row = reports.start_review(row, seen_version=row.version, by=world.reviewer)
    reports.accept(row, seen_version=row.version, by=world.reviewer)


def test_earlier_editions_stay_and_who_used_it_is_told(world):
    review = make_review(world)
    first = review.editions.get()
    lines = list(first.lines.values_list("key", "digest", "content"))
    line = first.lines.get(year=111, measure_code="1.1.1.1", ministry_code="alpha")
    cite(world, review, line)
    opinion = make_opinion(world, review)
    # While the correction is on its road, a new edition would say the same.
    report = world.report("1.1.1.1", "alpha")
    correct(world, report)
    first.refresh_from_db()
    assert list(first.lines.values_list("key", "digest", "content")) == lines
    told = Notice.objects.filter(kind=NoticeKind.CORRECTION_DONE)
    bodies = {one.recipient: one.body for one in told}
    assert "的結論" in bodies[world.collator]
    assert "專家意見" in bodies[opinion.seat.user]
    second = compile_review(review.pk, by=world.collator)
    assert second.number == first.number + 1 and second.digest != first.digest
    changed = second.lines.get(key=line.key)
    assert changed.content["work_done"] == "共八十人次。"


def test_an_edition_made_during_a_correction_is_the_same_edition(world):
    review = make_review(world)
    first = review.editions.get()
    report = world.report("1.1.1.1", "alpha")
    corrections.ask(report, parts=[Part.PROGRESS], reason="人次算錯。", by=world.officer_a)
    row = corrections.reopen(report, seen_version=report.version, by=world.reviewer, note="")
    reports.save_draft(
        row, seen_version=row.version, by=world.officer_a, fields={"work_done": "共八十人次。"}
    )
    again = compile_review(review.pk, by=world.collator)
    assert (again.pk, again.digest) == (first.pk, first.digest)
