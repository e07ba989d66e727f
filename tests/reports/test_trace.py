"""The trace: each finding with what was said, met, resolved and revised, and who may read it."""

import csv
import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plan.actions import versions
from plan.models import Change
from reports.actions.documents import make_document
from reports.documents.sources import subject_of_edition
from reports.enums import DocumentFormat, DocumentKind, ReviewState
from reports.models import Comment, Conclusion, Opinion, OpinionReply, Seat
from reports.trace import review_key, threads
from tests.kept import kept
from tests.reports.meetings import DETAILS, RESOLVED, call, decide, hold, make_edition, put
from tracking.actions import resolutions

OPINION, REPLY, COMMENT = "規模太小，宜擴大。", "將增加場次。", "請補充人次。"
DRAFT = "還沒送出的草稿。"


@kept
def edition(world):
    return make_edition(world)


@kept
def told(world, edition):
    """An opinion with a reply, another's draft, and a comment with its answer, on 1.1.1.1."""
    seat = Seat.objects.create(review=edition.review, user=world.expert, affiliation="某大學")
    fields = {"measure_code": "1.1.1.1", "edition": edition, "basis": "0" * 64}
    opinion = Opinion.objects.create(
        seat=seat, text=OPINION, submitted_at=edition.created_at, **fields
    )
    OpinionReply.objects.create(
        opinion=opinion, ministry=world.alpha, text=REPLY, by=world.window_a
    )
    other = Seat.objects.create(review=edition.review, user=world.viewer_a, affiliation="某院")
    Opinion.objects.create(seat=other, text=DRAFT, **fields)
    conclusion = Conclusion.objects.create(
        review=edition.review, edition=edition, level="measure", code="1.1.1.1", ordinal=1
    )
    Comment.objects.create(
        conclusion=conclusion,
        ministry=world.alpha,
        text=COMMENT,
        by=world.window_a,
        answer="已補充。",
    )
    return opinion


@kept
def whole(world, edition, told):
    """From the finding to a revision of the measure that names this review."""
    resolution = decide(world, hold(world, call(world, edition)))
    row = resolutions.report(
        resolution,
        seen_version=1,
        text="已提供場域。",
        url="https://example.test/a.pdf",
        by=world.officer_b,
    )
    resolutions.agree(row, seen_version=2, by=world.reviewer)
    draft = versions.open_draft(
        world.plan, by=world.collator, review_key=review_key(edition.review)
    )
    node = {"level": "measure", "code": "1.1.1.1", "name": "培育種子師資"}
    for lineage, reason in (
        (world.measures["1.1.1.1"].lineage, "依協調會議決議擴大。"),
        (world.measures["2.1.1.1"].lineage, "別的措施。"),
    ):
        side = [{**node, "lineage": str(lineage)}]
        Change.objects.create(
            version=draft, kind="reword", level="measure", ground="review", reason=reason,
            basis="會議紀錄", before=side, after=side, by=world.collator,
        )  # fmt: skip
    return resolution


def line(edition, code="1.1.1.1", level="measure"):
    (found,) = [
        one for one in threads(edition.review, edition) if (one.level, one.code) == (level, code)
    ]
    return found


def test_a_finding_without_a_meeting_stands_there(edition):
    found = line(edition)
    assert found.attainment < found.threshold == 60
    assert found.meeting is None and found.given is None and found.changes == ()


def test_the_thread_goes_from_the_finding_to_the_revision(edition, whole):
    found = line(edition)
    assert [one["text"] for one in found.opinions] == [OPINION]
    assert found.opinions[0]["replies"] == [{"ministry": "甲部", "text": REPLY}]
    assert [one["text"] for one in found.comments] == [COMMENT]
    assert found.meeting.title == DETAILS["title"]
    assert found.item.discussion == "場地不足。"
    assert found.given.resolution == whole
    assert [one.reason for one in found.changes] == ["依協調會議決議擴大。"]


def test_each_resolution_has_a_line_and_a_called_off_meeting_none(world, edition):
    from reports.actions import meetings

    meeting = hold(world, call(world, edition))
    decide(world, meeting)
    decide(world, meeting, text="另一項決議。")
    decide(world, meeting, text="全計畫的決議。", item=None)
    off = call(world, edition, title="取消的會")
    meetings.cancel_meeting(off, seen_version=1, note="改期。", by=world.reviewer)
    found = threads(edition.review, edition)
    measure = [one for one in found if one.code == "1.1.1.1"]
    assert [one.given.resolution.text for one in measure] == [RESOLVED, "另一項決議。"]
    assert (found[-1].code, found[-1].given.resolution.text) == ("", "全計畫的決議。")
    assert "取消的會" not in {one.meeting.title for one in found if one.meeting}


def test_what_is_on_an_agenda_is_traced_whatever_its_numbers(world, edition):
    call(world, edition, items=[("measure", "1.1.2.1")])
    assert line(edition, "1.1.2.1").attainment >= 60


# --- page, ODS, CSV, document ---------------------------------------------------------------------
TOLD = (OPINION, REPLY, COMMENT, "已補充。", DETAILS["title"], RESOLVED, "依協調會議決議擴大。")


def test_page_csv_and_ods_tell_the_same(world, client, edition, whole):
    client.force_login(world.reviewer)
    pk = edition.review_id
    page = client.get(reverse("review-trace", args=[pk])).content.decode()
    table = client.get(reverse("review-trace-csv", args=[pk])).content.decode("utf-8-sig")
    packed = client.get(reverse("review-trace-ods", args=[pk])).content
    sheet = zipfile.ZipFile(io.BytesIO(packed)).read("content.xml").decode()
    for text in TOLD:
        assert text in page, text
        assert text in table, text
        assert text in sheet, text
    for place in (page, table, sheet):
        assert DRAFT not in place
        assert "別的措施。" not in place
    rows = list(csv.DictReader(io.StringIO(table)))
    row = next(row for row in rows if row["code"] == "1.1.1.1")
    assert (row["threshold"], row["owner"], row["state"]) == ("60.0000", "行政院乙部", "closed")
    assert (row["done"], row["evidence"]) == ("已提供場域。", "example.test")


def test_it_is_a_document_of_the_edition(world, edition, whole, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    subject = subject_of_edition(edition)
    given = (subject, DocumentKind.TRACE, DocumentFormat.ODS)
    first = make_document(*given, by=world.reviewer)
    assert make_document(*given, by=world.reviewer) == first
    with first.file.open("rb") as file:
        sheet = zipfile.ZipFile(file).read("content.xml").decode()
    assert all(text in sheet for text in TOLD)


@pytest.mark.parametrize("state", [ReviewState.ASSESSING, ReviewState.COMMENTING])
def test_only_the_science_ministry_reads_it(world, client, edition, told, state):
    put(edition, state)
    for name in ("review-trace", "review-trace-csv", "review-trace-ods"):
        url = reverse(name, args=[edition.review_id])
        client.logout()
        assert client.get(url).url.startswith(reverse("account_login"))
        for person, seen in (
            ("reviewer", 200), ("collator", 200), ("officer_a", 404), ("window_a", 404),
            ("administrator", 404), ("expert", 404),
        ):  # fmt: skip
            client.force_login(world.people[person])
            assert client.get(url).status_code == seen, (name, person)


def test_a_review_without_an_edition_says_so(world, client, edition):
    from reports.models import Review

    blank = Review.objects.create(
        plan=world.plan, kind="midterm", title="期中", first_year=110, last_year=111
    )
    client.force_login(world.reviewer)
    page = client.get(reverse("review-trace", args=[blank.pk]))
    assert "還沒有可以追蹤的發現。" in page.content.decode()
    assert client.get(reverse("review-trace-ods", args=[blank.pk])).status_code == 404
    assert client.get(reverse("review-coordination", args=[blank.pk])).status_code == 200


def test_more_lines_ask_no_more(world, client, edition, told):
    """The pages of coordination with one resolution and with three."""
    meeting = hold(world, call(world, edition))
    decide(world, meeting)
    client.force_login(world.reviewer)
    pages = [
        reverse("review-trace", args=[edition.review_id]),
        reverse("review-coordination", args=[edition.review_id]),
        reverse("meeting", args=[meeting.pk]),
        reverse("resolution-list"),
    ]

    def asked(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    one = [asked(url) for url in pages]
    decide(world, meeting, text="第二項。")
    decide(world, meeting, text="第三項。", item=None, owner=world.alpha)
    assert [asked(url) for url in pages] == one
