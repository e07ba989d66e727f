"""Make `reference.odt` and `reference.docx`, from which pandoc takes styles, borders and footers.

    python -m reports.documents.making.reference

Begins with pandoc's own and changes paper, fonts, headings (chapters numbered 一、二、…), tables
and footers. A style that pandoc renames makes this stop with a KeyError, not pass over it.
"""

import re
import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypandoc

HERE = Path(__file__).resolve().parents[1]
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


# --- ODT ------------------------------------------------------------------------------------------
def odt() -> dict[str, bytes]:
    parts = pandoc_default("reference.odt")
    styles = parts["styles.xml"].decode()
    faces = "".join(
        f'<style:font-face style:name="{name}" svg:font-family="\'{name}\'"'
        ' style:font-family-generic="system" style:font-pitch="variable"/>'
        for name in (SANS, SERIF, *RARE)
    )
    styles = swap(styles, r"</office:font-face-decls>", f"{faces}</office:font-face-decls>")
    styles = swap(
        styles,
        r'(<style:default-style style:family="paragraph">).*?</style:default-style>',
        lambda match: (
            f'{match[1]}<style:paragraph-properties style:text-autospace="ideograph-alpha"'
            ' style:punctuation-wrap="hanging" style:line-break="strict"'
            ' style:tab-stop-distance="2em" fo:line-height="150%"/>'
            f"<style:text-properties {_odf_font(SANS, 10.5, INK)}"
            ' fo:language="en" fo:country="US" style:language-asian="zh"'
            ' style:country-asian="TW"/></style:default-style>'
        ),
    )
    made = {
        "Heading": _odf_style("Heading", "", _odf_font(SERIF, 14, INK), parent="Standard"),
        "Text_20_body": _odf_style(
            "Text_20_body",
            'fo:margin-top="0pt" fo:margin-bottom="7pt" fo:text-align="justify"',
            parent="Standard",
        ),
        "Table_20_Contents": _odf_style(
            "Table_20_Contents", 'fo:line-height="130%"', _odf_font(SANS, 9, INK), parent="Standard"
        ),
        "Table_20_Heading": _odf_style(
            "Table_20_Heading", 'fo:line-height="130%"', _odf_font(SANS, 9, INK), parent="Standard"
        ),
        "Caption": _odf_style(
            "Caption",
            'fo:margin-top="10pt" fo:margin-bottom="4pt" fo:keep-with-next="always"',
            _odf_font(SANS, 9, INK_2),
            parent="Standard",
        ),
        "Definition": (
            '<style:style style:name="Definition" style:family="text">'
            f'<style:text-properties fo:color="#{ACCENT}"/></style:style>'
        ),
    }
    for level, (size, before, after, colour) in enumerate(HEADINGS, start=1):
        paragraph = (
            f'fo:margin-top="{before}pt" fo:margin-bottom="{after}pt" fo:keep-with-next="always"'
            ' fo:line-height="130%"'
        )
        if level == 1:
            paragraph += (
                f' fo:break-before="page" fo:border-bottom="0.8pt solid #{INK_2}"'
                ' fo:padding-bottom="4pt"'
            )
        made[f"Heading_20_{level}"] = _odf_style(
            f"Heading_20_{level}", paragraph, _odf_font(SERIF, size, colour), "Heading", level
        )
    for name, style in made.items():
        pattern = rf'<style:style style:name="{name}"(?:[^>]*/>|.*?</style:style>)'
        styles = swap(styles, pattern, style)
    label = (
        'fo:margin-top="10pt" fo:margin-bottom="4pt" fo:keep-with-next="always"'
        ' fo:line-height="130%"'
    )
    added = [
        *(
            f'<style:style style:name="{name}" style:family="text"><style:text-properties'
            f' style:font-name="{name}" style:font-name-asian="{name}"/></style:style>'
            for name in RARE
        ),
        _odf_style("Title", 'fo:margin-top="5cm" fo:margin-bottom="8pt" fo:line-height="130%"',
                   _odf_font(SERIF, 27, INK), parent="Standard"),
        _odf_style("Subtitle", 'fo:margin-bottom="24pt"', _odf_font(SANS, 13, INK_2),
                   parent="Standard"),
        _odf_style("Label", label, _odf_font(SANS, 9.5, INK_2), parent="Standard"),
        _odf_style("Note", "", _odf_font(SANS, 9, INK_2), parent="Text_20_body"),
        _odf_style("Empty", "", _odf_font(SANS, 10.5, INK_2), parent="Text_20_body"),
        _odf_style("ContentsTitle", 'fo:break-before="page" fo:margin-bottom="10pt"',
                   _odf_font(SERIF, 16, INK), parent="Standard"),
        *(
            '<style:style style:name="Contents_20_' f'{level}" style:family="paragraph"'
            ' style:parent-style-name="Standard"><style:paragraph-properties'
            f' fo:margin-left="{(level - 1) * 12}pt" fo:line-height="140%"><style:tab-stops>'
            f'<style:tab-stop style:position="{166 - (level - 1) * 4.2:.1f}mm" style:type="right"'
            ' style:leader-style="dotted" style:leader-text="."/></style:tab-stops>'
            "</style:paragraph-properties></style:style>"
            for level in range(1, 5)
        ),
    ]  # fmt: skip
    for name in ("Title", "Subtitle"):
        styles = re.sub(
            rf'<style:style style:name="{name}"(?:[^>]*/>|.*?</style:style>)', "", styles,
            flags=re.DOTALL,
        )  # fmt: skip
    styles = swap(styles, r"<text:outline-style", "".join(added) + "<text:outline-style")
    styles = swap(
        styles,
        r'<text:outline-level-style text:level="1".*?</text:outline-level-style>',
        '<text:outline-level-style text:level="1" style:num-format="一, 二, 三, ..."'
        ' style:num-suffix="、"><style:list-level-properties'
        ' text:list-level-position-and-space-mode="label-alignment">'
        '<style:list-level-label-alignment text:label-followed-by="nothing"/>'
        "</style:list-level-properties></text:outline-level-style>",
    )
    styles = swap(
        styles,
        r"<style:page-layout-properties.*?>",
        '<style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm"'
        ' style:num-format="1" style:print-orientation="portrait" fo:margin-top="22mm"'
        ' fo:margin-bottom="15mm" fo:margin-left="22mm" fo:margin-right="22mm"'
        ' style:writing-mode="lr-tb" style:footnote-max-height="0mm">',
    )
    styles = swap(
        styles,
        r'(<style:style style:name="MP1".*?</style:style>)',
        _odf_style("MP1", 'fo:text-align="end"', _odf_font(SANS, 8.5, INK_2), parent="Footer"),
    )
    styles = swap(
        styles,
        r"</text:page-number>",
        "</text:page-number> / <text:page-count>1</text:page-count>",
    )
    parts["styles.xml"] = styles.encode()
    return parts


def _odf_font(name: str, size: float, colour: str) -> str:
    return (
        f'style:font-name="{name}" style:font-name-asian="{name}" fo:font-size="{size}pt"'
        f' style:font-size-asian="{size}pt" fo:font-weight="normal" fo:font-style="normal"'
        f' style:font-weight-asian="normal" style:font-style-asian="normal" fo:color="#{colour}"'
    )


def _odf_style(name: str, paragraph: str, text: str = "", parent: str = "", level: int = 0) -> str:
    outline = f' style:default-outline-level="{level}"' if level else ""
    shown = name.replace("_20_", " ")
    return (
        f'<style:style style:name="{name}" style:display-name="{shown}" style:family="paragraph"'
        f' style:parent-style-name="{parent}"{outline} style:class="text">'
        + (f"<style:paragraph-properties {paragraph}/>" if paragraph else "")
        + (f"<style:text-properties {text}/>" if text else "")
        + "</style:style>"
    )


# --- DOCX -----------------------------------------------------------------------------------------
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def docx() -> dict[str, bytes]:
    parts = pandoc_default("reference.docx")
    styles = parts["word/styles.xml"].decode()
    styles = swap(
        styles,
        r"<w:docDefaults>.*?</w:docDefaults>",
        f"<w:docDefaults><w:rPrDefault><w:rPr>{_word_font(SANS, 10.5, INK)}"
        '<w:lang w:val="en-US" w:eastAsia="zh-TW" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="0" w:line="324" w:lineRule="auto"/></w:pPr>'
        "</w:pPrDefault></w:docDefaults>",
    )
    body = '<w:spacing w:before="0" w:after="140"/><w:jc w:val="both"/>'
    cell = '<w:spacing w:before="20" w:after="20" w:line="280" w:lineRule="auto"/>'
    caption = '<w:keepNext/><w:spacing w:before="200" w:after="80"/>'
    styles = _word_style(styles, "BodyText", "Body Text", body)
    styles = _word_style(styles, "Compact", "Compact", cell, _word_font(SANS, 9, INK))
    styles = _word_style(styles, "Caption", "caption", caption, _word_font(SANS, 9, INK_2))
    styles = _word_style(styles, "TableCaption", "Table Caption", caption, parent="Caption")
    styles = _word_style(
        styles, "Title", "Title", '<w:spacing w:before="2800" w:after="160"/>',
        _word_font(SERIF, 27, INK),
    )  # fmt: skip
    styles = _word_style(
        styles, "Subtitle", "Subtitle", '<w:spacing w:after="480"/>', _word_font(SANS, 13, INK_2)
    )
    for level, (size, before, after, colour) in enumerate(HEADINGS, start=1):
        paragraph = "<w:keepNext/><w:keepLines/>"
        if level == 1:
            paragraph += (
                '<w:pageBreakBefore/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
                '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="4"'
                f' w:color="{INK_2}"/></w:pBdr>'
            )
        paragraph += (
            f'<w:spacing w:before="{before * 20:.0f}" w:after="{after * 20:.0f}"/>'
            f'<w:outlineLvl w:val="{level - 1}"/>'
        )
        styles = _word_style(
            styles,
            f"Heading{level}",
            f"heading {level}",
            paragraph,
            _word_font(SERIF, size, colour),
        )
    styles = swap(
        styles,
        r'<w:style [^>]*w:styleId="Table">.*?</w:style>',
        '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
        f"<w:tblBorders>{_edge('top', 6, INK_2)}{_edge('bottom', 6, INK_2)}"
        f"{_edge('insideH', 4, RULE)}</w:tblBorders><w:tblCellMar>"
        '<w:top w:w="40" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
        '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        '<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>'
        f"{_edge('bottom', 6, INK_2)}</w:tcBorders>"
        f'<w:shd w:val="clear" w:color="auto" w:fill="{WASH}"/></w:tcPr></w:tblStylePr></w:style>',
    )
    styles = swap(
        styles,
        r'<w:style [^>]*w:styleId="Hyperlink">.*?</w:style>',
        '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
        f'<w:rPr><w:color w:val="{ACCENT}"/></w:rPr></w:style>',
    )
    new = [
        *(
            f'<w:style w:type="character" w:customStyle="1" w:styleId="{name}">'
            f'<w:name w:val="{name}"/><w:rPr><w:rFonts w:ascii="{name}" w:hAnsi="{name}"'
            f' w:eastAsia="{name}"/></w:rPr></w:style>'
            for name in RARE
        ),
        _new_style("Label", '<w:keepNext/><w:spacing w:before="200" w:after="80"/>',
                   _word_font(SANS, 9.5, INK_2)),
        _new_style("Note", '<w:spacing w:after="80"/>', _word_font(SANS, 9, INK_2)),
        _new_style("Empty", '<w:spacing w:after="140"/>', _word_font(SANS, 10.5, INK_2)),
        _new_style("ContentsTitle", '<w:pageBreakBefore/><w:spacing w:after="200"/>',
                   _word_font(SERIF, 16, INK)),
        *(
            _new_style(
                f"TOC{level}",
                '<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9400"/></w:tabs>'
                f'<w:spacing w:after="40"/><w:ind w:left="{(level - 1) * 240}"/>',
                name=f"toc {level}",
            )
            for level in range(1, 5)
        ),
    ]  # fmt: skip
    styles = swap(styles, r"</w:styles>", "".join(new) + "</w:styles>")
    parts["word/styles.xml"] = styles.encode()
    numbering = parts["word/numbering.xml"].decode()
    numbering = swap(
        numbering,
        r"(<w:numbering[^>]*>)",
        lambda match: (
            f'{match[1]}<w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="multilevel"/>'
            '<w:lvl w:ilvl="0"><w:start w:val="1"/>'
            '<w:numFmt w:val="taiwaneseCountingThousand"/><w:pStyle w:val="Heading1"/>'
            '<w:suff w:val="nothing"/><w:lvlText w:val="%1、"/><w:lvlJc w:val="left"/></w:lvl>'
            "</w:abstractNum>"
        ),
    )
    numbering = swap(
        numbering,
        r"</w:numbering>",
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>',
    )
    parts["word/numbering.xml"] = _numbers_last(numbering).encode()
    parts["word/footer1.xml"] = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:pStyle w:val="Note"/><w:jc w:val="right"/></w:pPr>'
        f"{_field('PAGE')}<w:r><w:t xml:space='preserve'> / </w:t></w:r>{_field('NUMPAGES')}"
        "</w:p></w:ftr>"
    ).encode()
    relations = parts["word/_rels/document.xml.rels"].decode()
    parts["word/_rels/document.xml.rels"] = swap(
        relations,
        r"</Relationships>",
        f'<Relationship Type="{R}/footer" Id="rId40" Target="footer1.xml"/></Relationships>',
    ).encode()
    kinds = parts["[Content_Types].xml"].decode()
    parts["[Content_Types].xml"] = swap(
        kinds,
        r"</Types>",
        '<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.footer+xml"/></Types>',
    ).encode()
    document = parts["word/document.xml"].decode()
    parts["word/document.xml"] = swap(
        document,
        r"<w:sectPr>.*?</w:sectPr>",
        f'<w:sectPr><w:footerReference xmlns:r="{R}" w:type="default" r:id="rId40"/>'
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1304" w:right="1247" w:bottom="1134"'
        ' w:left="1247" w:header="720" w:footer="567" w:gutter="0"/><w:titlePg/></w:sectPr>',
    ).encode()
    return parts


def _numbers_last(numbering: str) -> str:
    """Word wants every abstract numbering before the first use of one."""
    used = re.findall(r"<w:num .*?</w:num>", numbering, flags=re.DOTALL)
    for one in used:
        numbering = numbering.replace(one, "", 1)
    return numbering.replace("</w:numbering>", "".join(used) + "</w:numbering>")


def _field(name: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {name} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _edge(side: str, size: int, colour: str) -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'


def _word_font(name: str, size: float, colour: str) -> str:
    return (
        f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'
        f'<w:color w:val="{colour}"/><w:sz w:val="{size * 2:.0f}"/><w:szCs w:val="{size * 2:.0f}"/>'
    )


def _word_style(
    styles: str, ident: str, name: str, paragraph: str, text: str = "", parent: str = "Normal"
) -> str:
    return swap(
        styles,
        rf'<w:style [^>]*w:styleId="{ident}">.*?</w:style>',
        f'<w:style w:type="paragraph" w:styleId="{ident}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="{parent}"/><w:qFormat/><w:pPr>{paragraph}</w:pPr>'
        f"<w:rPr>{text}</w:rPr></w:style>",
    )


def _new_style(ident: str, paragraph: str, text: str = "", name: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:customStyle="{int(not name)}" w:styleId="{ident}">'
        f'<w:name w:val="{name or ident}"/><w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{text}</w:rPr></w:style>"
    )


if __name__ == "__main__":
    write(HERE / "reference.odt", odt())
    write(HERE / "reference.docx", docx())
