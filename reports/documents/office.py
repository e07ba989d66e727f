"""ODT and DOCX by pandoc, from its own document tree, with the reference documents beside this."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pypandoc

from config.kit import glyphs
from reports.documents import blocks, charts
from reports.documents.package import completed_docx, completed_odt, with_fonts

HERE = Path(__file__).parent
SECONDS = 600
_API = [1, 23, 1]
_STYLES = {"label": "Label", "note": "Note", "empty": "Empty"}
_MARKS = {"del": "Strikeout", "ins": "Underline"}
_NUMBERS = "一二三四五六七八九十"


def odt(plain: dict) -> bytes:
    """The content as OpenDocument text. CalledProcessError where pandoc refuses it."""
    return completed_odt(_convert(plain, "odt"), plain)


def docx(plain: dict) -> bytes:
    """The content for Word. CalledProcessError where pandoc refuses it."""
    return completed_docx(_convert(plain, "docx"), plain)


def _convert(plain: dict, form: str) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = {
            "pandoc-api-version": _API,
            "meta": {
                "title": _meta(plain["title"]),
                "subtitle": _meta(plain["subtitle"]),
                "lang": {"t": "MetaString", "c": "zh-TW"},
            },
            "blocks": list(_Tree(plain, form, folder).blocks()),
        }
        if families := glyphs.fallback_families(blocks.characters(plain)):
            tree = with_fonts(tree, families)
        (folder / "tree.json").write_text(json.dumps(tree, ensure_ascii=False))
        day = datetime.fromisoformat(plain["day"]).replace(tzinfo=UTC)
        subprocess.run(
            [
                pypandoc.get_pandoc_path(), "--from=json", f"--to={form}", "--sandbox=false",
                f"--reference-doc={HERE / f'reference.{form}'}", f"--output=out.{form}",
                "tree.json",
            ],
            cwd=folder, check=True, capture_output=True, timeout=SECONDS,
            # Equal content, equal bytes.
            env={**os.environ, "SOURCE_DATE_EPOCH": str(int(day.timestamp()))},
        )  # fmt: skip
        return (folder / f"out.{form}").read_bytes()


def _meta(text: str) -> dict:
    return {"t": "MetaInlines", "c": [{"t": "Str", "c": text}]}


class _Tree:
    """Blocks of a content as pandoc's; every heading is named h1, h2, … for the contents."""

    def __init__(self, plain: dict, form: str, folder: Path) -> None:
        self.plain, self.form, self.folder = plain, form, folder
        self.headings = [block for block in plain["blocks"] if block["kind"] == "heading"]
        self.names = {id(block): f"h{place}" for place, block in enumerate(self.headings, start=1)}

    def blocks(self) -> Iterator[dict]:
        cover = [[name, _text(value)] for name, value in self.plain["cover"]]
        yield from self.pairs({"rows": cover})
        for block in self.plain["blocks"]:
            yield from getattr(self, block["kind"])(block)

    def heading(self, block: dict) -> Iterator[dict]:
        told = _inlines(_text(block["text"]))
        if block["anchor"]:
            told = [_span(block["anchor"], told)]
        yield {"t": "Header", "c": [block["level"], _attr(self.names[id(block)]), told]}

    def paragraph(self, block: dict) -> Iterator[dict]:
        told = {"t": "Para", "c": _inlines(block["line"])}
        style = _STYLES.get(block["style"])
        yield _styled(style, told) if style else told

    def table(self, block: dict) -> Iterator[dict]:
        columns = block["columns"]
        whole = sum(width for _label, width, _align in columns)
        head = [_cell(_text(label)) for label, _width, _align in columns]
        rows = []
        for row, anchor in zip(block["rows"], block["anchors"], strict=True):
            cells = [_cell(runs) for runs in row]
            if anchor:
                cells[0] = _cell(row[0], anchor)
            rows.append(_row(cells))
        yield _table(
            block["caption"],
            [
                [{"t": "AlignRight" if align == "right" else "AlignLeft"}, _width(width / whole)]
                for _label, width, align in columns
            ],
            [_row(head)],
            rows,
        )

    def pairs(self, block: dict) -> Iterator[dict]:
        left = {"t": "AlignLeft"}
        yield _table(
            "",
            [[left, _width(0.2)], [left, _width(0.8)]],
            [],
            [_row([_cell(_text(name)), _cell(runs)]) for name, runs in block["rows"]],
        )

    def figure(self, block: dict) -> Iterator[dict]:
        # SVG goes blank in Word.
        name = f"figure-{len(list(self.folder.glob('*.png')))}.png"
        (self.folder / name).write_bytes(charts.draw(block["figure"], block["data"], "png"))
        yield _styled("Table Caption" if self.form == "docx" else "Caption",
                      {"t": "Para", "c": _inlines(_text(block["caption"]))})  # fmt: skip
        size = ["", [], [["width", "100%"]]]
        told = _inlines(_text(block["words"]))
        yield {"t": "Para", "c": [{"t": "Image", "c": [size, told, [name, block["caption"]]]}]}

    def contents(self, block: dict) -> Iterator[dict]:
        yield _styled("ContentsTitle", {"t": "Para", "c": _inlines(_text("目次"))})
        entries = []
        chapter = 0
        for heading in self.headings:
            text = heading["text"]
            if heading["level"] == 1:
                chapter += 1
                text = f"{_chapter(chapter)}、{text}"
            if heading["level"] <= block["depth"]:
                entries.append((heading["level"], text, self.names[id(heading)]))
        if self.form == "odt":
            yield {"t": "RawBlock", "c": ["opendocument", _odt_contents(entries, block["depth"])]}
        else:
            yield {"t": "RawBlock", "c": ["openxml", _docx_contents(entries, block["depth"])]}


def _chapter(number: int) -> str:
    """一 … 九十九, as the chapters are numbered."""
    tens, ones = divmod(number, 10)
    if number <= 10:
        return _NUMBERS[number - 1]
    return ("" if tens == 1 else _NUMBERS[tens - 1]) + "十" + (_NUMBERS[ones - 1] if ones else "")


# --- pandoc's tree --------------------------------------------------------------------------------
def _attr(name: str = "") -> list:
    return [name, [], []]


def _inlines(runs: list[list[str]]) -> list[dict]:
    """Whole texts as they are: blanks inside a string stay, and only line feeds break."""
    found: list[dict] = []
    for text, to, mark in runs:
        told: list[dict] = []
        for place, line in enumerate(text.split("\n")):
            if place:
                told.append({"t": "LineBreak"})
            if line:
                told.append({"t": "Str", "c": line})
        if to:
            told = [{"t": "Link", "c": [_attr(), told, [f"#{to}", ""]]}]
        elif mark:
            told = [{"t": _MARKS[mark], "c": told}]
        found += told
    return found


def _text(text: str) -> list[list[str]]:
    """A line of one plain piece."""
    return [[text, "", ""]]


def _span(name: str, told: list[dict]) -> dict:
    return {"t": "Span", "c": [_attr(name), told]}


def _styled(style: str, block: dict) -> dict:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], [block]]}


def _cell(runs: list[list[str]], anchor: str = "") -> list:
    told = _inlines(runs)
    if anchor:
        told = [_span(anchor, told)]
    return [_attr(), {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": told}]]


def _row(cells: list) -> list:
    return [_attr(), cells]


def _width(share: float) -> dict:
    return {"t": "ColWidth", "c": round(share, 4)}


def _table(caption: str, columns: list, head: list, rows: list) -> dict:
    told = [{"t": "Plain", "c": _inlines(_text(caption))}] if caption else []
    return {
        "t": "Table",
        "c": [
            _attr(),
            [None, told],
            columns,
            [_attr(), head],
            [[_attr(), 0, [], rows]],
            [_attr(), []],
        ],
    }


# --- contents -------------------------------------------------------------------------------------
def _odt_contents(entries: list[tuple[int, str, str]], depth: int) -> str:
    lines = "".join(
        f'<text:p text:style-name="Contents_20_{level}"><text:a xlink:type="simple"'
        f' xlink:href="#{name}">{escape(text)}</text:a><text:tab/>'
        f'<text:bookmark-ref text:reference-format="page" text:ref-name="{name}"/></text:p>'
        for level, text, name in entries
    )
    return (
        '<text:table-of-content text:name="目次" text:protected="false">'
        f'<text:table-of-content-source text:outline-level="{depth}"/>'
        f"<text:index-body>{lines}</text:index-body></text:table-of-content>"
    )


def _docx_contents(entries: list[tuple[int, str, str]], depth: int) -> str:
    """A field that Word can refresh, filled in already, since Word doesn't do so by itself."""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">'
        f' TOC \\o "1-{depth}" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    lines = []
    for place, (level, text, name) in enumerate(entries):
        lines.append(
            f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{begin if not place else ""}'
            f"<w:hyperlink w:anchor={quoteattr(name)}><w:r><w:t>{escape(text)}</w:t></w:r>"
            '<w:r><w:tab/></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            f'<w:r><w:instrText xml:space="preserve"> PAGEREF {name} \\h </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t> </w:t></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:hyperlink>'
            f"{end if place == len(entries) - 1 else ''}</w:p>"
        )
    return "".join(lines)
