"""Make `reference.odt` and `reference.docx`, from which pandoc takes styles, borders and footers.

    python -m reports.documents.making.reference

Begins with pandoc's own and changes paper, fonts, headings (chapters numbered 一、二、…), tables
and footers. A style that pandoc renames makes this stop with a KeyError, not pass over it.
"""

from pathlib import Path

from reports.documents.making.docx import docx
from reports.documents.making.odt import odt
from reports.documents.making.parts import write

HERE = Path(__file__).resolve().parents[1]


if __name__ == "__main__":
    write(HERE / "reference.odt", odt())
    write(HERE / "reference.docx", docx())
