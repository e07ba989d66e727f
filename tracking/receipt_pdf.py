"""A receipt as a tagged PDF to keep: whose, when and by whom, what was sent in full, and how it is
verified. In Chinese, whoever reads it: it is the document of record.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, pgettext

from config.kit import roc
from config.kit.forms import format_number
from config.kit.typeset import shown, typeset
from plan.models import Indicator
from tracking.enums import Part
from tracking.models import IndicatorValue, ProgressReport, Receipt, Submission
from tracking.parts import FIELDS
from tracking.submitted import as_sent

TEMPLATE = Path(__file__).with_name("receipt.typ")
DASH = "—"


def verify_address(receipt: Receipt) -> str:
    """Where the receipt is verified, with number and digest filled in."""
    asked = urlencode({"number": receipt.number, "digest": receipt.digest})
    return f"{settings.SITE_URL.rstrip('/')}{reverse('receipt-verify')}?{asked}"


def receipt_pdf(receipt: Receipt, *, says: str, copy: Submission | None) -> bytes:
    """The PDF. `says` is what verifying finds today; `copy` what was sent, where it still stands
    and its reader may read it.
    """
    with translation.override(settings.LANGUAGE_CODE):
        blocks = _lines(receipt) if receipt.report_id is None else _sent(receipt, copy)
        data = {
            "title": gettext("年度執行情形送件收據"),
            "pairs": [*_head(receipt), (gettext("列印時核對"), str(says))],
            "blocks": blocks,
            "verify": {
                "head": gettext("怎麼驗證這張收據"),
                "text": gettext(
                    "到下面的網址填號碼與摘要值，誰都可以查。摘要值是送出內容的正規JSON算出的"
                    "SHA-256；從系統下載的JSON裡有這份內容，任何人都能重算。"
                ),
            },
        }
    show = shown(_texts(data))
    data = _each(data, show)
    # An address is no text: a break put into it would lead elsewhere.
    data["verify"] |= {"address": verify_address(receipt), "number": receipt.number}
    return typeset(TEMPLATE, data, at=receipt.at)


def _head(receipt: Receipt) -> list[tuple[str, str]]:
    said = receipt.content
    signed = said["signed_by"]
    if said["on_behalf_of"]:
        signed += gettext("（代理%(window)s）") % {"window": said["on_behalf_of"]}
    pairs = [
        (gettext("號碼"), receipt.number),
        (gettext("部會"), said["ministry_name"]),
        (gettext("計畫"), receipt.reporting_year.plan.name),
        (gettext("年度"), str(said["year"])),
    ]
    if receipt.report_id is not None:
        times = str(said["submission"])
        if said["late"]:
            times += f"（{pgettext('filed', '逾期')}）"
        measure = f"{said['measure']}　{said['measure_name']}"
        pairs += [(gettext("措施"), measure), (gettext("第幾次送出"), times)]
    at = timezone.localtime(receipt.at)
    pairs += [
        (gettext("核可"), signed),
        (gettext("時間"), f"{roc.format_date(at)} {at:%H:%M:%S}"),
        (gettext("摘要值（SHA-256）"), receipt.digest),
    ]
    if receipt.bulk:
        pairs.append((gettext("合併收據"), receipt.bulk.number))
    return pairs


# --- what was sent --------------------------------------------------------------------------------
def _lines(receipt: Receipt) -> list[dict]:
    """Of many signed at once: each with its own receipt, which holds what was sent."""
    rows = [
        [f"{row['measure']}　{row['measure_name']}", row["number"], row["digest"]]
        for row in receipt.content["reports"]
    ]
    names = [gettext("措施"), gettext("收據號碼"), gettext("摘要值（SHA-256）")]
    title = gettext("包含%(n)d件") % {"n": len(rows)}
    return [_heading(title), _table(title, names, rows, "ltd", [4, 3, 6])]


def _sent(receipt: Receipt, copy: Submission | None) -> list[dict]:
    blocks = [_heading(gettext("送出的內容"))]
    if copy is None:
        return [*blocks, _text(gettext("部會後來撤回了這次送出，系統裡不再有它。"))]
    report = as_sent(receipt.report, copy)
    parts = {
        Part.INDICATORS: lambda: _indicators(report.values.all()),
        Part.MONEY: lambda: _money(report),
        Part.EVIDENCE: lambda: _evidence(copy),
    }
    for part in Part:
        told = parts[part]() if part in parts else _fields(report, FIELDS[part])
        if told:
            blocks += [_heading(part.label, 2), *told]
    return blocks


def _fields(report: ProgressReport, names: Iterable[str]) -> list[dict]:
    """What was written; a field that says nothing is left out."""
    found = []
    for name in names:
        value = getattr(report, name)
        if value is None or value == "" or value is False:
            continue
        field = ProgressReport._meta.get_field(name)
        if isinstance(value, date):
            value = roc.format_date(value)
        elif value is True:
            value = gettext("是")
        elif field.choices:
            value = dict(field.flatchoices).get(value, value)
        elif name == "completion":
            value = f"{value}%"
        found.append({"kind": "field", "name": str(field.verbose_name), "text": str(value)})
    return found


def _indicators(values: Iterable[IndicatorValue]) -> list[dict]:
    rows = []
    for value in values:
        indicator: Indicator = value.indicator
        rows.append([indicator.name, indicator.unit, _number(value.actual), value.note])
        rows += [[f"　{name}", indicator.unit, _number(part), ""] for name, part in value.by_part]
    names = [gettext("指標"), gettext("單位"), gettext("實績"), gettext("說明")]
    return [_table(Part.INDICATORS.label, names, rows, "ltnl", [5, 2, 2, 4])] if rows else []


def _money(report: ProgressReport) -> list[dict]:
    rows = [
        [line.source, _number(line.allocated_thousand), _number(line.spent_thousand), line.note]
        for line in report.money_lines.all()
    ]
    names = [
        gettext("經費來源"),
        gettext("分配數（千元）"),
        gettext("支用數（千元）"),
        gettext("說明"),
    ]
    return [_table(Part.MONEY.label, names, rows, "lnnl", [5, 2, 2, 4])] if rows else []


def _evidence(copy: Submission) -> list[dict]:
    rows = [
        [row.title, row.sha256 or row.url]
        for row in sorted(copy.evidence.all(), key=lambda row: row.pk)
    ]
    names = [gettext("名稱"), gettext("摘要值（SHA-256）或網址")]
    return [_table(Part.EVIDENCE.label, names, rows, "ld", [4, 6])] if rows else []


def _number(value) -> str:
    return DASH if value is None else format_number(value)


# --- blocks ---------------------------------------------------------------------------------------
def _heading(text: str, level: int = 1) -> dict:
    return {"kind": "heading", "level": level, "text": str(text)}


def _text(text: str) -> dict:
    return {"kind": "text", "text": text}


def _table(caption: str, columns: list[str], rows: list[list], kinds: str, wide: list[int]) -> dict:
    """`kinds`: for each column l (text), t (short text), n (number) or d (digest)."""
    return {
        "kind": "table", "caption": str(caption), "columns": columns, "rows": rows,
        "kinds": list(kinds), "widths": wide,
    }  # fmt: skip


def _texts(data: object) -> Iterable[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list | tuple):
        for one in data.values() if isinstance(data, dict) else data:
            yield from _texts(one)


def _each(data: object, change) -> object:
    """The same with every text changed."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {name: _each(one, change) for name, one in data.items()}
    if isinstance(data, list | tuple):
        return [_each(one, change) for one in data]
    return data
