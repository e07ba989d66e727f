"""What stands in an expert's dossier: each measure with its state, and the frozen lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.kit.textdiff import mark_changes
from reports import attainment
from reports.compare import bases
from reports.documents.blocks import Content
from reports.documents.content import parts
from reports.documents.html import html
from reports.enums import Level, RecusalState
from reports.models import Edition, Opinion, Recusal, Seat, SnapshotLine
from reports.queries.experts import MeasureNode, measures_of
from reports.queries.lineage import parted
from reports.queries.reviews import level_words

OPEN, DRAFT, SUBMITTED, CHANGED, UNDECIDED, RECUSED = (
    "open", "draft", "submitted", "changed", "undecided", "recused",
)  # fmt: skip
# What is left to do stands first.
_ORDER = (CHANGED, OPEN, DRAFT, UNDECIDED, SUBMITTED, RECUSED)


@dataclass(frozen=True, slots=True)
class Item:
    """One measure of a dossier; `state` is one of the six above."""

    code: str
    measure: MeasureNode | None
    state: str
    opinion: Opinion | None
    recusal: Recusal | None

    @property
    def left(self) -> bool:
        """Whether something is still to be written."""
        return self.state in (OPEN, DRAFT, CHANGED)


_TREE = ("head", "rules", "standing", "closing")


def items_of(seat: Seat, edition: Edition | None) -> list[Item]:
    """The measures that the expert was asked for, in the plan's order. Five queries."""
    measures = measures_of(edition)
    now = bases(edition) if edition else {}
    written = Opinion.objects.filter(seat=seat).select_related("edition")
    # Of the edition its number is shown, not its tree of hundreds of nodes.
    written = written.defer(*(f"edition__{name}" for name in _TREE))
    opinions = {row.measure_code: row for row in written}
    stopped = {row.measure_code: row for row in seat.recusals.blocking()}
    held = set(seat.items.values_list("measure_code", flat=True))
    ordered = [code for code in measures if code in held]
    ordered += sorted(held - measures.keys())
    return [
        Item(
            code,
            measures.get(code),
            _state(opinions.get(code), stopped.get(code), now.get(code)),
            opinions.get(code),
            stopped.get(code),
        )
        for code in ordered
    ]


def _state(opinion: Opinion | None, recusal: Recusal | None, basis: str | None) -> str:
    if recusal is not None:
        return RECUSED if recusal.state == RecusalState.CONFIRMED else UNDECIDED
    if opinion is None:
        return OPEN
    if opinion.submitted_at is None:
        return DRAFT
    return SUBMITTED if opinion.basis == basis else CHANGED


def to_do_first(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda item: _ORDER.index(item.state))


# --- what there is to read ------------------------------------------------------------------------
def reading_of(edition: Edition, code: str) -> dict[str, Any]:
    """`years`: [(year, [(line, its body as HTML, open)])], newest first, leads before partners, the
    coordinating lead's last report open; `indicators` over all years (`reports.attainment`);
    `node`: the measure in the standing, or None; `leads` and `partners`: their short names;
    `parted`: codes of what a revision made of it, where it was split or merged.
    """
    lines = list(edition.lines.filter(measure_code=code).order_by("ordinal"))
    years: dict[int, list[tuple[SnapshotLine, SafeString, bool]]] = {}
    last = max((line.year for line in lines), default=0)
    for line in lines:
        first = line.year == last and line.content["coordinating"]
        years.setdefault(line.year, []).append((line, _body(line), first))
    measure, bodies = measures_of(edition).get(code), edition.head["ministries"]
    return {
        "leads": [bodies[one]["short_name"] for one in measure.leads] if measure else [],
        "partners": [bodies[one]["short_name"] for one in measure.partners] if measure else [],
        "years": sorted(years.items(), reverse=True),
        "indicators": attainment.indicators_of(lines),
        "node": edition.standing["measures"].get(code),
        "parted": parted(edition.review, edition.head).get(code, []),
    }


def _body(line: SnapshotLine) -> SafeString:
    """The line as the documents print it."""
    title = f"{line.year}年度{line.content['ministry']['short_name']}"
    return html(Content("", "", (), "", tuple(parts.report_body(line))).plain(), title)


@dataclass(frozen=True, slots=True)
class Changed:
    """A line that is new, gone or says something else; `fields` (label, before, after), marked."""

    line: SnapshotLine
    kind: str
    fields: Sequence[tuple[str, SafeString, SafeString]] = ()


def changes_since(before: Edition, after: Edition, code: str) -> list[Changed]:
    """What the later edition says differently of the measure. Two queries."""
    old, new = (
        {line.key: line for line in edition.lines.filter(measure_code=code)}
        for edition in (before, after)
    )
    labels = {
        field["name"]: field["label"] for part in after.head["form"] for field in part["fields"]
    } | {"measure": level_words(after)[Level.MEASURE]}
    found = [Changed(line, "added") for key, line in new.items() if key not in old]
    found += [Changed(line, "removed") for key, line in old.items() if key not in new]
    for key, line in new.items():
        if key in old and old[key].digest != line.digest:
            fields = _fields(old[key].content, line.content, labels)
            found.append(Changed(line, "changed", fields))
    return sorted(found, key=lambda one: one.line.ordinal)


def _fields(before: Mapping, after: Mapping, labels: Mapping[str, str]) -> list[tuple]:
    found = []
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old != new:
            label = labels.get(name) or _WORDS.get(name, name)
            found.append((str(label), *mark_changes(_text(old), _text(new))))
    return found


def _text(value: object) -> str:
    """A value of a line in words; rows one beneath the other."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return "\n".join(_text(one) for one in value)
    if isinstance(value, Mapping):
        return "　".join(text for one in value.values() if (text := _text(one)))
    return str(value)


_WORDS = {
    "state": "填報狀態",
    "values": "量化指標",
    "money": "經費",
    "evidence": "佐證資料",
    "ministry": "部會",
    "accepted_on": "接受日期",
    "filed_on": "送出日期",
}
