"""What experts are asked to judge, and what they should not: assigned, recused, decided.

Every action locks the review first.
"""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.kit.errors import Invalid, NotNow
from ministries import audit
from ministries.models import Lineage, Ministry, User
from reports.actions.door import lock, written
from reports.enums import RecusalState
from reports.models import Citation, Opinion, Recusal, Seat, SeatItem
from reports.notices.experts import tell_expert
from reports.queries import reviews as queries
from reports.queries.experts import measures_of
from reports.recusals import ground
from reports.rules import experts as rules_of_experts
from reports.rules import reviews as rules
from tracking.notices.mail import LANGUAGE

LONGEST_REASON = Recusal._meta.get_field("reason").max_length


# --- assignment -----------------------------------------------------------------------------------
@transaction.atomic
def assign(seat: Seat, *, codes: Collection[str], by: User) -> list[str]:
    """Ask the expert to judge these measures of the current edition; the new ones are returned.

    Looks for recusals among them and tells the expert by mail. Raises Invalid for a code that the
    edition doesn't know, NotNow for a seat that has ended.
    """
    seat = _enter(seat, by)
    edition = queries.current_edition(seat.review)
    known = measures_of(edition)
    if unknown := sorted(set(codes) - known.keys()):
        raise Invalid({"codes": [_("沒有這些項目：%(codes)s") % {"codes": "、".join(unknown)}]})
    held = set(seat.items.values_list("measure_code", flat=True))
    new = [code for code in known if code in set(codes) - held]
    if not new:
        return []
    SeatItem.objects.bulk_create(SeatItem(seat=seat, measure_code=code) for code in new)
    audit.record("seat.assign", seat, by=by, after={"user": seat.user.email, "measures": new})
    propose_recusals(seat, by=by)
    tell_expert(seat, len(new))
    return new


@transaction.atomic
def unassign(seat: Seat, *, codes: Collection[str], by: User) -> list[str]:
    """Take measures back. A draft stays with its author; NotNow where an opinion was handed in."""
    seat = _enter(seat, by)
    written = Opinion.objects.submitted().filter(seat=seat, measure_code__in=codes)
    if kept := sorted(written.values_list("measure_code", flat=True)):
        raise NotNow(_("%(codes)s的意見已經送出，不能取消分工。") % {"codes": "、".join(kept)})
    rows = seat.items.filter(measure_code__in=codes)
    gone = sorted(rows.values_list("measure_code", flat=True))
    if gone:
        rows.delete()
        undecided = (RecusalState.PROPOSED, RecusalState.DECLARED)
        seat.recusals.filter(measure_code__in=gone, state__in=undecided).delete()
        audit.record("seat.unassign", seat, by=by, before={"measures": gone})
    return gone


def _enter(seat: Seat, by: User) -> Seat:
    """The seat of the locked review, for whoever may change it."""
    rules.may_change(lock(seat.review), by).enforce()
    seat = Seat.objects.select_related("review", "user", "ministry").get(pk=seat.pk)
    if seat.ended_at:
        raise NotNow(_("這位專家已經退出。"))
    return seat


# --- recusals -------------------------------------------------------------------------------------
@transaction.atomic
def propose_recusals(seat: Seat, *, by: User | str) -> list[Recusal]:
    """Propose a recusal for every assigned measure where `reports.recusals` finds a ground.

    One that was proposed, declared or decided before is left as it is. Returns the new ones.
    """
    edition = queries.current_edition(seat.review)
    if edition is None:
        return []
    measures = measures_of(edition)
    own = _own_bodies(seat)
    decided = set(seat.recusals.values_list("measure_code", flat=True))
    found = []
    with override(LANGUAGE):
        for code in seat.items.values_list("measure_code", flat=True):
            if code in decided or code not in measures:
                continue
            one = measures[code]
            if reason := ground(edition.head, one.leads, one.partners, own, seat.affiliation):
                found.append(
                    Recusal(
                        seat=seat,
                        measure_code=code,
                        reason=reason[:LONGEST_REASON],
                        state=RecusalState.PROPOSED,
                    )
                )
    Recusal.objects.bulk_create(found)
    if found:
        told = {row.measure_code: row.reason for row in found}
        audit.record("recusal.propose", seat, by=by, after=told)
    return found


def _own_bodies(seat: Seat) -> set[str]:
    """Codes of the bodies to which the expert belongs, by own word or by account, with their line:
    what they came from, and what holds their duties today."""
    today = timezone.localdate()
    members = seat.user.memberships.on(today).values_list("ministry_id", flat=True)
    lineage, ids = Lineage(), set()
    for pk in {seat.ministry_id, *members} - {None}:
        ids |= set(lineage.line(lineage.holder(pk, today), today))
    return set(Ministry.objects.filter(pk__in=ids).values_list("code", flat=True))


@transaction.atomic
def declare_recusal(seat: Seat, *, code: str, reason: str, by: User) -> Recusal:
    """An expert asks to be left out of a measure; a reviewer decides."""
    lock(seat.review)
    seat = Seat.objects.select_related("review").get(pk=seat.pk)
    rules_of_experts.may_recuse_oneself(seat, code, by).enforce()
    recusal, _new = Recusal.objects.update_or_create(
        seat=seat,
        measure_code=code,
        defaults={
            "reason": written(reason, field="reason"),
            "state": RecusalState.DECLARED,
            "decided_by": None,
            "decided_at": None,
            "decision_reason": "",
        },
    )
    audit.record("recusal.declare", recusal, by=by, after={"measure": code})
    return recusal


@transaction.atomic
def decide_recusal(recusal: Recusal, *, confirm: bool, reason: str, by: User) -> Recusal:
    """Confirm it, and the expert does not judge the measure; or dismiss it. Both with a reason.

    An opinion that was handed in before no longer counts once it is confirmed: it is a draft
    again, its author's alone. NotNow while a conclusion cites it. The same decision for the same
    reason changes nothing.
    """
    lock(recusal.seat.review)
    recusal = Recusal.objects.select_related("seat__review", "seat__user").get(pk=recusal.pk)
    rules_of_experts.may_decide(recusal, by).enforce()
    reason = written(reason, field="reason")
    before = {"state": recusal.state, "reason": recusal.decision_reason}
    state = RecusalState.CONFIRMED if confirm else RecusalState.DISMISSED
    if before == {"state": state, "reason": reason}:
        return recusal
    if confirm:
        _withdraw(recusal)
    recusal.state = state
    recusal.decided_by, recusal.decided_at = by, timezone.now()
    recusal.decision_reason = reason
    recusal.save()
    after = {"state": recusal.state, "reason": reason, "measure": recusal.measure_code}
    audit.record("recusal.decide", recusal, by=by, before=before, after=after)
    return recusal


def _withdraw(recusal: Recusal) -> None:
    handed_in = Opinion.objects.submitted().filter(
        seat=recusal.seat, measure_code=recusal.measure_code
    )
    if Citation.objects.filter(opinion__in=handed_in).exists():
        raise NotNow(_("結論引用了這位專家對這一項的意見，先把引用拿掉。"))
    handed_in.update(submitted_at=None, sent_at=None)
