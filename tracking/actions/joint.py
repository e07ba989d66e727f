"""Of measures on which several ministries report: quoting a partner, dissent and its answer."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries import audit
from ministries.models import User
from plan.enums import AssignmentRole
from tracking.actions.door import enter, lock, touch, written
from tracking.enums import Verb
from tracking.models import Dissent, ProgressReport, Quotation
from tracking.models.scope import SUBMITTED_ONCE
from tracking.notices import joint as notices
from tracking.parts import part_of
from tracking.queries.joint import QUOTABLE
from tracking.rules import joint as rules
from tracking.submitted import shown
from tracking.workflow import writable_parts

LONGEST = 500
LONGEST_FIELD = 2000


@transaction.atomic
def quote(
    report: ProgressReport, source_id: int, name: str, *, seen_version: int, by: User
) -> ProgressReport:
    """Put a partner's text, with where it is from, behind what the lead wrote in the same field,
    and keep the citation: which report, which submission, which version, word for word.

    Refuses with Invalid at the field what would not fit, NotAllowed what is no partner's report
    that this person may read.
    """
    row = enter(report, Verb.SAVE, seen_version=seen_version, by=by)
    source = (
        ProgressReport.objects.visible_to(by)
        .filter(
            SUBMITTED_ONCE,
            pk=source_id,
            measure=row.measure_id,
            reporting_year=row.reporting_year_id,
            role=AssignmentRole.PARTNER,
        )
        .exclude(ministry=row.ministry_id)
        .select_related("ministry", "reporting_year")
        .first()
    )
    if source is None or row.role != AssignmentRole.LEAD or name not in QUOTABLE:
        raise NotAllowed(_("只有主辦能引用同一措施協辦部會送出的文字。"))
    if part_of(name) not in writable_parts(row.returned_parts):
        raise NotNow(_("這一部分現在不能改。"))
    text = getattr(shown([source], by)[0], name).strip()
    if not text:
        raise Invalid({name: [_("協辦部會這一欄沒有文字。")]})
    with translation.override(settings.LANGUAGE_CODE):
        cited = _("%(text)s（引自%(ministry)s）") % {
            "text": text,
            "ministry": source.ministry.short_name,
        }
    before = getattr(row, name)
    after = "\n".join(filter(None, [before, cited]))
    if len(after) > LONGEST_FIELD:
        raise Invalid({name: [_("加上引文會超過2,000字；先刪短，或只摘錄要的部分。")]})
    setattr(row, name, after)
    Quotation.objects.create(
        report=row,
        field=name,
        source=source,
        submission=source.submissions,
        version=source.version,
        text=text,
        by=by,
    )
    told = {name: after, "source": source.pk, "submission": source.submissions}
    return touch(row, "report.quote", by=by, before={name: before}, after=told)


@transaction.atomic
def note_dissent(part: ProgressReport, lead: ProgressReport, *, text: str, by: User) -> Dissent:
    """A partner (`part` is its report) notes that it sees the lead's filed report otherwise. One
    at a time; the lead is told. The lead's report and its version stay as they are.
    """
    row = lock(lead)
    rules.dissent_verdict(part, row, by).enforce()
    text = written(text, field="text", longest=LONGEST)
    if Dissent.objects.standing().filter(report=row, ministry=part.ministry_id).exists():
        raise NotNow(_("已經有一則不同意見；要改請先撤回。"))
    dissent = Dissent.objects.create(
        report=row, ministry=part.ministry, submission=row.submissions, text=text, by=by
    )
    audit.record("dissent.add", row, by=by, ministry=part.ministry, after={"text": text})
    notices.announce(dissent, by=by)
    return dissent


@transaction.atomic
def withdraw_dissent(dissent: Dissent, *, by: User) -> Dissent:
    """Take it back; the row is kept, pages show it no more."""
    row = _locked(dissent)
    rules.withdrawal_verdict(row, by).enforce()
    row.withdrawn_by, row.withdrawn_at = by, timezone.now()
    row.save()
    audit.record("dissent.withdraw", row.report, by=by, ministry=row.ministry,
                 before={"text": row.text})  # fmt: skip
    return row


@transaction.atomic
def answer_dissent(dissent: Dissent, *, text: str, by: User) -> Dissent:
    """The lead answers, or answers anew; both texts stand on the pages. The same answer again
    changes nothing.
    """
    row = _locked(dissent)
    rules.answer_verdict(row, by).enforce()
    before = row.answer
    row.answer = written(text, field="text", longest=LONGEST)
    if row.answer == before:
        return row
    row.answered_by, row.answered_at = by, timezone.now()
    row.save()
    audit.record("dissent.answer", row.report, by=by, ministry=row.report.ministry,
                 before={"answer": before}, after={"answer": row.answer})  # fmt: skip
    return row


def _locked(dissent: Dissent) -> Dissent:
    rows = Dissent.objects.select_for_update(of=("self",))
    return rows.select_related("report__ministry", "ministry").get(pk=dissent.pk)
