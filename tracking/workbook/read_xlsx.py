"""The sheets of an Office Open XML workbook, streamed."""

import posixpath
import re
from collections.abc import Iterator, Set
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from tracking.workbook.cells import from_float
from tracking.workbook.grid import FORMULA, Cell, Grid, address, place
from tracking.workbook.package import MOST_COLUMNS, FileRefused, Package, broken

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_MOST_STRINGS = 200_000


def read(package: Package, sheets: Set[str]) -> dict[str, Grid]:
    """Sheet name → its cells, of the sheets that are wanted."""
    if "xl/workbook.xml" not in package.names:
        raise FileRefused(_("這不是試算表（.ods或.xlsx）。"))
    macros = "macroEnabled" in package.text("[Content_Types].xml") or any(
        name.lower().endswith("vbaproject.bin") or name.startswith("xl/macrosheets/")
        for name in package.names
    )
    if macros:
        raise FileRefused(_("檔案有巨集；請另存成沒有巨集的.ods或.xlsx。"))
    targets = {
        element.get("Id"): element.get("Target", "")
        for event, element in _of(package, "xl/_rels/workbook.xml.rels", "Relationship", "*")
        if event == "start"
    }
    strings = list(_strings(package))
    grids: dict[str, Grid] = {}
    for name, target in _sheets(package, targets):
        if name in sheets and name not in grids and target in package.names:
            grids[name] = _grid(package, name, target, strings)
    return grids


def _of(package: Package, part: str, *names: str) -> Iterator[tuple[str, Element]]:
    """Events of elements by local name in either of the two dialects."""
    if part not in package.names:
        if part == "xl/sharedStrings.xml":
            return
        raise broken()
    packages = "{http://schemas.openxmlformats.org/package/2006/relationships}"
    tags = [f"{space}{name}" for name in names for space in (_MAIN, _STRICT, packages)]
    yield from package.events(part, *tags)


def _sheets(package: Package, targets: dict) -> Iterator[tuple[str, str]]:
    for event, element in _of(package, "xl/workbook.xml", "sheet"):
        if event == "start":
            relation = element.get(_RELATION) or element.get(_STRICT_RELATION)
            target = targets.get(relation, "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            yield element.get("name", ""), posixpath.normpath(path)


def _strings(package: Package) -> Iterator[str]:
    count = 0
    for event, element in _of(package, "xl/sharedStrings.xml", "si"):
        if event == "end":
            count += 1
            if count > _MOST_STRINGS:
                raise broken()
            yield _rich(element)


def _rich(element: Element) -> str:
    """The text of a string in pieces, without the reading that East Asian versions keep of it."""
    pieces = []
    for part in element:
        local = part.tag.rpartition("}")[2]
        if local == "t":
            pieces.append(part.text or "")
        elif local == "r":
            pieces += [one.text or "" for one in part if one.tag.rpartition("}")[2] == "t"]
    return _unescaped("".join(pieces))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _grid(package: Package, name: str, target: str, strings: list[str]) -> Grid:
    grid, at = Grid(name), 0
    for event, element in _of(package, target, "row", "mergeCell"):
        if event == "start":
            continue
        if element.tag.endswith("}mergeCell"):
            first, _colon, last = element.get("ref", "").partition(":")
            corners = place(first), place(last or first)
            if all(corners):
                grid.merged.append((*corners[0], *corners[1]))
            continue
        number = element.get("r", "")
        at = int(number) if number.isdecimal() and len(number) < 8 else at + 1
        grid.add(at, dict(_cells(name, at, element, strings)))
    grid.mark_merged()
    return grid


def _cells(sheet: str, at: int, row: Element, strings: list[str]) -> Iterator[tuple[int, Cell]]:
    column = 0
    for element in row:
        found = place(element.get("r", ""))
        column = found[1] if found else column + 1
        if column > MOST_COLUMNS:
            continue
        parts = {part.tag.rpartition("}")[2]: part for part in element}
        text, formula = _text(sheet, at, column, element, parts, strings), "f" in parts
        if text or formula:
            yield column, Cell(text, FORMULA if formula else "")


def _text(sheet: str, at: int, column: int, cell: Element, parts: dict, strings: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _rich(parts["is"]) if "is" in parts else ""
    value = (parts["v"].text or "") if "v" in parts else ""
    if kind == "s" and value:
        try:
            return strings[int(value)]
        except (ValueError, IndexError):
            raise FileRefused(str(broken()), sheet, address(at, column)) from None
    if kind == "str":
        return _unescaped(value)
    if kind == "d":
        return value[:10]
    return from_float(value) if kind == "n" and value else value
