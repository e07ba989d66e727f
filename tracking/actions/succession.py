"""What becomes of open drafts when a body's duties go to another while a year is running.

A whole succession (renamed, merged) takes all of them along, a partial transfer and a split those
of the measures that were reassigned to the successor. What was filed stays with the name under
which it was filed.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.errors import Invalid, NotNow
from ministries import audit
from ministries.enums import MembershipRole, SuccessionKind
from ministries.models import Lineage, Succession, User
from ministries.models.ministry import WHOLE
from plan.enums import AssignmentRole
from plan.models import Assignment, PlanVersion
from tracking.enums import Status, YearState
from tracking.models import ProgressReport
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, windows_of
from tracking.queries.reports import OWED

logger = logging.getLogger(__name__)
SYSTEM = "system:successions"
# A succession of a later day is carried out on that day; one that failed is tried this long.
TRIED = timedelta(days=31)
# How many a refusal names.
LISTED = 5


class Fates(NamedTuple):
    """What happens to the predecessor's open drafts.

    moving   with the successor's duty for the measure, None where all duties moved
    staying  the successor has a report of its own for the measure, or another body takes it
    left     nobody would hold these
    """

    moving: list[tuple[ProgressReport, Assignment | None]]
    staying: list[ProgressReport]
    left: list[ProgressReport]


def follow_succession(
    sender: type[Succession], *, succession: Succession, by: User | str, **kwargs: object
) -> None:
    """Inside the recording: refuse what would be left without a holder; move what is due today."""
    found = fates(succession)
    _refuse(succession, found)
    if succession.on <= timezone.localdate():
        _move(succession, found, by)


def keep_succession(sender: type[Succession], *, succession: Succession, **kwargs: object) -> None:
    """Inside a deletion: refuse it where papers of the predecessor went along to the successor, or
    from there on to another. Nothing would bring them back, and who answers for them could not be
    told any more.
    """
    today, lineage = timezone.localdate(), Lineage()
    before = lineage.line(succession.predecessor_id, today)
    after = [succession.successor_id]
    after += [body for body, _since in lineage.heirs(succession.successor_id)]
    followed = list(
        ProgressReport.working.filter(opened_for__in=before, ministry__in=after)
        .select_related("reporting_year", "measure")
        .order_by("reporting_year__year", "measure__position", "pk")
    )
    if not followed:
        return
    sentence = _("已有%(n)d件報告依這一筆由%(new)s承接，不能刪除：%(list)s。")
    values = {
        "n": len(followed),
        "new": succession.successor.short_name,
        "list": _listed(followed[:LISTED]) + (_("等") if len(followed) > LISTED else ""),
    }
    raise NotNow(sentence % values)


def follow_successions() -> int:
    """Every day: move what successions recorded for this day wait for; how many drafts moved.

    One that can't be carried out is logged and does not hold up the others.
    """
    today, moved = timezone.localdate(), 0
    for edge in Succession.objects.filter(on__lte=today, on__gt=today - TRIED):
        try:
            with transaction.atomic():
                found = fates(edge)
                _refuse(edge, found)
                moved += _move(edge, found, SYSTEM)
        except Invalid as refusal:
            logger.error("Succession %s could not be followed: %s", edge.pk, refusal)
    return moved


def fates(edge: Succession) -> Fates:
    """What the edge does to each open draft of the predecessor, which are locked."""
    drafts = list(_open_drafts(edge.predecessor_id))
    taken = set(
        ProgressReport.objects.filter(
            ministry=edge.successor_id,
            reporting_year__in={row.reporting_year_id for row in drafts},
        ).values_list("reporting_year_id", "measure__lineage")
    )
    duties = {} if edge.kind in WHOLE else _duties(drafts, edge)
    found = Fates([], [], [])
    for row in drafts:
        own = (row.reporting_year_id, row.measure.lineage) in taken
        if edge.kind in WHOLE:
            if own:  # its people answer for both
                found.staying.append(row)
            else:
                found.moving.append((row, None))
            continue
        held = duties.get(row.measure.lineage, {})
        duty = held.get(edge.successor_id)
        if duty and not own and edge.predecessor_id not in held:
            found.moving.append((row, duty))
        elif edge.kind == SuccessionKind.PARTIAL_TRANSFER:
            found.staying.append(row)  # the old body lives on
        elif any(one.since == edge.on for pk, one in held.items() if pk != edge.successor_id):
            found.staying.append(row)  # its own edge takes it
        else:
            found.left.append(row)
    return found


def _open_drafts(ministry: int) -> Iterable[ProgressReport]:
    running = Q(reporting_year__state=YearState.OPEN) | Q(correction_due_on__isnull=False)
    return (
        ProgressReport.objects.select_for_update(of=("self",))
        .filter(running, ministry=ministry, status__in=OWED)
        .select_related("reporting_year", "measure")
        .order_by("reporting_year__year", "measure__position", "pk")
    )


def _duties(drafts: list[ProgressReport], edge: Succession) -> dict[object, dict[int, Assignment]]:
    """Measure's lineage → the body → its duty on the day, in the version that is filed against;
    of a measure that is not in it any more, in the draft's own.
    """
    lineage, found = Lineage(), defaultdict(dict)
    rows = Assignment.objects.on(edge.on).select_related("measure")
    versions = PlanVersion.objects.to_file_against()
    lineages = {row.measure.lineage for row in drafts}
    for duty in rows.filter(measure__version__in=versions, measure__lineage__in=lineages):
        found[duty.measure.lineage][lineage.holder(duty.ministry_id, edge.on)] = duty
    rest = {row.measure_id for row in drafts if row.measure.lineage not in found}
    for duty in rows.filter(measure__in=rest):
        found[duty.measure.lineage][lineage.holder(duty.ministry_id, edge.on)] = duty
    return found


def _refuse(edge: Succession, found: Fates) -> None:
    names = {"old": edge.predecessor.short_name, "new": edge.successor.short_name}
    if found.left:
        sentence = _(
            "%(old)s有%(n)d件還沒有送出的報告會沒有部會承接：%(list)s。請先在「分工」把這些措施"
            "改由承接的部會負責；承接的部會自己已有報告的，請審查人先把%(old)s的列為不適用。"
        )
        values = {**names, "n": len(found.left), "list": _listed(found.left)}
        raise Invalid({"successor": [sentence % values]})
    if found.moving and edge.kind not in WHOLE:
        bodies = bodies_of(edge.successor_id)
        if not members_of(bodies, MembershipRole.OFFICER) | windows_of(bodies):
            moving = [row for row, _duty in found.moving]
            sentence = _(
                "%(new)s還沒有承辦人或窗口，%(n)d件還沒有送出的報告會沒有人處理：%(list)s。"
                "請先為%(new)s建立帳號。"
            )
            values = {**names, "n": len(moving), "list": _listed(moving)}
            raise Invalid({"successor": [sentence % values]})


def _listed(reports: list[ProgressReport]) -> str:
    return _("、").join(
        f"{row.reporting_year.year} {row.measure.code} {row.measure.name}" for row in reports
    )


def _move(edge: Succession, found: Fates, by: User | str) -> int:
    old, new = edge.predecessor, edge.successor
    entries = []
    for row, duty in found.moving:
        before = {"ministry": old.code, "ministry_name": row.ministry_name, "version": row.version}
        row.opened_for_id = row.opened_for_id or row.ministry_id
        row.ministry = new
        if row.filed_at is None:
            row.ministry_name = new.full_name
        if duty is not None:
            row.assignments.add(duty)
            if row.role != duty.role:
                row.role = duty.role
                row.coordinating = duty.role == AssignmentRole.LEAD and duty.order == 1
        row.version += 1
        row.save()
        after = {"ministry": new.code, "ministry_name": row.ministry_name, "version": row.version}
        entries.append(
            audit.entry(
                "report.follow_succession", row, by=by, ministry=new, before=before, after=after
            )
        )
    audit.record_many(entries)
    if found.moving:
        _tell(edge, found)
    return len(found.moving)


def _tell(edge: Succession, found: Fates) -> None:
    """One mail to the successor's windows and officers: what came to them."""
    bodies = bodies_of(edge.successor_id)
    people = windows_of(bodies) | members_of(bodies, MembershipRole.OFFICER)
    with translation.override(LANGUAGE):
        values = {
            "old": edge.predecessor.short_name,
            "new": edge.successor.short_name,
            "day": roc.format_date(edge.on),
            "basis": edge.legal_basis,
            "n": len(found.moving),
        }
        subject = _("%(old)s的%(n)d件年度執行情形由%(new)s承接") % values
        lead = _("%(day)s起依%(basis)s，%(old)s還沒有送出的%(n)d件報告由%(new)s填報：") % values
        items = "\n".join(
            f"　{row.reporting_year.year} {row.measure.code} {row.measure.name}"
            f" [{Status(row.status).label}]"
            for row, _duty in found.moving
        )
        link = settings.SITE_URL.rstrip("/") + reverse("desk")
        body = "\n\n".join([lead, items, link]) + "\n"
        post(NoticeKind.HANDOVER, f"succession:{edge.pk}", people, subject, body)
