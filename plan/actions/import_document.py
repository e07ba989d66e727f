"""Attaches the published text's prose to the loaded plan, and reports what the two say differently.

`preview` reads and compares without writing; `import_document` writes what it found.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from ministries.audit import record
from ministries.rules import may_administer
from plan.document.compare import Difference, compare
from plan.document.lines import squeeze
from plan.document.measures import Item, MeasureText
from plan.document.reader import Document, decode, read_document
from plan.export import as_loaded
from plan.models import MeasureItem, Plan, PlanVersion

if TYPE_CHECKING:
    from ministries.models import User


@dataclass(frozen=True)
class Result:
    """What a document says, how it differs from the plan, and how many texts it changes.

    ``changed`` counts by kind: goals, sub_goals, strategies, measures, items, objectives.
    """

    document: Document
    differences: list[Difference]
    changed: dict[str, int]


def preview(content: bytes, version: PlanVersion) -> Result:
    """Read the published text and set it against a version; nothing is written.

    Raises plan.document.errors.DocumentError when the text is unknown or cut.
    """
    document = read_document(decode(content))
    differences = compare(document, as_loaded(version))
    changed = {kind: len(rows) for kind, (rows, _) in _texts(document, version).items()}
    changed["items"] = len(_items(document, version))
    return Result(document, differences, changed)


@transaction.atomic
def import_document(content: bytes, version: PlanVersion, *, name: str, by: "User | str") -> Result:
    """Write the goals' paragraphs, the strategies' introductions, the measures' descriptions and
    items, the bodies' objectives, and from which file they came; then the audit.

    What the document calls by a code or a name that is not loaded is reported, not written; a text
    that the document does not have is left as it was. A second run with the same file changes
    nothing. ``by`` is an administrator, or a text such as `system:import_document`; others get
    NotAllowed. Raises DocumentError when the text is unknown or cut.
    """
    if not isinstance(by, str):
        may_administer(by).enforce()
    plan = Plan.objects.select_for_update().get(pk=version.plan_id)
    result = preview(content, version)
    for rows, field in _texts(result.document, version).values():
        if rows:
            type(rows[0]).objects.bulk_update(rows, [field])
    stale = _items(result.document, version)
    MeasureItem.objects.filter(measure__in=stale).delete()
    MeasureItem.objects.bulk_create(
        MeasureItem(measure_id=pk, ordinal=ordinal, **_fields(item))
        for pk, items in stale.items()
        for ordinal, item in enumerate(items, start=1)
    )
    digest = hashlib.sha256(content).hexdigest()
    if any(result.changed.values()) or plan.imported_sha256 != digest:
        before = {"name": plan.imported_name, "sha256": plan.imported_sha256}
        plan.imported_name, plan.imported_sha256 = name[:200], digest
        plan.imported_at = timezone.now()
        plan.save(update_fields=["imported_name", "imported_sha256", "imported_at"])
        after = {"name": plan.imported_name, "sha256": digest, **result.changed}
        record("plan.import_document", plan, by=by, before=before, after=after)
    return result


def _texts(document: Document, version: PlanVersion) -> dict[str, tuple[list[Model], str]]:
    """Rows whose text the document changes (they carry the new one) with the field, by kind."""
    headings = {heading.code: heading.introduction for heading in document.headings}
    wanted = {
        "goals": ("text", {goal.code: goal.text for goal in document.goal_texts}),
        "sub_goals": ("text", headings),
        "strategies": ("text", headings),
        "measures": ("description", {code: row.text for code, row in _first(document).items()}),
    }
    found: dict[str, tuple[list[Model], str]] = {
        kind: (_changed(getattr(version, kind).order_by("pk"), "code", field, texts), field)
        for kind, (field, texts) in wanted.items()
    }
    objectives = {squeeze(row.name): row.text for row in document.objectives}
    rows = version.plan.objectives.order_by("pk")
    found["objectives"] = (_changed(rows, "printed_name", "text", objectives), "text")
    return found


def _changed(rows, key: str, field: str, texts: dict[str, str]) -> list[Model]:
    found = []
    for row in rows:
        text = texts.get(squeeze(getattr(row, key)))
        if text and getattr(row, field) != text:
            setattr(row, field, text)
            found.append(row)
    return found


def _items(document: Document, version: PlanVersion) -> dict[int, list[Item]]:
    """Measure's id → its items, for every measure whose items the document changes."""
    measures = dict(version.measures.order_by("position").values_list("code", "pk"))
    loaded: dict[int, list[dict]] = {}
    fields = ("level", "marker", "title", "text")
    rows = MeasureItem.objects.filter(measure__version=version).order_by("measure_id", "ordinal")
    for row in rows.values("measure_id", *fields):
        loaded.setdefault(row.pop("measure_id"), []).append(row)
    return {
        measures[code]: measure.items
        for code, measure in _first(document).items()
        if code in measures
        and [_fields(item) for item in measure.items] != loaded.get(measures[code], [])
    }


def _first(document: Document) -> dict[str, MeasureText]:
    """Measures by code; where the text numbers two alike, the first (the second is reported)."""
    found: dict[str, MeasureText] = {}
    for measure in document.measures:
        found.setdefault(measure.code, measure)
    return found


def _fields(item: Item) -> dict:
    return {
        "level": item.level,
        "marker": item.marker,
        "title": item.title or "",
        "text": item.text,
    }
