"""The styles of the ODT: paper, fonts, headings, tables and footers on pandoc's own."""

import re

from reports.documents.making.parts import (
    ACCENT,
    HEADINGS,
    INK,
    INK_2,
    RARE,
    SANS,
    SERIF,
    pandoc_default,
    swap,
)


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
            f"<style:text-properties {_font(SANS, 10.5, INK)}"
            ' fo:language="en" fo:country="US" style:language-asian="zh"'
            ' style:country-asian="TW"/></style:default-style>'
        ),
    )
    made = {
        "Heading": _style("Heading", "", _font(SERIF, 14, INK), parent="Standard"),
        "Text_20_body": _style(
            "Text_20_body",
            'fo:margin-top="0pt" fo:margin-bottom="7pt" fo:text-align="justify"',
            parent="Standard",
        ),
        "Table_20_Contents": _style(
            "Table_20_Contents", 'fo:line-height="130%"', _font(SANS, 9, INK), parent="Standard"
        ),
        "Table_20_Heading": _style(
            "Table_20_Heading", 'fo:line-height="130%"', _font(SANS, 9, INK), parent="Standard"
        ),
        "Caption": _style(
            "Caption",
            'fo:margin-top="10pt" fo:margin-bottom="4pt" fo:keep-with-next="always"',
            _font(SANS, 9, INK_2),
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
        made[f"Heading_20_{level}"] = _style(
            f"Heading_20_{level}", paragraph, _font(SERIF, size, colour), "Heading", level
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
        _style("Title", 'fo:margin-top="5cm" fo:margin-bottom="8pt" fo:line-height="130%"',
                   _font(SERIF, 27, INK), parent="Standard"),
        _style("Subtitle", 'fo:margin-bottom="24pt"', _font(SANS, 13, INK_2),
                   parent="Standard"),
        _style("Label", label, _font(SANS, 9.5, INK_2), parent="Standard"),
        _style("Note", "", _font(SANS, 9, INK_2), parent="Text_20_body"),
        _style("Empty", "", _font(SANS, 10.5, INK_2), parent="Text_20_body"),
        _style("ContentsTitle", 'fo:break-before="page" fo:margin-bottom="10pt"',
                   _font(SERIF, 16, INK), parent="Standard"),
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
        _style("MP1", 'fo:text-align="end"', _font(SANS, 8.5, INK_2), parent="Footer"),
    )
    styles = swap(
        styles,
        r"</text:page-number>",
        "</text:page-number> / <text:page-count>1</text:page-count>",
    )
    parts["styles.xml"] = styles.encode()
    return parts


def _font(name: str, size: float, colour: str) -> str:
    return (
        f'style:font-name="{name}" style:font-name-asian="{name}" fo:font-size="{size}pt"'
        f' style:font-size-asian="{size}pt" fo:font-weight="normal" fo:font-style="normal"'
        f' style:font-weight-asian="normal" style:font-style-asian="normal" fo:color="#{colour}"'
    )


def _style(name: str, paragraph: str, text: str = "", parent: str = "", level: int = 0) -> str:
    outline = f' style:default-outline-level="{level}"' if level else ""
    shown = name.replace("_20_", " ")
    return (
        f'<style:style style:name="{name}" style:display-name="{shown}" style:family="paragraph"'
        f' style:parent-style-name="{parent}"{outline} style:class="text">'
        + (f"<style:paragraph-properties {paragraph}/>" if paragraph else "")
        + (f"<style:text-properties {text}/>" if text else "")
        + "</style:style>"
    )
