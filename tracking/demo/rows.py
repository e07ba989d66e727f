"""The rows of one demo reporting year, gathered in memory and stored table by table."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ministries import audit
from ministries.models import AuditEvent
from plan.models import Assignment
from tracking.enums import Verb
from tracking.models import (
    Evidence,
    IndicatorValue,
    MoneyLine,
    ProgressReport,
    ReportAuthor,
    ReportEvent,
    ReturnedPart,
    Submission,
)
from tracking.submitted import content_of


@dataclass
class Rows:
    """`answers` are reports with the duties that they answer, `saves` (report, version, when)."""

    reports: list[ProgressReport] = field(default_factory=list)
    answers: list[tuple[ProgressReport, Assignment]] = field(default_factory=list)
    values: list[IndicatorValue] = field(default_factory=list)
    money: list[MoneyLine] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    authors: list[ReportAuthor] = field(default_factory=list)
    events: list[ReportEvent] = field(default_factory=list)
    returns: list[ReturnedPart] = field(default_factory=list)
    saves: list[tuple[ProgressReport, int, datetime]] = field(default_factory=list)

    def write(self) -> None:
        ProgressReport.objects.bulk_create(self.reports)
        through = ProgressReport.assignments.through
        through.objects.bulk_create(
            through(progressreport_id=report.pk, assignment_id=duty.pk)
            for report, duty in self.answers
        )
        for model, rows in (
            (IndicatorValue, self.values),
            (MoneyLine, self.money),
            (Evidence, self.evidence),
            (ReportAuthor, self.authors),
            (ReportEvent, self.events),
            (ReturnedPart, self.returns),
        ):
            model.objects.bulk_create(rows)
        self._write_submissions()
        audit.record_many(self._audit())

    def _write_submissions(self) -> None:
        """What each sign-off kept. The demo writes a report's text once, so all say the same."""
        values, money, evidence = (
            _by_report(rows) for rows in (self.values, self.money, self.evidence)
        )
        copies = Submission.objects.bulk_create(
            Submission(
                report=event.report,
                number=number,
                content=content_of(event.report, values[event.report.pk], money[event.report.pk]),
                at=event.at,
            )
            for event, number in self._sign_offs()
        )
        through = Submission.evidence.through
        through.objects.bulk_create(
            through(submission_id=copy.pk, evidence_id=row.pk)
            for copy in copies
            for row in evidence[copy.report_id]
        )

    def _sign_offs(self) -> Iterator[tuple[ReportEvent, int]]:
        """Each sign-off and which of its report it is, from 1 on."""
        counts: Counter[int] = Counter()
        for event in self.events:
            if event.verb == Verb.SIGN_OFF:
                counts[event.report.pk] += 1
                yield event, counts[event.report.pk]

    def _audit(self) -> list[AuditEvent]:
        """What the actions would have logged: every saving and every move."""
        entries = [
            audit.entry(
                "report.save",
                report,
                by=report.saved_by,
                ministry=report.ministry,
                before={"version": version - 1},
                after={"version": version},
                at=at,
            )
            for report, version, at in self.saves
        ]
        entries += [
            audit.entry(
                f"report.{event.verb}",
                event.report,
                by=event.by,
                ministry=event.report.ministry,
                before={"status": event.from_status, "version": event.version - 1},
                after={"status": event.to_status, "version": event.version},
                at=event.at,
            )
            for event in self.events
        ]
        return sorted(entries, key=lambda row: row.at)


def _by_report(rows: Iterable[IndicatorValue | MoneyLine | Evidence]) -> dict[int, list]:
    found: dict[int, list] = defaultdict(list)
    for row in rows:
        found[row.report_id].append(row)
    return found
