"""What a loading run has changed so far, and the one upsert that all its steps use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, Model

from ministries.audit import record
from plan.fixture_files.entry import FixtureError

if TYPE_CHECKING:
    from ministries.models import User

_ROOM = 10_000  # above every ordinal: rows step aside here while they change places


@dataclass(frozen=True)
class Change:
    """One thing that loading changes. ``field`` is empty for a row that is added or removed."""

    kind: str  # added, changed, removed
    what: str
    where: str
    field: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        if self.kind == "changed":
            name = " ".join(part for part in (self.what, self.where, self.field) if part)
            return f"{name}：「{self.before}」→「{self.after}」"
        return f"{'新增' if self.kind == 'added' else '移除'}{self.what} {self.where}"


class Ledger:
    """Changes of one run, in order, and by whom."""

    def __init__(self, by: "User | str"):
        self.by = by
        self.changes: list[Change] = []

    def add(self, *change: str) -> None:
        self.changes.append(Change(*change))

    def upsert(
        self,
        what: str,
        model: type[Model],
        existing: dict[Any, Any],
        wanted: dict[Any, dict[str, Any]],
        identity: Callable[[Any], dict[str, Any]],
        *,
        label: Callable[[Any], str] = str,
        audit: bool = False,
        whole: str | None = None,
    ) -> dict[Any, Any]:
        """Create what is missing and change what differs; returns the wanted rows by key.

        ``identity`` gives a new row's fields that make its key. ``whole`` is the file that lists
        all rows of a plan: one that it lacks is refused, since loading never deletes them. With
        ``audit`` a changed row leaves an event of its own.
        """
        if whole is not None and (missing := [key for key in existing if key not in wanted]):
            raise FixtureError(whole, label(missing[0]), f"檔案裡少了{what}；已載入的不會刪除")
        rows, new, changed = {}, [], {}
        for key, values in wanted.items():
            row = rows[key] = existing.get(key) or model(**identity(key), **values)
            if key not in existing:
                new.append(row)
                self.add("added", what, label(key))
            elif before := self._differences(row, values):
                changed[row] = before
                for field, value in before.items():
                    setattr(row, field, values[field])
                    name = str(model._meta.get_field(field).verbose_name)
                    self.add("changed", what, label(key), name, _text(value), _text(values[field]))
                if audit:
                    after = {field: values[field] for field in before}
                    verb = f"{model._meta.model_name}.change"
                    record(verb, row, by=self.by, before=before, after=after)
        if moved := [row.pk for row, before in changed.items() if "ordinal" in before]:
            model.objects.filter(pk__in=moved).update(ordinal=F("ordinal") + _ROOM)
        if changed:
            model.objects.bulk_update(changed, {field for row in changed.values() for field in row})
        model.objects.bulk_create(new)
        return rows

    @staticmethod
    def _differences(row: Model, values: dict[str, Any]) -> dict[str, Any]:
        """Fields of the row that are not as wanted, with what they hold."""
        return {
            field: getattr(row, field)
            for field, value in values.items()
            if getattr(row, field) != value
        }


def _text(value: Any) -> str:
    return "" if value is None else str(value)
