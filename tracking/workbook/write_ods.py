"""The book as an OpenDocument spreadsheet, with drop-downs, hidden keys and marked columns."""

from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from config.kit.ods import MEDIA_TYPE
from tracking.workbook.drawing import Drawing, Rule, draw
from tracking.workbook.grid import address
from tracking.workbook.layout import GUIDE, HEAD_ROW, SHEETS, Book, Layout

_STAMP = (1980, 1, 1, 0, 0, 0)
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
        ("number", "datastyle"), ("fo", "xsl-fo-compatible"), ("config", "config"),
        ("of", "of"),
    )
).replace('"urn:oasis:names:tc:opendocument:xmlns:of:1.0"',
          '"urn:oasis:names:tc:opendocument:xmlns:of:1.2"')  # fmt: skip
_BEGIN = '<?xml version="1.0" encoding="UTF-8"?>'
_WRAP = 'fo:wrap-option="wrap" style:vertical-align="top" fo:border="0.5pt solid #c8c8c8"'
_GREY = 'fo:background-color="#ececec"'
_CELLS = {
    "head": f'{_WRAP} fo:background-color="#1f4e5f"',
    "grey_head": f'{_WRAP} fo:background-color="#8a8a8a"',
    "text": _WRAP,
    "number": _WRAP,
    "grey": f"{_WRAP} {_GREY}",
    "grey_number": f"{_WRAP} {_GREY}",
    "guide": 'fo:wrap-option="wrap" style:vertical-align="top"',
}
_AS_TEXT = ("text", "grey", "guide")
_MANIFEST = (
    f"{_BEGIN}<manifest:manifest"
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    f' manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type='
    f'"{MEDIA_TYPE}"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type='
    '"text/xml"/><manifest:file-entry manifest:full-path="settings.xml" manifest:media-type='
    '"text/xml"/></manifest:manifest>'
)


def write_ods(target: IO[bytes], book: Book) -> None:
    plan = draw(book)
    with ZipFile(target, "w") as packed:
        packed.writestr(ZipInfo("mimetype", _STAMP), MEDIA_TYPE, ZIP_STORED)
        for name, text in (
            ("META-INF/manifest.xml", _MANIFEST),
            ("settings.xml", _settings()),
            ("content.xml", _content(plan)),
        ):
            info = ZipInfo(name, _STAMP)
            info.compress_type = ZIP_DEFLATED
            packed.writestr(info, text.encode())


def _content(plan: Drawing) -> str:
    rules = {rule: f"v{number}" for number, rule in enumerate(plan.rules)}
    widths = sorted({column.width for sheet in SHEETS for column in sheet.columns} | {16})
    return "".join(
        [
            _BEGIN,
            f'<office:document-content {_SPACES} office:version="1.3"><office:automatic-styles>',
            '<number:text-style style:name="as_text"><number:text-content/></number:text-style>',
            *(_width(width) for width in widths),
            *(_style(name, look) for name, look in _CELLS.items()),
            "</office:automatic-styles><office:body><office:spreadsheet>",
            "<table:content-validations>",
            *(_validation(rule, name) for rule, name in rules.items()),
            "</table:content-validations>",
            _guide(plan),
            *(_sheet(plan, sheet, rules) for sheet in SHEETS),
            "<table:database-ranges>",
            *(_filter(plan, sheet) for sheet in SHEETS),
            "</table:database-ranges>",
            "</office:spreadsheet></office:body></office:document-content>",
        ]
    )


def _width(width: float) -> str:
    return (
        f'<style:style style:name="w{_named(width)}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width}cm"/></style:style>'
    )


def _named(width: float) -> str:
    return str(width).replace(".", "_")


def _style(name: str, look: str) -> str:
    data = ' style:data-style-name="as_text"' if name in _AS_TEXT else ""
    bold = (
        '<style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"'
        ' fo:color="#ffffff"/>'
        if name.endswith("head")
        else ""
    )
    return (
        f'<style:style style:name="{name}" style:family="table-cell"{data}>'
        f"<style:table-cell-properties {look}/>{bold}</style:style>"
    )


def _validation(rule: Rule, name: str) -> str:
    if rule.choices:
        inside = ";".join(f'"{choice}"' for choice in rule.choices)
        condition = f"of:cell-content-is-in-list({inside})"
    elif rule.whole:
        condition = (
            f"of:cell-content-is-whole-number() and cell-content-is-between({rule.low},{rule.high})"
        )
    else:
        condition = f"of:cell-content-text-length()&lt;={rule.most}"
    condition = condition.replace('"', "&quot;")
    return (
        f'<table:content-validation table:name="{name}" table:condition="{condition}"'
        ' table:allow-empty-cell="true" table:display-list="unsorted">'
        f'<table:error-message table:display="true" table:message-type="stop"'
        f' table:title="{escape(rule.title)}"><text:p>{escape(rule.message)}</text:p>'
        "</table:error-message></table:content-validation>"
    )


def _guide(plan: Drawing) -> str:
    rows = "".join(
        f"<table:table-row>{_text(line, 'guide')}</table:table-row>" for line in plan.guide
    )
    return (
        f'<table:table table:name={quoteattr(GUIDE)}><table:table-column table:style-name="w16"/>'
        '<table:table-row table:visibility="collapse">'
        f"{_text(plan.stamp, 'guide')}</table:table-row>{rows}</table:table>"
    )


def _sheet(plan: Drawing, sheet: Layout, rules: dict[Rule, str]) -> str:
    found = [f"<table:table table:name={quoteattr(sheet.name)}>"]
    for place, column in enumerate(sheet.columns):
        hidden = "" if place else ' table:visibility="collapse"'
        found.append(f'<table:table-column table:style-name="w{_named(column.width)}"{hidden}/>')
    keys = "".join(_text(column.key, "text") for column in sheet.columns)
    found.append(f'<table:table-row table:visibility="collapse">{keys}</table:table-row>')
    heads = "".join(
        _text(column.title, "head" if column.read else "grey_head") for column in sheet.columns
    )
    found.append(f"<table:table-row>{heads}</table:table-row>")
    for row in plan.rows[sheet.key]:
        cells = []
        for planned in row:
            rule = f' table:content-validation-name="{rules[planned.rule]}"' if planned.rule else ""
            if planned.number and planned.text:
                cells.append(
                    f'<table:table-cell table:style-name="{planned.style}"{rule}'
                    f' office:value-type="float" office:value="{planned.text}">'
                    f"<text:p>{planned.text}</text:p></table:table-cell>"
                )
            else:
                cells.append(_text(planned.text, planned.style, rule))
        found.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    found.append("</table:table>")
    return "".join(found)


def _text(text: str, style: str, rule: str = "") -> str:
    if not text:
        return f'<table:table-cell table:style-name="{style}"{rule}/>'
    lines = "".join(f"<text:p>{_spaced(line)}</text:p>" for line in text.split("\n"))
    return (
        f'<table:table-cell table:style-name="{style}"{rule} office:value-type="string">'
        f"{lines}</table:table-cell>"
    )


def _spaced(line: str) -> str:
    """Blanks that a reader would take together are spelled out, tabs always."""
    found = []
    for place, char in enumerate(line):
        if char == "\t":
            found.append("<text:tab/>")
        elif char == " " and (place in (0, len(line) - 1) or line[place - 1] in " \t"):
            found.append("<text:s/>")
        else:
            found.append(escape(char))
    return "".join(found)


def _filter(plan: Drawing, sheet: Layout) -> str:
    last = max(HEAD_ROW + len(plan.rows[sheet.key]), HEAD_ROW + 1)
    area = f"'{sheet.name}'.A{HEAD_ROW}:'{sheet.name}'.{address(last, len(sheet.columns))}"
    return (
        f'<table:database-range table:name="filter_{sheet.key}" table:display-filter-buttons="true"'
        f' table:target-range-address="{area}"/>'
    )


def _settings() -> str:
    """The headings and the measure stay in sight."""
    item = '<config:config-item config:name="{}" config:type="{}">{}</config:config-item>'
    frozen = "".join(
        item.format(name, kind, value)
        for name, kind, value in (
            ("HorizontalSplitMode", "short", 2), ("VerticalSplitMode", "short", 2),
            ("HorizontalSplitPosition", "int", 3), ("VerticalSplitPosition", "int", HEAD_ROW),
            ("ActiveSplitRange", "short", 3), ("PositionRight", "int", 3),
            ("PositionBottom", "int", HEAD_ROW),
        )
    )  # fmt: skip
    tables = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(sheet.name)}>{frozen}"
        "</config:config-item-map-entry>"
        for sheet in SHEETS
    )
    return (
        f'{_BEGIN}<office:document-settings {_SPACES} office:version="1.3"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        f'<config:config-item-map-named config:name="Tables">{tables}'
        "</config:config-item-map-named></config:config-item-map-entry>"
        "</config:config-item-map-indexed></config:config-item-set>"
        "</office:settings></office:document-settings>"
    )
