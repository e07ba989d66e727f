"""What becomes of running years when a revision of the plan is approved."""

from ministries import audit
from ministries.models import User
from plan.enums import RunningYearRule
from plan.models import Assignment, PlanVersion
from tracking.enums import Status, YearState
from tracking.models import LightOverride, ProgressReport


def follow_revision(
    sender: type[PlanVersion],
    *,
    version: PlanVersion,
    before: PlanVersion | None,
    rule: str,
    by: User,
    **kwargs: object,
) -> dict:
    """Inside the approval: drafts of open years stay under the version before, or move with it.

    Under `follow` a draft whose measure goes on by lineage moves to the measure of the new version
    and answers the duties there; one whose measure was split, merged or ended stays, since nobody
    but its ministry could say what belongs where. Whatever was submitted stays under the version
    under which it was filed. Returns {"moved": number, "stayed": [{"year", "code", "ministry"}]}.
    """
    if before is None:
        return {}
    drafts = list(
        ProgressReport.objects.select_for_update(of=("self",))
        .filter(
            reporting_year__plan=version.plan_id,
            reporting_year__state=YearState.OPEN,
            status=Status.DRAFT,
            measure__version=before,
        )
        .select_related("reporting_year", "measure", "ministry")
        .order_by("reporting_year__year", "measure__position", "ministry__code")
    )
    heirs = {row.lineage: row for row in version.measures.all()}
    follows = rule == RunningYearRule.FOLLOW
    moving = [row for row in drafts if follows and row.measure.lineage in heirs]
    staying = [row for row in drafts if not (follows and row.measure.lineage in heirs)]
    entries = []
    for row in moving:
        old, row.measure = row.measure, heirs[row.measure.lineage]
        row.version += 1
        entries.append(
            audit.entry(
                "report.follow_revision",
                row,
                by=by,
                ministry=row.ministry,
                before={"version_of_plan": before.number, "code": old.code},
                after={"version_of_plan": version.number, "code": row.measure.code},
            )
        )
    ProgressReport.objects.bulk_update(moving, ["measure", "version"])
    _answer(moving, version)
    _move_lights(before, version)
    audit.record_many(entries)
    return {
        "moved": len(moving),
        "stayed": [
            {
                "year": row.reporting_year.year,
                "code": row.measure.code,
                "ministry": row.ministry.short_name,
            }
            for row in staying
        ],
    }


def _answer(reports: list[ProgressReport], version: PlanVersion) -> None:
    """Point the reports at the new version's copies of the duties that they answer."""
    through = ProgressReport.assignments.through
    links = list(
        through.objects.filter(progressreport__in=reports).values_list(
            "progressreport_id",
            "assignment__measure__lineage",
            "assignment__ministry_id",
            "assignment__role",
        )
    )
    copies: dict[tuple, list[int]] = {}
    for pk, *duty in Assignment.objects.filter(measure__version=version).values_list(
        "pk", "measure__lineage", "ministry_id", "role"
    ):
        copies.setdefault(tuple(duty), []).append(pk)
    through.objects.filter(progressreport__in=reports).delete()
    through.objects.bulk_create(
        through(progressreport_id=report, assignment_id=pk)
        for report, pk in {
            (report, pk) for report, *duty in links for pk in copies.get(tuple(duty), [])
        }
    )


def _move_lights(before: PlanVersion, version: PlanVersion) -> None:
    """A reviewer's other light stands with its year's reports; it moves when all of them did."""
    heirs = {row.lineage: row for row in version.measures.all()}
    for light in LightOverride.objects.filter(
        measure__version=before, reporting_year__state=YearState.OPEN
    ).select_related("measure"):
        heir = heirs.get(light.measure.lineage)
        reports = ProgressReport.objects.filter(
            reporting_year=light.reporting_year_id, measure__lineage=light.measure.lineage
        )
        if heir and not reports.exclude(measure=heir).exists() and reports.exists():
            light.measure = heir
            light.save(update_fields=["measure"])
