"""The book as an Office Open XML workbook, the same cells, looks and rules as the .ods."""

import re
from collections import defaultdict
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tracking.workbook.drawing import Drawing, Rule, draw
from tracking.workbook.grid import address, letters
from tracking.workbook.layout import FIRST_ROW, GUIDE, HEAD_ROW, SHEETS, Book, Layout

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STAMP = (1980, 1, 1, 0, 0, 0)
_BEGIN = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# Name of a style → (number format, font, fill); 49 is text.
_STYLES = {
    "text": (49, 0, 0), "number": (0, 0, 0), "grey": (49, 0, 2), "grey_number": (0, 0, 2),
    "head": (0, 1, 3), "grey_head": (0, 1, 4), "guide": (49, 0, 0),
}  # fmt: skip
_STYLE = {name: place + 1 for place, name in enumerate(_STYLES)}
_LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def write_xlsx(target: IO[bytes], book: Book) -> None:
    plan = draw(book)
    sheets = [_guide(plan), *(_sheet(plan, sheet) for sheet in SHEETS)]
    parts = {
        "[Content_Types].xml": _types(len(sheets)),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": _workbook(plan),
        "xl/_rels/workbook.xml.rels": _relations(
            *(("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)),
            ("styles", "styles.xml"),
        ),
        "xl/styles.xml": _styles(),
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": text for n, text in enumerate(sheets, start=1)}
    with ZipFile(target, "w") as packed:
        for name, text in parts.items():
            info = ZipInfo(name, _STAMP)
            info.compress_type = ZIP_DEFLATED
            packed.writestr(info, text.encode())


def _types(count: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in range(1, count + 1)
    )
    return (
        f'{_BEGIN}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{sheets}</Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_BEGIN}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _workbook(plan: Drawing) -> str:
    names = [GUIDE, *(sheet.name for sheet in SHEETS)]
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(names, start=1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"'{sheet.name}'!{_area(plan, sheet, fixed=True)}</definedName>"
        for n, sheet in enumerate(SHEETS, start=1)
    )
    return (
        f'{_BEGIN}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets>'
        f"<definedNames>{filters}</definedNames></workbook>"
    )


def _styles() -> str:
    fills = "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{colour}"/></patternFill></fill>'
        for colour in ("ECECEC", "1F4E5F", "8A8A8A")
    )
    edge = "".join(
        f'<{side} style="thin"><color rgb="FFC8C8C8"/></{side}>'
        for side in ("left", "right", "top", "bottom")
    )
    looks = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="1" xfId="0"'
        ' applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
        '<alignment vertical="top" wrapText="1"/></xf>'
        for number, font, fill in _STYLES.values()
    )
    return (
        f'{_BEGIN}<styleSheet xmlns="{_MAIN}"><fonts count="2">'
        '<font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/></font></fonts>'
        '<fills count="5"><fill><patternFill patternType="none"/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{fills}</fills>'
        '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
        f"<border>{edge}<diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        f'</cellStyleXfs><cellXfs count="{len(_STYLES) + 1}">'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        f"{looks}</cellXfs>"
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def _guide(plan: Drawing) -> str:
    lines = [plan.stamp, *plan.guide]
    rows = "".join(
        f'<row r="{n}"{"" if n > 1 else " hidden=" + chr(34) + "1" + chr(34)}>'
        f"{_cell(n, 1, line, 'guide')}</row>"
        for n, line in enumerate(lines, start=1)
    )
    return (
        f'{_BEGIN}<worksheet xmlns="{_MAIN}"><cols><col min="1" max="1" width="90"'
        f' customWidth="1"/></cols><sheetData>{rows}</sheetData></worksheet>'
    )


def _sheet(plan: Drawing, sheet: Layout) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{column.width * 5:.1f}" customWidth="1"'
        f"{' hidden=' + chr(34) + '1' + chr(34) if n == 1 else ''}/>"
        for n, column in enumerate(sheet.columns, start=1)
    )
    keys = "".join(_cell(1, n, c.key, "text") for n, c in enumerate(sheet.columns, start=1))
    heads = "".join(
        _cell(HEAD_ROW, n, c.title, "head" if c.read else "grey_head")
        for n, c in enumerate(sheet.columns, start=1)
    )
    rows = [f'<row r="1" hidden="1">{keys}</row><row r="{HEAD_ROW}">{heads}</row>']
    ruled: dict[Rule, list[str]] = defaultdict(list)
    for at, row in enumerate(plan.rows[sheet.key], start=FIRST_ROW):
        cells = []
        for column, planned in enumerate(row, start=1):
            cells.append(_cell(at, column, planned.text, planned.style, planned.number))
            if planned.rule:
                ruled[planned.rule].append(address(at, column))
        rows.append(f'<row r="{at}">{"".join(cells)}</row>')
    pane = (
        '<sheetViews><sheetView workbookViewId="0"><pane xSplit="3" ySplit="2"'
        f' topLeftCell="{letters(4)}{FIRST_ROW}" activePane="bottomRight" state="frozen"/>'
        "</sheetView></sheetViews>"
    )
    validations = "".join(_validation(rule, places) for rule, places in ruled.items())
    if validations:
        validations = f'<dataValidations count="{len(ruled)}">{validations}</dataValidations>'
    return (
        f'{_BEGIN}<worksheet xmlns="{_MAIN}">{pane}<cols>{columns}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        f'<autoFilter ref="{_area(plan, sheet)}"/>{validations}</worksheet>'
    )


def _area(plan: Drawing, sheet: Layout, *, fixed: bool = False) -> str:
    last = max(HEAD_ROW + len(plan.rows[sheet.key]), HEAD_ROW + 1)
    if fixed:
        return f"$A${HEAD_ROW}:${letters(len(sheet.columns))}${last}"
    return f"A{HEAD_ROW}:{address(last, len(sheet.columns))}"


def _cell(row: int, column: int, text: str, style: str, number: bool = False) -> str:
    start = f'<c r="{address(row, column)}" s="{_STYLE[style]}"'
    if not text:
        return f"{start}/>"
    if number:
        return f"{start}><v>{text}</v></c>"
    # A text that looks like an escape is escaped itself.
    told = escape(_LIKE_ESCAPE.sub("_x005F_", text))
    return f'{start} t="inlineStr"><is><t xml:space="preserve">{told}</t></is></c>'


def _validation(rule: Rule, places: list[str]) -> str:
    if rule.choices:
        kind = 'type="list"'
        inside = f"<formula1>{escape(chr(34) + ','.join(rule.choices) + chr(34))}</formula1>"
    elif rule.whole:
        kind = 'type="whole" operator="between"'
        inside = f"<formula1>{rule.low}</formula1><formula2>{rule.high}</formula2>"
    else:
        kind = 'type="textLength" operator="lessThanOrEqual"'
        inside = f"<formula1>{rule.most}</formula1>"
    return (
        f'<dataValidation {kind} allowBlank="1" showErrorMessage="1"'
        f" errorTitle={quoteattr(rule.title)} error={quoteattr(rule.message)}"
        f' sqref="{" ".join(places)}">{inside}</dataValidation>'
    )
