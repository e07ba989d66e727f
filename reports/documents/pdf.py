"""PDF/UA-1 by Typst: tagged, with bookmarks, page numbers and a text layer, in our fonts only.

Setting runs in a process of its own: a volume of 2,000 pages takes some 2 GB, which a worker that
lives on would never give back.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from config.kit import glyphs
from reports.documents import blocks, charts

TEMPLATE = Path(__file__).with_name("template.typ")
SECONDS = 600
# A word without a place to break would leave its column: it may break after eight letters. A digest
# has its room, and must be copied whole.
_LONG_WORD = re.compile(r"[!-~]{40,}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_EIGHT = re.compile(r".{8}(?=.)")
_TYPESET = """
import sys, typst
folder, stamp, *fonts = sys.argv[1:]
typst.compile(
    f"{folder}/main.typ", f"{folder}/out.pdf", root=folder, format="pdf",
    font_paths=typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=fonts
    ),
    ignore_system_fonts=True, pdf_standards="ua-1", timestamp=int(stamp),
)
"""


def pdf(plain: dict) -> bytes:
    """The content as PDF. A character that no font draws is shown as its code: 〔U+2B739〕.

    Raises subprocess.CalledProcessError with Typst's words where it can't be set.
    """
    characters = blocks.characters(plain)
    codes = {ord(char): f"〔U+{ord(char):04X}〕" for char in glyphs.missing_glyphs(characters)}
    fonts = [str(glyphs.NOTO)]
    if glyphs.needs_fallback(characters):
        fonts.append(str(glyphs.fallback_fonts()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shown = _shown(plain, lambda text: _breakable(text.translate(codes) if codes else text))
        shown["blocks"] = [*_with_files(shown["blocks"], folder)]
        (folder / "data.json").write_text(json.dumps(shown, ensure_ascii=False))
        (folder / "main.typ").write_text(TEMPLATE.read_text())
        day = datetime.fromisoformat(plain["day"]).replace(tzinfo=UTC)
        subprocess.run(
            [sys.executable, "-c", _TYPESET, name, str(int(day.timestamp())), *fonts],
            check=True, capture_output=True, timeout=SECONDS,
        )  # fmt: skip
        return (folder / "out.pdf").read_bytes()


def _with_files(found: list[dict], folder: Path) -> Iterator[dict]:
    """The blocks with their figures drawn, and with the headings that begin a page (`fresh`): goals
    beneath a chapter, but for the first.
    """
    goals = 0
    for place, block in enumerate(found):
        if block["kind"] == "heading":
            goals = 0 if block["level"] == 1 else goals
            goal = block["level"] == 2 and block["anchor"].startswith("n-goal-")
            block = {**block, "fresh": goal and goals > 0}
            goals += goal
        if block["kind"] == "figure":
            name = f"figure-{place}.svg"
            (folder / name).write_bytes(charts.draw(block["figure"], block["data"], "svg"))
            block = {**block, "file": name}
        yield block


def _breakable(text: str) -> str:
    return _LONG_WORD.sub(_with_breaks, text)


def _with_breaks(word: re.Match[str]) -> str:
    return word[0] if _DIGEST.fullmatch(word[0]) else _EIGHT.sub("\\g<0>\u200b", word[0])


def _shown(plain: dict, change: Callable[[str], str]) -> dict:
    """The content with every text changed that a reader sees; names within the document stay."""

    def line(runs: list) -> list:
        return [[change(text), *rest] for text, *rest in runs]

    def block(one: dict) -> dict:
        match one["kind"]:
            case "heading":
                return {**one, "text": change(one["text"])}
            case "paragraph":
                return {**one, "line": line(one["line"])}
            case "pairs":
                return {**one, "rows": [[change(name), line(runs)] for name, runs in one["rows"]]}
            case "table":
                return {
                    **one,
                    "caption": change(one["caption"]),
                    "columns": [[change(label), *rest] for label, *rest in one["columns"]],
                    "rows": [[line(runs) for runs in row] for row in one["rows"]],
                }
            case "figure":
                return {**one, "caption": change(one["caption"]), "words": change(one["words"])}
        return one

    return {
        **plain,
        "title": change(plain["title"]),
        "subtitle": change(plain["subtitle"]),
        "cover": [[name, change(value)] for name, value in plain["cover"]],
        "blocks": [block(one) for one in plain["blocks"]],
    }
