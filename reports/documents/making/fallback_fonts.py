"""Make `static/fonts`: of 全字庫's TW-Sung the personal names of CNS 11643 plane 15.

    python -m reports.documents.making.fallback_fonts FOLDER

FOLDER holds TW-Sung-98_1.ttf and TW-Sung-Ext-B-98_1.ttf (Debian's fonts-cns11643-sung puts them
into /usr/share/fonts/truetype/cns11643). Plane 15 is what the household registration added for
names; `iconv` knows it by EUC-TW. What Noto draws already is left out.
"""

import subprocess
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from config.kit.glyphs import SANS, SERIF

PLANE = 15
SOURCES = {
    "TW-Sung-98_1.ttf": "tw-sung-names",
    "TW-Sung-Ext-B-98_1.ttf": "tw-sung-ext-b-names",
}
TARGET = Path(__file__).resolve().parents[3] / "static" / "fonts"


def plane(number: int) -> set[int]:
    """Unicode codes of a plane of CNS 11643, as far as `iconv` maps them."""
    cells = range(0xA1, 0xFF)
    lead = bytes([0x8E, 0xA0 + number])
    codes = b"\n".join(lead + bytes([row, column]) for row in cells for column in cells)
    told = subprocess.run(
        ["iconv", "-c", "-f", "EUC-TW", "-t", "UTF-8"],
        input=codes, capture_output=True, check=False,
    )  # fmt: skip
    return {ord(line) for line in told.stdout.decode().split("\n") if len(line) == 1}


def main(folder: Path) -> None:
    drawn = set().union(*(TTFont(path, lazy=True).getBestCmap() for path in (SANS, SERIF)))
    wanted = plane(PLANE) - drawn
    options = subset.Options(
        hinting=False, layout_features=[], glyph_names=False, name_IDs=["*"], flavor="woff2"
    )
    options.drop_tables += ["vhea", "vmtx", "FFTM"]
    for source, name in SOURCES.items():
        font = subset.load_font(str(folder / source), options)
        maker = subset.Subsetter(options)
        maker.populate(unicodes=wanted)
        maker.subset(font)
        subset.save_font(font, str(TARGET / f"{name}.woff2"), options)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
