"""What pandoc can't do itself: borders of cells in ODT, and fonts that travel with the document."""

import hashlib
import re
import uuid
import zipfile
from io import BytesIO
from itertools import groupby

from config.kit import glyphs
from reports.documents import blocks

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# pandoc gives cells no border in ODT and leaves no style to do it with.
_ODT_CELLS = {
    "TableHeaderRowCell": (
        'fo:padding="1.2mm" fo:background-color="#f4f4f1" fo:border-left="none"'
        ' fo:border-right="none" fo:border-top="0.8pt solid #454b52"'
        ' fo:border-bottom="0.8pt solid #454b52"'
    ),
    "TableRowCell": (
        'fo:padding="1.2mm" fo:border-left="none" fo:border-right="none" fo:border-top="none"'
        ' fo:border-bottom="0.4pt solid #c9cbcc"'
    ),
}


def with_fonts(node, families: dict[str, str]):
    """The tree with each rare character in a style that names its font; without, a program that
    has no font for it shows an empty box.
    """
    if isinstance(node, dict):
        return {name: with_fonts(value, families) for name, value in node.items()}
    if not isinstance(node, list):
        return node
    found = []
    for one in node:
        if (
            isinstance(one, dict)
            and one.get("t") == "Str"
            and not families.keys().isdisjoint(one["c"])
        ):
            for family, letters in groupby(one["c"], key=families.get):
                told = {"t": "Str", "c": "".join(letters)}
                style = ["", [], [["custom-style", family]]]
                found.append({"t": "Span", "c": [style, [told]]} if family else told)
        else:
            found.append(with_fonts(one, families))
    return found


def _rare_letters(plain: dict) -> dict[str, str]:
    """Family of a fallback font → the characters of the content that it draws."""
    letters: dict[str, str] = {}
    for char, family in sorted(glyphs.fallback_families(blocks.characters(plain)).items()):
        letters[family] = letters.get(family, "") + char
    return letters


def completed_odt(made: bytes, plain: dict) -> bytes:
    """The ODT with borders on its cells, and with the fonts of its rare characters inside."""
    letters = _rare_letters(plain)
    fonts = {family: f"Fonts/{family}.ttf" for family in sorted(letters)}
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(made)) as source, zipfile.ZipFile(target, "w") as packed:
        for info in source.infolist():
            content = source.read(info)
            if info.filename in ("content.xml", "styles.xml"):
                text = content.decode()
                if info.filename == "content.xml":
                    text = _with_borders(text)
                content = _with_faces(text, fonts).encode()
            elif info.filename == "META-INF/manifest.xml":
                entries = "".join(
                    f'<manifest:file-entry manifest:full-path="{path}"'
                    ' manifest:media-type="application/x-font-ttf"/>'
                    for path in fonts.values()
                )
                content = content.replace(
                    b"</manifest:manifest>", f"{entries}</manifest:manifest>".encode()
                )
            packed.writestr(info, content)
        for family, path in fonts.items():
            info = zipfile.ZipInfo(path, source.infolist()[0].date_time)
            packed.writestr(info, glyphs.fallback_part(family, letters[family]))
    return target.getvalue()


def _with_faces(text: str, fonts: dict[str, str]) -> str:
    """Font faces that lie in the package instead of on the reader's machine."""
    for family, path in fonts.items():
        text = re.sub(rf'<style:font-face style:name="{family}"[^>]*/>', "", text)
        face = (
            f'<style:font-face style:name="{family}" svg:font-family="\'{family}\'">'
            f'<svg:font-face-src><svg:font-face-uri xlink:href="{path}" xlink:type="simple">'
            '<svg:font-face-format svg:string="truetype"/></svg:font-face-uri>'
            "</svg:font-face-src></style:font-face>"
        )
        text = text.replace("</office:font-face-decls>", f"{face}</office:font-face-decls>", 1)
    return text


def completed_docx(made: bytes, plain: dict) -> bytes:
    """The DOCX with the fonts of its rare characters inside, veiled as the format wants it: the
    first 32 bytes are XORed with a key that stands beside (ECMA-376, part 4, 2.8.1).
    """
    letters = _rare_letters(plain)
    if not letters:
        return made
    fonts, relations, files = "", "", {}
    for place, (family, characters) in enumerate(sorted(letters.items()), start=1):
        font = glyphs.fallback_part(family, characters)
        key = uuid.UUID(bytes=hashlib.sha256(font).digest()[:16])
        veil = key.bytes[::-1] * 2
        head = bytes(one ^ other for one, other in zip(font[:32], veil, strict=True))
        files[f"word/fonts/font{place}.odttf"] = head + font[32:]
        fonts += (
            f'<w:font w:name="{family}"><w:embedRegular r:id="rId{place}"'
            f' w:fontKey="{{{str(key).upper()}}}"/></w:font>'
        )
        relations += (
            f'<Relationship Id="rId{place}" Type="{_RELATION}/font"'
            f' Target="fonts/font{place}.odttf"/>'
        )
    files["word/_rels/fontTable.xml.rels"] = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns='
        f'"http://schemas.openxmlformats.org/package/2006/relationships">{relations}'
        "</Relationships>"
    ).encode()
    changes = {
        "word/fontTable.xml": ("</w:fonts>", f"{fonts}</w:fonts>"),
        "word/settings.xml": (
            "<w:embedSystemFonts",
            "<w:embedTrueTypeFonts/><w:embedSystemFonts",
        ),
        "[Content_Types].xml": (
            "</Types>",
            '<Default Extension="odttf" ContentType="application/vnd.openxmlformats-officedocument'
            '.obfuscatedFont"/></Types>',
        ),
    }
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(made)) as source, zipfile.ZipFile(target, "w") as packed:
        for info in source.infolist():
            content = source.read(info)
            if info.filename in changes:
                text = content.decode()
                if info.filename == "word/fontTable.xml" and "xmlns:r=" not in text:
                    text = text.replace("<w:fonts", f'<w:fonts xmlns:r="{_RELATION}"', 1)
                content = text.replace(*changes[info.filename], 1).encode()
            packed.writestr(info, content)
        for path, content in files.items():
            packed.writestr(zipfile.ZipInfo(path, source.infolist()[0].date_time), content)
    return target.getvalue()


def _with_borders(text: str) -> str:
    for name, told in _ODT_CELLS.items():
        start = text.find(f'style:name="{name}"')
        if start < 0:
            continue
        old = '<style:table-cell-properties fo:border="none" />'
        place = text.index(old, start)
        text = f"{text[:place]}<style:table-cell-properties {told}/>{text[place + len(old) :]}"
    return text
