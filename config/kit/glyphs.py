"""Which characters our document fonts can draw, so that none becomes an empty box unnoticed.

Body and headings are set in Noto Sans TC and Noto Serif TC from a package; what these lack comes
from a part of 全字庫's TW-Sung in `static/fonts` (see the README there). Forms ask this module when
a text is typed, documents when they are made.
"""

import logging
import os
import tempfile
import unicodedata
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

import pylopdf_fonts_zh_tw
from django.conf import settings
from fontTools import subset
from fontTools.ttLib import TTFont

NOTO = Path(pylopdf_fonts_zh_tw.__file__).parent
SANS, SERIF = NOTO / "NotoSansTC-Regular.otf", NOTO / "NotoSerifTC-Regular.otf"
# Shaping marks and blanks have no picture of their own.
_SILENT = {"Cc", "Cf", "Zs", "Zl", "Zp"}


def missing_glyphs(text: str | Iterable[str]) -> str:
    """Characters of the text, each once and in the order of their code, that no font of ours draws.

    Control and format characters, blanks and variation selectors need no picture and never count.
    """
    wanted = set(text) if isinstance(text, str) else set().union(*map(set, text))
    return "".join(sorted(char for char in wanted - _ascii() if not _drawn(char)))


def needs_fallback(text: Iterable[str]) -> bool:
    """Whether any of these characters is drawn by the fallback fonts only."""
    return bool(fallback_families(text))


def fallback_families(text: Iterable[str]) -> dict[str, str]:
    """Character → the family of the fallback font that draws it, for those that Noto lacks."""
    found = {}
    for char in set(text):
        if ord(char) not in _noto():
            for family, codes in _fallback_codes().items():
                if ord(char) in codes:
                    found[char] = family
                    break
    return found


def fallback_part(family: str, characters: str) -> bytes:
    """A TrueType font with these characters of a fallback family, to be embedded in a document."""
    source = next(path for path in fallback_fonts().glob("*.ttf") if _family(path) == family)
    options = subset.Options(layout_features=[], notdef_outline=True, recalc_timestamp=False)
    font = subset.load_font(str(source), options)
    maker = subset.Subsetter(options)
    maker.populate(text=characters)
    maker.subset(font)
    file = BytesIO()
    subset.save_font(font, file, options)
    return file.getvalue()


def fallback_fonts() -> Path:
    """Folder with the fallback fonts unpacked; unpacked once per machine and file (some seconds).

    Written aside and renamed, so that two processes can't read each other's half.
    """
    folder = settings.VAR_DIR / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    for packed in _packed():
        known = packed.stat()
        unpacked = folder / f"{packed.stem}-{known.st_size}.ttf"
        if unpacked.exists():
            continue
        font = TTFont(packed)
        font.flavor = None
        handle, aside = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            font.save(file)
        os.replace(aside, unpacked)
    return folder


def _packed() -> list[Path]:
    return sorted((settings.BASE_DIR / "static" / "fonts").glob("*.woff2"))


@cache
def _ascii() -> frozenset[str]:
    return frozenset(map(chr, range(128)))


def _drawn(char: str) -> bool:
    code = ord(char)
    if code in _noto() or unicodedata.category(char) in _SILENT:
        return True
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return True
    return code in _fallback()


@cache
def _noto() -> frozenset[int]:
    """Codes in both fonts: a heading must be drawn as well as a text."""
    return frozenset(_codes(SANS) & _codes(SERIF))


@cache
def _fallback() -> frozenset[int]:
    return frozenset().union(*_fallback_codes().values())


@cache
def _fallback_codes() -> dict[str, set[int]]:
    return {_family(path): _codes(path) for path in _packed()}


def _family(path: Path) -> str:
    with TTFont(path, lazy=True) as font:
        return font["name"].getDebugName(1)


def _codes(path: Path) -> set[int]:
    # fontTools warns of glyph names, which nobody needs here.
    logging.getLogger("fontTools.ttLib.tables._p_o_s_t").setLevel(logging.ERROR)
    with TTFont(path, lazy=True) as font:
        return set(font.getBestCmap())
