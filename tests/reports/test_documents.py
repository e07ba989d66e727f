"""One content in four formats: the same headings and numbers, read back with parsers."""

import io
import re
import shutil
import subprocess
import uuid
import zipfile
from copy import deepcopy
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from config.kit import glyphs
from reports.documents import charts, content
from reports.documents.blocks import (
    Column,
    Content,
    Heading,
    Paragraph,
    Run,
    Table,
    characters,
    clean,
    content_digest,
)
from reports.documents.content import words
from reports.documents.ods import ods
from reports.documents.office import docx, odt
from reports.documents.pdf import pdf
from reports.documents.render import finished, render
from tests.reports import documents_world as world

ODF_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
ODF_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
ODF_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BLANKS = re.compile(r"\s+|\u200b")


@pytest.fixture(scope="module")
def plain() -> dict:
    return content.main_volume(world.material()).plain()


@pytest.fixture(scope="module")
def files(plain) -> dict[str, bytes]:
    return {"odt": odt(plain), "docx": docx(plain), "pdf": pdf(plain)}


def part(made: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        assert packed.testzip() is None
        return ElementTree.fromstring(packed.read(name))


def squeezed(text: str) -> str:
    """Without blanks: a PDF's text layer breaks lines and spaces 漢字 from digits."""
    return BLANKS.sub("", text)


def headings_of(plain: dict) -> list[tuple[int, str]]:
    return [
        (block["level"], squeezed(block["text"]))
        for block in plain["blocks"]
        if block["kind"] == "heading"
    ]


def odt_headings(made: bytes) -> list[tuple[int, str]]:
    return [
        (int(one.get(f"{ODF_TEXT}outline-level")), squeezed("".join(one.itertext())))
        for one in part(made, "content.xml").iter(f"{ODF_TEXT}h")
    ]


def docx_headings(made: bytes) -> list[tuple[int, str]]:
    found = []
    for one in part(made, "word/document.xml").iter(f"{WORD}p"):
        style = one.find(f"{WORD}pPr/{WORD}pStyle")
        name = style.get(f"{WORD}val") if style is not None else ""
        if name.startswith("Heading"):
            found.append((int(name[-1]), squeezed("".join(one.itertext()))))
    return found


def pdf_headings(made: bytes) -> list[tuple[int, str]]:
    """The bookmarks, without the number that chapters bear."""
    found = []

    def walk(entries: list, level: int) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry, level + 1)
            else:
                title = entry.title
                if level == 1:
                    title = title.split("、", 1)[1]
                found.append((level, squeezed(title)))

    walk(PdfReader(io.BytesIO(made)).outline, 1)
    return found


def pdf_text(made: bytes) -> str:
    reader = PdfReader(io.BytesIO(made))
    return squeezed("".join(page.extract_text() for page in reader.pages))


def texts(files: dict[str, bytes]) -> dict[str, str]:
    return {
        "odt": squeezed("".join(part(files["odt"], "content.xml").itertext())),
        "docx": squeezed("".join(part(files["docx"], "word/document.xml").itertext())),
        "pdf": pdf_text(files["pdf"]),
    }


# --- the same in all formats ----------------------------------------------------------------------
def test_the_headings_are_the_same_in_all_formats(plain, files):
    expected = headings_of(plain)
    assert len(expected) > 20
    assert odt_headings(files["odt"]) == expected
    assert docx_headings(files["docx"]) == expected
    assert pdf_headings(files["pdf"]) == expected


def test_every_cell_of_every_table_is_in_all_formats(plain, files):
    found = texts(files)
    cells = {
        squeezed("".join(text for text, _to, _mark in runs))
        for block in plain["blocks"]
        if block["kind"] == "table"
        for row in block["rows"]
        for runs in row
    }
    assert {"2,000", "1,750", "87.5", "1,307"} <= cells
    for name, text in found.items():
        missing = sorted(cell for cell in cells if cell not in text)
        assert missing == [], name


def test_conclusions_opinions_replies_and_resolutions_are_told(files):
    said = [
        "培訓規模已達原訂目標的八成以上。〔110年甲部〕〔1.1.1.1專家1〕",
        "規模足夠，後續成效宜追蹤。",
        "甲部：將追蹤三年。",
        "專家2（依較早的版次）",
        "乙部提供場地。",
        "已補充。",
        "整體而言計畫大致達成。",
    ]
    for name, text in texts(files).items():
        assert [one for one in said if squeezed(one) not in text] == [], name


def test_what_nobody_wrote_yet_is_said():
    told = world.material(conclusions={}, comments={}, opinions={}, experts=[], meetings=[])
    text = "".join(
        "".join(run[0] for run in block["line"])
        for block in content.main_volume(told).plain()["blocks"]
        if block["kind"] == "paragraph"
    )
    for sentence in ("尚無結論。", "尚無專家意見。", "尚無跨部會協調會議。"):
        assert sentence in text


def told_of_the_first_measure(text: str) -> list[str]:
    """Paragraphs of its main volume where this is its conclusion."""
    said = [{"text": text, "lines": [], "opinions": []}]
    made = content.main_volume(world.material(conclusions={("measure", "1.1.1.1"): said})).plain()
    anchors = [block.get("anchor") for block in made["blocks"]]
    first, second = anchors.index("n-measure-1.1.1.1"), anchors.index("n-measure-1.1.1.2")
    return [
        "".join(run[0] for run in block["line"])
        for block in made["blocks"][first:second]
        if block["kind"] == "paragraph"
    ]


def test_a_reports_words_are_printed_once_and_shortened():
    report = next(line for line in world.material().lines if line.measure_code == "1.1.1.1")
    lead, whole = report.content, report.content["work_done"]
    quoted = words.quotation(whole) + words.quotation(lead["benefit"])
    written = told_of_the_first_measure("另寫的結論。")
    assert any(one.startswith(f"110年度甲部：{whole[:90]}") for one in written)
    assert not any("已引於結論" in one for one in written)
    told = told_of_the_first_measure(quoted)
    assert "甲部110、111年度的說明已引於結論。" in told  # both years say the same here
    assert not any(one.startswith("110年度甲部：") for one in told)


def test_the_spreadsheet_holds_the_numbers_as_numbers():
    made = ods(content.figures(world.material()).plain())
    book = part(made, "content.xml")
    sheets = {one.get(f"{ODF_TABLE}name"): one for one in book.iter(f"{ODF_TABLE}table")}
    wanted = {"說明", "達成度", "各年燈號", "措施燈號", "應交件數", "指標", "經費", "經費路徑"}
    assert wanted <= set(sheets)
    numbers = {
        float(cell.get(f"{ODF_OFFICE}value"))
        for cell in book.iter(f"{ODF_TABLE}table-cell")
        if cell.get(f"{ODF_OFFICE}value-type") == "float"
    }
    assert {87.5, 2000, 1750, 1307, 205441, 0.64, 1141} <= numbers
    nodes = squeezed("".join(sheets["達成度"].itertext()))
    for goal in world.tree():
        measure = goal["sub_goals"][0]["strategies"][0]["measures"][0]
        for node in (goal, goal["sub_goals"][0]["strategies"][0], measure):
            assert node["code"] + node["name"] in nodes


def test_an_unknown_number_is_an_empty_cell_and_no_formula_runs():
    made = ods(
        Content(
            "甲", "乙", (), "2024-01-01",
            (
                Table(
                    "表",
                    (Column("名"), Column("數", 1, "right")),
                    (("=1+1", "—"), ("@乙", "1,200.5")),
                ),
            ),
        ).plain()
    )  # fmt: skip
    cells = [
        (cell.get(f"{ODF_OFFICE}value-type"), "".join(cell.itertext()))
        for sheet in part(made, "content.xml").iter(f"{ODF_TABLE}table")
        if sheet.get(f"{ODF_TABLE}name") == "表"
        for cell in sheet.iter(f"{ODF_TABLE}table-cell")
    ]
    assert cells[2:] == [
        ("string", "'=1+1"),
        (None, ""),
        ("string", "'@乙"),
        ("float", "1,200.5"),
    ]


# --- equal content, equal file --------------------------------------------------------------------
@pytest.mark.parametrize("form", ["odt", "docx", "pdf", "ods"])
def test_equal_content_makes_equal_bytes(form):
    make = content.figures if form == "ods" else content.main_volume
    first = make(world.material(measures=1)).plain()
    second = make(world.material(measures=1)).plain()
    assert content_digest(first) == content_digest(second)
    assert render(first, form) == render(second, form)


def test_the_digest_changes_with_a_word_and_with_a_conclusion():
    told = world.material()
    digest = content_digest(content.main_volume(told).plain())
    lines = deepcopy(list(told.lines))
    lines[0].content["work_done"] += "改"
    changed = world.material(lines=lines)
    assert content_digest(content.main_volume(changed).plain()) != digest
    assert content_digest(content.main_volume(world.material(conclusions={})).plain()) != digest


# --- PDF ------------------------------------------------------------------------------------------
def test_the_pdf_is_tagged_and_says_what_it_is(files):
    reader = PdfReader(io.BytesIO(files["pdf"]))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-TW"
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF boolean
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert reader.metadata.title == "小計畫期末成果評估\u3000期末成果評估\u3000主冊"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    kinds = set()

    def walk(node) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            kinds.add(node.get("/S"))
            if "/K" in node and not isinstance(node["/K"], int):
                walk(node["/K"])

    walk(root["/StructTreeRoot"]["/K"])
    assert {"/H1", "/H2", "/H5", "/P", "/Table", "/TH", "/TD", "/Figure", "/Link"} <= kinds


def test_fonts_of_the_pdf_are_ours_and_embedded(files):
    reader = PdfReader(io.BytesIO(files["pdf"]))
    names = set()
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            for child in font.get_object()["/DescendantFonts"]:
                descriptor = child.get_object()["/FontDescriptor"].get_object()
                names.add(str(descriptor["/FontName"]).split("+")[-1])
                assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    assert {name.split("-")[0] for name in names} == {"NotoSansTC", "NotoSerifTC", "TW"}


def test_page_numbers_and_repeated_table_heads(plain):
    told = world.material(goals=3, measures=12)
    made = pdf(content.main_volume(told).plain())
    reader = PdfReader(io.BytesIO(made))
    pages = [squeezed(page.extract_text()) for page in reader.pages]
    total = len(pages)
    assert pages[5].endswith(f"6/{total}")
    head = squeezed("年度 措施 部會 內容 摘要值")
    assert sum(head in page for page in pages) > 2


def test_a_citation_leads_to_the_digest_of_the_report(files):
    reader = PdfReader(io.BytesIO(files["pdf"]))
    assert any(
        "/Dest" in one.get_object() or "/A" in one.get_object()
        for page in reader.pages
        for one in page.get("/Annots", [])
    )
    word = part(files["docx"], "word/document.xml")
    anchors = {one.get(f"{WORD}anchor") for one in word.iter(f"{WORD}hyperlink")}
    marks = {one.get(f"{WORD}name") for one in word.iter(f"{WORD}bookmarkStart")}
    assert anchors - {None} <= marks


# --- rare and missing characters ------------------------------------------------------------------
def test_rare_characters_are_drawn_and_read_back(files):
    for text in texts(files).values():
        assert "主持人𡍼堃犇" in text
        assert "王犇" in text


def test_glyphs_are_told_apart():
    assert glyphs.missing_glyphs("一般文字 ABC，𡍼堃犇、①②●▲▼◆✓◌■\n\u200b\ufe0f") == ""
    assert glyphs.missing_glyphs("甲" + world.LACKING) == "".join(sorted(world.LACKING))
    assert glyphs.needs_fallback("𡍼")
    assert not glyphs.needs_fallback("堃犇")


def test_missing_characters_stand_on_the_last_page():
    first, _rest = world.LACKING
    told = Content("甲", "乙", (), "2024-01-01", (Heading(1, "章"), Paragraph(f"字{first}。")))
    plain, missing = finished(told)
    assert missing == first
    assert plain["blocks"][-1]["name"] == "缺字"
    reader = PdfReader(io.BytesIO(pdf(plain)))
    code = f"U+{ord(first):04X}"
    assert code in squeezed(reader.pages[-1].extract_text())
    assert f"字〔{code}〕。" in squeezed(reader.pages[-2].extract_text())
    assert first in "".join(part(odt(plain), "content.xml").itertext())
    assert finished(Content("甲", "乙", (), "2024-01-01", ()))[1] == ""


def test_what_no_format_can_hold_is_left_out():
    assert clean("甲\x00乙\r\n丙\ud800丁\x0c") == "甲乙\n丙丁"
    told = Content("甲\x01", "乙", (), "2024-01-01", (Paragraph("丙\x02<b>&#丁"),))
    plain = told.plain()
    for form in ("odt", "docx", "pdf"):
        assert render(plain, form)
    assert "丙<b>&#丁" in "".join(part(docx(plain), "word/document.xml").itertext())
    assert "\x02" not in characters(plain)


def test_text_is_never_taken_for_markup():
    text = "#set page() $x$ *甲* _乙_ `丙` <丁> \\戊 [己](http://example.test) @庚 = 辛"
    plain = Content("甲", "乙", (), "2024-01-01", (Paragraph(text),)).plain()
    files = {form: render(plain, form) for form in ("odt", "docx", "pdf")}
    for name, found in texts(files).items():
        assert squeezed(text) in found, name


# --- long things ----------------------------------------------------------------------------------
def test_long_names_and_narratives_of_2000_characters_break_no_table():
    long = world.narrative("長文", 2000)
    address = "https://example.test/" + "a" * 180
    told = Content(
        "名" * 60, "乙", (("計畫", "名" * 120),), "2024-01-01",
        (
            Heading(1, "章" * 40),
            Table(
                "表",
                (Column("部會"), Column("內容", 3), Column("數", 1, "right")),
                tuple((world.LONG_NAME, long + address, "1,234,567,890") for _ in range(4)),
            ),
        ),
    )  # fmt: skip
    plain = told.plain()
    reader = PdfReader(io.BytesIO(pdf(plain)))
    width = float(reader.pages[0].mediabox.width)
    right: list[float] = []

    def seen(text, _cm, matrix, _font, size) -> None:
        if text.strip():
            right.append(matrix[4])

    for page in reader.pages:
        page.extract_text(visitor_text=seen)
    assert right and max(right) < width - 50
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    assert text.count(squeezed(long)[-30:]) == 4
    for form in ("odt", "docx"):
        assert render(plain, form)


def test_marks_of_a_redline_survive():
    line = (Run("甲", mark="del"), Run("乙", mark="ins"), Run("丙"))
    plain = Content("甲", "乙", (), "2024-01-01", (Paragraph(line),)).plain()
    word = part(docx(plain), "word/document.xml")
    struck = [
        run for run in word.iter(f"{WORD}r") if run.find(f"{WORD}rPr/{WORD}strike") is not None
    ]
    assert ["".join(run.itertext()) for run in struck] == ["甲"]
    assert "甲乙丙" in squeezed("".join(part(odt(plain), "content.xml").itertext()))
    assert "甲乙丙" in pdf_text(pdf(plain))


# --- word processors ------------------------------------------------------------------------------
def test_tables_have_borders_and_heads_that_repeat(files):
    text = zipfile.ZipFile(io.BytesIO(files["odt"])).read("content.xml").decode()
    assert 'fo:border="none"' not in text.split("<office:body>")[0]
    assert "<table:table-header-rows>" in text
    word = part(files["docx"], "word/document.xml")
    assert any(True for _ in word.iter(f"{WORD}tblHeader"))
    styles = zipfile.ZipFile(io.BytesIO(files["docx"])).read("word/styles.xml").decode()
    assert "tblBorders" in styles and "Noto Serif TC" in styles


def test_chapters_are_numbered_by_the_word_processor(files):
    numbering = zipfile.ZipFile(io.BytesIO(files["docx"])).read("word/numbering.xml").decode()
    assert "taiwaneseCountingThousand" in numbering
    styles = zipfile.ZipFile(io.BytesIO(files["odt"])).read("styles.xml").decode()
    assert 'style:num-format="一, 二, 三, ..."' in styles


def test_the_fonts_of_rare_characters_travel_with_the_document(files):
    with zipfile.ZipFile(io.BytesIO(files["odt"])) as packed:
        font = TTFont(io.BytesIO(packed.read("Fonts/TW-Sung-Ext-B.ttf")))
        assert b"Fonts/TW-Sung-Ext-B.ttf" in packed.read("META-INF/manifest.xml")
    assert set(font.getBestCmap()) == {ord("𡍼")}
    with zipfile.ZipFile(io.BytesIO(files["docx"])) as packed:
        veiled = packed.read("word/fonts/font1.odttf")
        table = packed.read("word/fontTable.xml").decode()
    key = uuid.UUID(re.search(r'fontKey="{([0-9A-F-]+)}"', table)[1]).bytes[::-1] * 2
    bare = bytes(one ^ other for one, other in zip(veiled[:32], key, strict=True)) + veiled[32:]
    assert set(TTFont(io.BytesIO(bare)).getBestCmap()) == {ord("𡍼")}
    plain = Content("甲", "乙", (), "2024-01-01", (Paragraph("沒有罕用字"),)).plain()
    for made in (odt(plain), docx(plain)):
        names = zipfile.ZipFile(io.BytesIO(made)).namelist()
        assert not [name for name in names if "ttf" in name]


@pytest.mark.parametrize("form", ["odt", "docx", "ods"])
def test_libreoffice_opens_it(form, tmp_path):
    office = shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not installed, so it cannot be asked to open the documents.")
    make = content.figures if form == "ods" else content.main_volume
    (tmp_path / f"main.{form}").write_bytes(render(make(world.material()).plain(), form))
    subprocess.run(
        [
            office, "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / f"main.{form}"),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    text = squeezed("".join(page.extract_text() for page in PdfReader(tmp_path / "main.pdf").pages))
    if form == "ods":
        assert "87.5" in text
    else:
        assert "一、摘要" in text and "培訓人次" in text
        assert "主持人𡍼堃犇" in text
        assert b"TW-Sung-Ext-B" in (tmp_path / "main.pdf").read_bytes()


# --- charts ---------------------------------------------------------------------------------------
def test_charts_have_the_colours_of_the_screen():
    css = Path(settings.BASE_DIR, "static/css/theme.css").read_text()
    light = css.split("@media", 1)[0]
    names = {"far_behind": "far", "behind": "behind", "on_track": "on", "ahead": "ahead",
             "done": "done", "not_due": "notdue", "stopped": "stopped"}  # fmt: skip

    def token(name: str) -> str:
        value = re.search(rf"--{name}:\s*(#[0-9a-f]+)", light)[1]
        return value if len(value) == 7 else "#" + "".join(char * 2 for char in value[1:])

    for code, name in names.items():
        cell, shape, _marker = charts.LIGHTS[code]
        assert (cell, shape) == (token(f"{name}-f"), token(f"{name}-g"))
    assert token("accent") == charts.ACCENT


# --- other documents ------------------------------------------------------------------------------
def test_the_annex_holds_every_report_in_full():
    told = world.material(length=500)
    plain = content.annex(told).plain()
    text = squeezed("".join(row for row in _said(plain)))
    for line in told.lines:
        assert line.digest in text
        if "state" not in line.content:
            assert squeezed(line.content["work_done"]) in text
            assert squeezed(line.content["next_steps"]) in text
    assert "逾期未交" in text
    # A document travels: only what is marked public is named.
    assert "成果報告" in text and "內部簽呈" not in text


def test_the_dossier_holds_the_experts_measures_and_nothing_else():
    told = world.material()
    expert = {"name": "王犇", "affiliation": "某大學"}
    text = "".join(_said(content.dossier(told, expert, ["1.1.1.1"]).plain()))
    assert "1.1.1.1" in text and "1.1.1.2" not in text
    assert "規模足夠" not in text


def _said(plain: dict):
    for block in plain["blocks"]:
        if block["kind"] == "heading":
            yield block["text"]
        for runs in [block["line"]] if block["kind"] == "paragraph" else []:
            yield "".join(run[0] for run in runs)
        if block["kind"] == "pairs":
            for name, runs in block["rows"]:
                yield name + "".join(run[0] for run in runs)
        if block["kind"] == "table":
            for row in block["rows"]:
                for runs in row:
                    yield "".join(run[0] for run in runs)
