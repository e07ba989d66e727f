"""PDF/UA-1 by Typst: tagged, with bookmarks, page numbers and a text layer, in our fonts only.

Setting runs in a process of its own: a volume of 2,000 pages takes some 2 GB, which a worker that
lives on would never give back.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from config.kit import glyphs

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


def shown(characters: Iterable[str]) -> Callable[[str], str]:
    """How a text of these characters is shown: one that no font draws as its code, 〔U+2B739〕, and
    a long word so that it can break.
    """
    codes = {ord(char): f"〔U+{ord(char):04X}〕" for char in glyphs.missing_glyphs(characters)}
    return lambda text: _LONG_WORD.sub(_with_breaks, text.translate(codes) if codes else text)


def typeset(
    template: Path, data: object, *, at: datetime, files: Mapping[str, bytes] | None = None
) -> bytes:
    """The PDF that the template makes of `data.json`, with these files beside it, dated `at`.

    What the data say was `shown` before. Raises subprocess.CalledProcessError with Typst's words
    where it can't be set.
    """
    text = json.dumps(data, ensure_ascii=False)
    fonts = [str(glyphs.NOTO)]
    if glyphs.needs_fallback(text):
        fonts.append(str(glyphs.fallback_fonts()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in (files or {}).items():
            (folder / file).write_bytes(content)
        (folder / "data.json").write_text(text, encoding="utf-8")
        (folder / "main.typ").write_bytes(template.read_bytes())
        subprocess.run(
            [sys.executable, "-c", _TYPESET, name, str(int(at.timestamp())), *fonts],
            check=True, capture_output=True, timeout=SECONDS,
        )  # fmt: skip
        return (folder / "out.pdf").read_bytes()


def _with_breaks(word: re.Match[str]) -> str:
    return word[0] if _DIGEST.fullmatch(word[0]) else _EIGHT.sub("\\g<0>\u200b", word[0])
