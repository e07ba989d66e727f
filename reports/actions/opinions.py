"""Experts' opinions: saved as they are typed, handed in, sent to ministries, answered.

The review is locked first, so that nothing is written while it moves on. The audit tells that
something was saved and on which edition it rests, never what it says: a draft is private, and the
log is read by others.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotAllowed, NotNow, StaleVersion
from ministries import audit
from ministries.models import Lineage, Ministry, User
from reports import compare
from reports.actions.door import lock
from reports.models import (
    Citation,
    CitationFlag,
    Conclusion,
    Edition,
    Opinion,
    OpinionReply,
    Review,
    Seat,
)
from reports.notices.experts import tell_ministry
from reports.queries import lineage
from reports.queries import reviews as queries
from reports.queries.experts import bodies_of_measures
from reports.rules import experts as rules_of_experts

LOWEST, HIGHEST = 1, 5
LONGEST = Opinion._meta.get_field("text").max_length
LONGEST_REPLY = OpinionReply._meta.get_field("text").max_length

Scores = Mapping[str, int | None]


@dataclass(frozen=True)
class Draft:
    """What an expert typed: scores by criterion (None: could not judge; absent: not yet said), the
    text, which version of the opinion was on the screen (0: none yet), and which edition.
    """

    scores: Scores
    text: str
    seen_version: int
    edition: int


@transaction.atomic
def save_opinion(seat: Seat, *, measure_code: str, draft: Draft, by: User) -> Opinion:
    """Keep a draft as far as it is written. It is its author's alone.

    Raises StaleVersion, with the opinion as it is, where another window saved something else since;
    Invalid for scores that there are not; NotNow once it was handed in (`submit_opinion` then).
    """
    seat, edition = _enter(seat, measure_code, draft, by)
    current = queries.current_edition(seat.review)
    if _code_in(edition, current, measure_code) != measure_code:
        edition = current
    row = _current(seat, measure_code)
    if row is not None and row.submitted_at:
        raise NotNow(_("這份意見已經送出；修改以後要再送出一次。"))
    if row is not None and _says(row, draft):
        return row
    _compare(row, draft)
    return _write(row, seat, measure_code, edition, draft, "opinion.save", by)


@transaction.atomic
def submit_opinion(seat: Seat, *, measure_code: str, draft: Draft, by: User) -> Opinion:
    """Hand an opinion in, or hand in anew what was changed: from now on it counts, and reviewers
    read it. One that had been sent to ministries has to be sent again, and one that conclusions
    cite is flagged there.

    Beside what `save_opinion` refuses: Invalid where a criterion was passed over or the text is
    missing; NotNow where the lines changed since the edition that was read.
    """
    seat, edition = _enter(seat, measure_code, draft, by)
    row = _current(seat, measure_code)
    if row is None or not _says(row, draft):
        _compare(row, draft)
    errors = {}
    for criterion in seat.review.criteria:
        if criterion["key"] not in draft.scores:
            errors[criterion["key"]] = [_("選一個分數，或「無法判斷」。")]
    if not draft.text.strip():
        errors["text"] = [_("寫下意見。")]
    if errors:
        raise Invalid(errors)
    current = queries.current_edition(seat.review)
    was = _code_in(edition, current, measure_code)
    if was != measure_code:
        changed = was not in compare.says_the_same(edition, current, {was: measure_code})
    else:
        changed = compare.basis(edition, was) != compare.basis(current, was)
    if changed:
        raise NotNow(
            _("這一項的資料在第%(n)d版改過，請先看改了什麼，再送出。") % {"n": current.number}
        )
    if row is not None and (row.scores, row.text) != (dict(draft.scores), draft.text):
        _flag_citing(row)
    return _write(row, seat, measure_code, current, draft, "opinion.submit", by, hand_in=True)


def _flag_citing(row: Opinion) -> None:
    """Conclusions that rest on the opinion say that it changed, and are no longer ready: the review
    went back to its experts after they were written.
    """
    cited = Citation.objects.filter(opinion=row)
    concluded = Conclusion.objects.filter(pk__in=cited.values("paragraph__conclusion"))
    concluded.update(ready=False, ready_by=None, version=F("version") + 1)
    cited.update(flag=CitationFlag.CHANGED)


def _enter(seat: Seat, code: str, draft: Draft, by: User) -> tuple[Seat, Edition]:
    """The seat of the locked review, and the edition that the expert read."""
    lock(seat.review)
    seat = Seat.objects.select_related("review").get(pk=seat.pk)
    rules_of_experts.may_judge(seat, code, by).enforce()
    edition = seat.review.editions.filter(number=draft.edition).first()
    if edition is None:
        raise NotNow(_("沒有這一版的資料，請重新開啟這一頁。"))
    errors = {}
    known = {criterion["key"] for criterion in seat.review.criteria}
    for key, score in draft.scores.items():
        if key not in known or not (score is None or LOWEST <= score <= HIGHEST):
            errors[key] = [_("沒有這個分數。")]
    if len(draft.text) > LONGEST:
        errors["text"] = [_("最多%(count)d個字。") % {"count": LONGEST}]
    if errors:
        raise Invalid(errors)
    return seat, edition


def _code_in(edition: Edition, current: Edition, code: str) -> str:
    """Under which code the expert read the measure that bears this one in the current edition."""
    return lineage.now_called(current, edition, code)


def _current(seat: Seat, code: str) -> Opinion | None:
    rows = Opinion.objects.select_for_update(of=("self",)).filter(seat=seat, measure_code=code)
    return rows.first()


def _says(row: Opinion, draft: Draft) -> bool:
    """Whether it holds this already, so that a repeated or crossing save is no conflict."""
    same = row.scores == dict(draft.scores) and row.text == draft.text
    return same and row.edition.number == draft.edition


def _compare(row: Opinion | None, draft: Draft) -> None:
    if (row.version if row else 0) != draft.seen_version:
        raise StaleVersion(_("這份意見在另一個視窗存過了。"), row)


def _write(
    row: Opinion | None,
    seat: Seat,
    code: str,
    edition: Edition,
    draft: Draft,
    verb: str,
    by: User,
    *,
    hand_in: bool = False,
) -> Opinion:
    if row is None:
        row = Opinion(seat=seat, measure_code=code, version=0)
    row.scores, row.text = dict(draft.scores), draft.text
    row.edition, row.basis = edition, compare.basis(edition, code)
    row.version += 1
    row.saved_at = timezone.now()
    if hand_in:
        row.submitted_at, row.sent_at = row.saved_at, None
    row.save()
    told = {"measure": code, "version": row.version, "edition": edition.number}
    audit.record(verb, row, by=by, after=told)
    return row


# --- ministries -----------------------------------------------------------------------------------
@transaction.atomic
def send_opinions(review: Review, *, codes: Collection[str] | None = None, by: User) -> int:
    """Let the ministries of each measure read what was handed in and not yet sent; how many.

    Only those of `codes`, where given. Windows are told by mail, once a sending.
    """
    review = lock(review)
    rules_of_experts.may_send(review, by).enforce()
    rows = Opinion.objects.submitted().filter(seat__review=review, sent_at__isnull=True)
    if codes is not None:
        rows = rows.filter(measure_code__in=codes)
    rows = list(rows.select_for_update(of=("self",)).select_related("edition"))
    if not rows:
        return 0
    now, holders = timezone.now(), Lineage()
    editions = {row.edition_id: row.edition for row in rows}
    asked = {pk: bodies_of_measures(edition, holders) for pk, edition in editions.items()}
    counts: dict[Ministry, int] = {}
    for row in rows:
        row.sent_at = now
        for ministry in asked[row.edition_id].get(row.measure_code, []):
            counts[ministry] = counts.get(ministry, 0) + 1
    Opinion.objects.bulk_update(rows, ["sent_at"])
    key = f"{now:%Y%m%d%H%M%S%f}"
    for ministry, count in counts.items():
        tell_ministry(review, ministry, count, key=key, by=by)
    told = {"opinions": [row.pk for row in rows], "ministries": [one.code for one in counts]}
    audit.record("opinion.send", review, by=by, after=told)
    return len(rows)


@transaction.atomic
def reply(
    opinion: Opinion, *, text: str, ministry: Ministry | None = None, by: User
) -> OpinionReply:
    """A ministry's answer to an opinion; given anew it takes the place of the one before, and the
    same words change nothing.

    `ministry` for somebody who may answer for several. Raises NotAllowed, NotNow, and Invalid for
    an empty or long answer.
    """
    lock(opinion.seat.review)
    opinion = Opinion.objects.select_related("edition", "seat__review").get(pk=opinion.pk)
    bodies = rules_of_experts.answering([opinion], by)[opinion.pk]
    rules_of_experts.may_reply(opinion, bodies).enforce()
    if ministry is not None and ministry not in bodies:
        raise NotAllowed(_("這一項由主辦與協辦部會的窗口或承辦人回復。"))
    ministry = ministry or bodies[0]
    text = text.strip()
    if not text:
        raise Invalid({"text": [_("寫下回復。")]})
    if len(text) > LONGEST_REPLY:
        raise Invalid({"text": [_("最多%(count)d個字。") % {"count": LONGEST_REPLY}]})
    known = OpinionReply.objects.filter(opinion=opinion, ministry=ministry).first()
    if known and known.text == text:
        return known
    before = {"text": known.text} if known else None
    row, _new = OpinionReply.objects.update_or_create(
        opinion=opinion,
        ministry=ministry,
        defaults={"text": text, "by": by, "at": timezone.now()},
    )
    after = {"text": text}
    audit.record("opinion.reply", row, by=by, ministry=ministry, before=before, after=after)
    return row
