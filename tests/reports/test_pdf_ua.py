"""What PDF/UA-1 asks of a document and a reader notices, held against the structure of the file.

All that a machine can tell is asked in `test_pdf_checker`; colours, reading order as people see it
and the wording of alternative texts are not judged.
"""

import io
from collections.abc import Iterator
from itertools import pairwise

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from reports.documents import content
from reports.documents.pdf import pdf
from tests.reports import documents_world as world

Element = DictionaryObject
# ISO 32000-1, table 333 to 337: kinds of elements that need no role map.
STANDARD = {
    *("Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index"),
    *("NonStruct", "Private", "P", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody"),
    *("Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference"),
    *("BibEntry", "Code", "Link", "Annot", "Figure", "Formula", "Form"),
}


@pytest.fixture(scope="module")
def read() -> PdfReader:
    told = world.material(goals=2, measures=2)
    return PdfReader(io.BytesIO(pdf(content.main_volume(told).plain())))


@pytest.fixture(scope="module")
def elements(read) -> list[Element]:
    return list(walk(read.trailer["/Root"]["/StructTreeRoot"]["/K"]))


def walk(node: object) -> Iterator[Element]:
    """Every element of the structure, in reading order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, ArrayObject):
        for one in node:
            yield from walk(one)
    elif isinstance(node, DictionaryObject) and "/S" in node:
        yield node
        yield from walk(node.get("/K", ArrayObject()))


def kind(element: Element) -> str:
    return element["/S"][1:]


def attributes(element: Element) -> dict:
    """What is said of an element, of all owners together."""
    said = element.get("/A", ArrayObject())
    said = said.get_object()
    return {
        key: value
        for one in (said if isinstance(said, ArrayObject) else [said])
        for key, value in one.get_object().items()
    }


def test_each_element_is_of_a_standard_kind(read, elements):
    named = read.trailer["/Root"]["/StructTreeRoot"].get("/RoleMap", {})
    assert {kind(one) for one in elements} - STANDARD - {name[1:] for name in named} == set()


def test_headings_descend_step_by_step(elements):
    levels = [int(kind(one)[1]) for one in elements if kind(one) in {f"H{n}" for n in range(1, 7)}]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_figures_have_a_text_and_tables_have_heads(elements):
    figures = [one for one in elements if kind(one) == "Figure"]
    assert figures and all(str(one.get("/Alt", "")).strip() for one in figures)
    tables = [one for one in elements if kind(one) == "Table"]
    assert tables
    for table in tables:
        heads = [one for one in walk(table.get("/K")) if kind(one) == "TH"]
        assert heads
        assert {str(attributes(one).get("/Scope")) for one in heads} <= {"/Column", "/Row", "/Both"}
        assert {kind(one) for one in walk(table["/K"]) if kind(one) == "Table"} == set()


def test_what_is_drawn_leads_back_to_its_element(read):
    """Each page's marks stand in the parent tree, and Tab follows the structure."""
    parents = read.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"].get_object()
    known = set(numbers(parents))
    for page in read.pages:
        assert page["/StructParents"] in known
        for note in page.get("/Annots", ArrayObject()):
            note = note.get_object()
            assert note["/StructParent"] in known
            assert str(note.get("/Contents", "")).strip()
        assert "/Annots" not in page or page["/Tabs"] == "/S"


def numbers(node: DictionaryObject) -> Iterator[int]:
    yield from node.get("/Nums", ArrayObject())[::2]
    for one in node.get("/Kids", ArrayObject()):
        yield from numbers(one.get_object())
