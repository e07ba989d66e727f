"""Reading a file back: compare it, try what it would change, and write it if asked to.

What is tried and what is written goes through `tracking.actions.reports.save_draft`, the action
behind the form; trying is the same in a transaction that is taken back.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, Refused, StaleVersion
from config.kit.verdicts import YES, Verdict, not_allowed
from ministries.enums import MembershipRole
from ministries.models import Ministry, User
from tracking.actions.reports import save_draft
from tracking.models import ProgressReport, ReportingYear
from tracking.workbook.compare import Change, Comparison, Draft, Problem, compare
from tracking.workbook.gather import gather
from tracking.workbook.package import FileRefused
from tracking.workbook.read import read

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Outcome:
    """`versions` holds the version of each report that would be written, as it was compared;
    `refused` says that the file as a whole could not be read.
    """

    rows: int = 0
    changes: list[Change] = field(default_factory=list)
    conflicts: list[Change] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    versions: dict[int, int] = field(default_factory=dict)
    refused: bool = False

    def as_json(self) -> dict:
        """What the command prints."""
        told = ("sheet", "cell", "code", "name", "field", "label")
        return {
            "rows": self.rows,
            "changes": [_some(one, *told, "old", "new") for one in self.changes],
            "conflicts": [
                {**_some(one, *told), "file": one.new, "present": one.old} for one in self.conflicts
            ],
            "errors": [_some(one, "sheet", "cell", "code", "message") for one in self.errors],
        }

    def as_kept(self) -> dict:
        """All of it as JSON, for a row in the database."""
        return {**asdict(self), "versions": {str(pk): one for pk, one in self.versions.items()}}


def _some(row: Change | Problem, *names: str) -> dict:
    return {name: getattr(row, name) for name in names}


def preview(
    content: bytes,
    ministry: Ministry,
    year: ReportingYear,
    *,
    by: User,
    progress: Progress = lambda _done, _total: None,
) -> Outcome:
    """What the file would change if this person had it applied. Writes nothing."""
    with translation.override(settings.LANGUAGE_CODE):
        found = _compared(content, ministry, year, by)
        if isinstance(found, Outcome):
            return found
        drafts = dict(found.drafts)
        for done, (pk, draft) in enumerate(drafts.items()):
            progress(done, len(drafts))
            with transaction.atomic():
                _write(pk, draft, by, found)
                transaction.set_rollback(True)
        return _outcome(found)


@transaction.atomic
def apply(
    content: bytes,
    ministry: Ministry,
    year: ReportingYear,
    *,
    by: User,
    versions: dict[int, int] | None = None,
) -> Outcome:
    """Write what the file changes, all in one transaction, and return what was written.

    `versions` are those of the preview: a report that was changed since, or would not have been
    written then, is not written now and told as a conflict. A report that its action refuses stays
    as it is and is told as an error.
    """
    with translation.override(settings.LANGUAGE_CODE):
        found = _compared(content, ministry, year, by)
        if isinstance(found, Outcome):
            return found
        for pk, draft in list(found.drafts.items()):
            if versions is not None and versions.get(pk) != draft.version:
                _as_conflict(found, pk)
                continue
            with transaction.atomic():
                _write(pk, draft, by, found)
        return _outcome(found)


def _compared(
    content: bytes, ministry: Ministry, year: ReportingYear, by: User
) -> Comparison | Outcome:
    book = gather(ministry, year, by)
    try:
        return compare(read(content, book), book)
    except FileRefused as refusal:
        told = Problem(refusal.sheet, refusal.cell, str(refusal))
        return Outcome(errors=[told], refused=True)


def _write(pk: int, draft: Draft, by: User, found: Comparison) -> None:
    """One report by the action of the form; a refusal is told at its cell."""
    try:
        save_draft(
            ProgressReport(pk=pk),
            seen_version=draft.version,
            by=by,
            fields=draft.fields,
            values=draft.values or None,
            money=draft.money,
        )
    except StaleVersion:
        _as_conflict(found, pk)
    except Invalid as refusal:
        for key, sentences in refusal.errors.items():
            sheet, cell = draft.cells.get(key, draft.first)
            found.errors += [Problem(sheet, cell, str(one), draft.code, pk) for one in sentences]
    except Refused as refusal:
        found.errors.append(Problem(*draft.first, str(refusal), draft.code, pk))


def _as_conflict(found: Comparison, pk: int) -> None:
    found.conflicts += [change for change in found.changes if change.report == pk]
    found.changes = [change for change in found.changes if change.report != pk]
    found.drafts.pop(pk, None)


def _outcome(found: Comparison) -> Outcome:
    found.hold_back()
    return Outcome(
        rows=found.rows,
        changes=found.changes,
        conflicts=found.conflicts,
        errors=found.errors,
        versions={pk: draft.version for pk, draft in found.drafts.items()},
    )


def may_bring_back(by: User, ministry: Ministry) -> Verdict:
    """May this person have a file of the ministry read and applied? Its officers may."""
    if ministry.pk in by.ministries_as(MembershipRole.OFFICER):
        return YES
    return not_allowed(
        _("讀回試算表是%(ministry)s承辦人的事，你不是%(ministry)s的承辦人。")
        % {"ministry": ministry.short_name}
    )
