"""Every kind of PDF that we make, before a checker of PDF/UA-1: the rules of ISO 14289-1 that a
machine can tell. What people must judge (reading order, wording, colours) it doesn't.
"""

import io
from collections.abc import Iterator

import page
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from plan.actions import versions
from reports.documents import content
from reports.documents.render import finished, render
from reports.documents.sources import (
    source_of,
    subject_of_edition,
    subject_of_filing,
    subject_of_seat,
    subject_of_version,
    subject_of_year,
)
from reports.enums import DocumentFormat, DocumentKind, ReviewState
from tests.access.world_of_reviews import Walk
from tests.kept import kept
from tests.plan.test_revision_actions import Pen
from tests.reports import documents_world
from tests.world import World
from tracking.actions.signing import sign_off_many
from tracking.enums import Status
from tracking.models import ProgressReport, Receipt
from tracking.receipt_pdf import receipt_pdf
from tracking.receipts import submissions_of

# It takes the width of a glyph that has none of its own to be 0, where its font says 1000; what
# `test_glyphs_are_as_wide_as_the_file_says` reads with another program.
MISREAD = {"PDFUA1-FONT-GLYPH-WIDTH-001"}
PDF = DocumentFormat.PDF


@kept
def walk(world: World) -> Walk:
    """A review with opinions, conclusions, comments and a meeting; a draft with a change."""
    walk = Walk(world)
    for station in list(ReviewState)[:4]:
        walk.to(station)
    draft = versions.open_draft(world.plan, by=world.collator)
    Pen(draft, world.collator).end(draft.measures.get(code="1.1.1.2"))
    return walk


def papers(walk: Walk) -> Iterator[tuple[str, str]]:
    """Subject and kind of each document that there is as PDF."""
    for subject in (
        subject_of_edition(walk.edition),
        subject_of_seat(walk.seat("seated")),
        subject_of_year(walk.year),
        subject_of_filing(walk.alpha, walk.year),
        subject_of_version(walk.plan.versions.latest("number")),
    ):
        for kind, (forms, _make) in source_of(subject).kinds.items():
            if PDF in forms:
                yield subject, kind


def made(subject: str, kind: str) -> bytes:
    plain, _missing = finished(source_of(subject).content(kind, PDF))
    return render(plain, PDF)


def wrong(pdf: bytes) -> list[str]:
    report = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
    return [
        f"{one.rule_id}: {one.message}" for one in report.failures if one.rule_id not in MISREAD
    ]


def test_the_checker_finds_what_is_wrong(walk):
    """A file that was not tagged, and one whose title was taken away."""
    pdf = made(subject_of_version(walk.version), DocumentKind.REDLINE)
    assert wrong(pdf) == []
    assert wrong(pdf.replace(b"/StructTreeRoot", b"/StructTreeRoof"))
    assert wrong(pdf.replace(b"<dc:title>", b"<dc:titel>").replace(b"</dc:title>", b"</dc:titel>"))


def test_every_kind_of_document(walk):
    """All but the figures, which are a spreadsheet alone."""
    found = {kind: wrong(made(subject, kind)) for subject, kind in papers(walk)}
    assert set(found) == set(DocumentKind) - {DocumentKind.FIGURES}
    assert {kind: said for kind, said in found.items() if said} == {}


def test_a_volume_with_figures_rare_characters_and_long_texts():
    told = documents_world.material(length=2000)
    plain, _missing = finished(content.main_volume(told))
    assert any(block["kind"] == "figure" for block in plain["blocks"])
    assert wrong(render(plain, PDF)) == []


def test_receipts_of_one_report_and_of_many(walk):
    rows = ProgressReport.objects.filter(ministry=walk.beta, status=Status.DRAFT)
    waiting = [walk.bring(row, Status.SIGNING) for row in rows]
    sign_off_many([(row, row.version) for row in waiting], by=walk.window_b)
    kinds = {(one.report_id is None, bool(one.bulk_id)): one for one in Receipt.objects.all()}
    assert len(kinds) == 3
    for receipt in kinds.values():
        copy = submissions_of([receipt]).get(receipt.pk)
        assert wrong(receipt_pdf(receipt, says="相符", copy=copy)) == []


# --- fonts ----------------------------------------------------------------------------------------
def test_glyphs_are_as_wide_as_the_file_says(walk):
    pdf = made(subject_of_version(walk.version), DocumentKind.VISION)
    compared = 0
    for font in fonts(PdfReader(io.BytesIO(pdf))):
        said = widths(font["/W"])
        drawn = CFFFontSet()
        program = font["/FontDescriptor"]["/FontFile3"].get_object().get_data()
        drawn.decompile(io.BytesIO(program), None)
        for name in drawn[0].charset[1:]:
            glyph = drawn[0].CharStrings[name]
            glyph.draw(NullPen())
            assert said[int(name.removeprefix("cid"))] == pytest.approx(glyph.width, abs=1)
            compared += 1
    assert compared > 50


def fonts(reader: PdfReader) -> list[DictionaryObject]:
    """The fonts of the pages, each once, as they are drawn."""
    found = {}
    for sheet in reader.pages:
        for font in sheet["/Resources"]["/Font"].values():
            for one in font.get_object()["/DescendantFonts"]:
                found[one.idnum] = one.get_object()
    return list(found.values())


def widths(said: ArrayObject) -> dict[int, float]:
    """By number of the glyph, in thousandths of the size (ISO 32000-1, 9.7.4.3)."""
    found, rest = {}, list(said)
    while rest:
        first, second = int(rest.pop(0)), rest.pop(0).get_object()
        if isinstance(second, ArrayObject):
            found |= {first + place: float(one) for place, one in enumerate(second)}
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(rest.pop(0)))
    return found
