"""What both reference documents share: fonts, colours and sizes, and how a packed one is mended."""

import re
import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypandoc

SANS, SERIF = "Noto Sans TC", "Noto Serif TC"
# Rare characters name their font: the character styles bear the names of the families.
RARE = ("TW-Sung", "TW-Sung-Ext-B")
INK, INK_2, RULE, WASH, ACCENT = "17191c", "454b52", "dcdcd7", "f4f4f1", "0b4f8f"
# Size in points, space before and after, colour: of headings 1 to 5.
HEADINGS = [
    (20, 0, 14, INK), (16, 18, 7, INK), (13.5, 16, 6, INK), (12, 14, 5, INK), (11, 14, 5, ACCENT)
]  # fmt: skip
STAMP = (2021, 1, 1, 0, 0, 0)


def pandoc_default(name: str) -> dict[str, bytes]:
    """The parts of a reference document as pandoc ships it, in their order."""
    told = subprocess.run(
        [pypandoc.get_pandoc_path(), "--print-default-data-file", name],
        check=True, capture_output=True,
    )  # fmt: skip
    with zipfile.ZipFile(BytesIO(told.stdout)) as packed:
        return {info.filename: packed.read(info) for info in packed.infolist()}


def write(path: Path, parts: dict[str, bytes]) -> None:
    """A zip of these parts, the same bytes every time; an ODF's type stands first, unpacked."""
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in sorted(parts.items(), key=lambda part: part[0] != "mimetype"):
            info = zipfile.ZipInfo(name, STAMP)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            packed.writestr(info, content)


def swap(text: str, pattern: str, new: str | Callable[[re.Match], str]) -> str:
    """The text with the one match replaced; KeyError where there is none."""
    changed, count = re.subn(
        pattern, new if callable(new) else lambda _match: new, text, count=1, flags=re.DOTALL
    )
    if not count:
        raise KeyError(pattern)
    return changed
