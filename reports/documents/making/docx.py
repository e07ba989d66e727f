"""The styles of the DOCX: paper, fonts, headings, tables and footers on pandoc's own."""

import re

from reports.documents.making.parts import (
    ACCENT,
    HEADINGS,
    INK,
    INK_2,
    RARE,
    RULE,
    SANS,
    SERIF,
    WASH,
    pandoc_default,
    swap,
)

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def docx() -> dict[str, bytes]:
    parts = pandoc_default("reference.docx")
    styles = parts["word/styles.xml"].decode()
    styles = swap(
        styles,
        r"<w:docDefaults>.*?</w:docDefaults>",
        f"<w:docDefaults><w:rPrDefault><w:rPr>{_font(SANS, 10.5, INK)}"
        '<w:lang w:val="en-US" w:eastAsia="zh-TW" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="0" w:line="324" w:lineRule="auto"/></w:pPr>'
        "</w:pPrDefault></w:docDefaults>",
    )
    body = '<w:spacing w:before="0" w:after="140"/><w:jc w:val="both"/>'
    cell = '<w:spacing w:before="20" w:after="20" w:line="280" w:lineRule="auto"/>'
    caption = '<w:keepNext/><w:spacing w:before="200" w:after="80"/>'
    styles = _style(styles, "BodyText", "Body Text", body)
    styles = _style(styles, "Compact", "Compact", cell, _font(SANS, 9, INK))
    styles = _style(styles, "Caption", "caption", caption, _font(SANS, 9, INK_2))
    styles = _style(styles, "TableCaption", "Table Caption", caption, parent="Caption")
    styles = _style(
        styles, "Title", "Title", '<w:spacing w:before="2800" w:after="160"/>',
        _font(SERIF, 27, INK),
    )  # fmt: skip
    styles = _style(
        styles, "Subtitle", "Subtitle", '<w:spacing w:after="480"/>', _font(SANS, 13, INK_2)
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
        styles = _style(
            styles,
            f"Heading{level}",
            f"heading {level}",
            paragraph,
            _font(SERIF, size, colour),
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
                   _font(SANS, 9.5, INK_2)),
        _new_style("Note", '<w:spacing w:after="80"/>', _font(SANS, 9, INK_2)),
        _new_style("Empty", '<w:spacing w:after="140"/>', _font(SANS, 10.5, INK_2)),
        _new_style("ContentsTitle", '<w:pageBreakBefore/><w:spacing w:after="200"/>',
                   _font(SERIF, 16, INK)),
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


def _font(name: str, size: float, colour: str) -> str:
    return (
        f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'
        f'<w:color w:val="{colour}"/><w:sz w:val="{size * 2:.0f}"/><w:szCs w:val="{size * 2:.0f}"/>'
    )


def _style(
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
