"""The demo's mid-term review: compiled, with experts at work and a meeting called."""

import random
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from ministries.models import Ministry, User
from plan.models import Plan
from reports.actions import experts, meetings, opinions, recusals, reviews
from reports.actions.compile import compile_review
from reports.actions.opinions import Draft
from reports.agenda import proposed
from reports.demo import texts
from reports.enums import RecusalState, ReviewKind, ReviewVerb
from reports.models import CoordinationMeeting, Edition, Opinion, Review, Seat
from reports.queries.experts import codes_under, measures_of
from tracking.demo.people import address
from tracking.demo.texts import MARK
from tracking.models import Notice

YEARS = 2
UNIVERSITY = "示範大學科技政策研究所"
INSTITUTE = "財團法人示範產業研究院"
OPINIONS_DUE_IN, MEETING_IN = timedelta(days=30), timedelta(days=14)
AGENDA = 4


def years_of_review(plan: Plan) -> range:
    """The plan's first two years, which a mid-term review is about."""
    return range(plan.start_year, min(plan.start_year + YEARS, plan.end_year + 1))


@transaction.atomic
def seed_review(plan: Plan, *, today: date) -> Review | None:
    """Lead a mid-term review of the plan's first two years into the experts' assessment; None
    where the plan has one already.

    Needs the demo's people and filings. Two experts are asked for the sub-goal that stands worst:
    the first has judged all of it but one measure, the second is kept from one by a decision,
    waits for one where there is another, and left a draft. Two measures' opinions went to the
    ministries, one reply came. Nobody is mailed.
    """
    if plan.reviews.filter(kind=ReviewKind.MIDTERM).exists():
        return None
    years = years_of_review(plan)
    reviewer = _person("reviewer1")
    review = reviews.create_review(
        plan,
        kind=ReviewKind.MIDTERM,
        title=f"{years[0]}–{years[-1]}年度期中成果評估{MARK}",
        first_year=years[0],
        last_year=years[-1],
        by=reviewer,
    )
    edition = compile_review(review.pk, by=reviewer)
    review = reviews.change_settings(
        review,
        title=review.title,
        opinions_open_before=False,
        opinions_due_on=today + OPINIONS_DUE_IN,
        comments_due_on=None,
        criteria=review.criteria,
        seen_version=review.version,
        by=reviewer,
    )
    review = reviews.move(review, ReviewVerb.ASSESS, seen_version=review.version, by=reviewer)
    codes = _worst(edition)
    lead = _holder(measures_of(edition)[codes[-1]].leads[0], today)
    first = _seat(review, "expert", UNIVERSITY, None, codes, reviewer)
    second = _seat(review, "expert2", INSTITUTE, lead, codes, reviewer)
    _recuse(second, reviewer)
    _judge(edition, codes, first, second)
    _exchange(edition, codes, today, reviewer)
    meeting = _call(review, edition, today, reviewer)
    said = Q(key__startswith=f"opinions:{review.pk}:")
    for seat in (first, second):
        said |= Q(key__startswith=f"expert:{seat.pk}:")
    if meeting is not None:
        said |= Q(key__startswith=f"meeting:{meeting.pk}:")
    # What the actions would have mailed; their jobs find nothing.
    Notice.objects.filter(said).delete()
    return Review.objects.get(pk=review.pk)


def _person(name: str) -> User:
    return User.objects.get(email=address(name))


def _holder(code: str, today: date) -> Ministry:
    return Ministry.objects.get(code=code).on(today)


def _worst(edition: Edition) -> list[str]:
    """Measures of the sub-goal that stands worst, in the plan's order."""
    standing = edition.standing["sub_goals"]
    known = [code for code, node in standing.items() if node["attainment"] is not None]
    worst = min(known, key=lambda code: (Decimal(standing[code]["attainment"]), code))
    return codes_under(edition, worst)


def _seat(
    review: Review,
    name: str,
    affiliation: str,
    ministry: Ministry | None,
    codes: list[str],
    reviewer: User,
) -> Seat:
    """Invited, accepted, nothing to declare, asked for all of the measures."""
    user = _person(name)
    _invitation, token = experts.invite(
        review,
        email=user.email,
        name=user.name,
        affiliation=affiliation,
        mailed=False,
        by=reviewer,
    )
    seat = experts.accept_invitation(token, affiliation=affiliation, ministry=ministry, by=user)
    seat = experts.declare_interest(seat, no_interest=True, ministry=ministry, by=user)
    recusals.assign(seat, codes=codes, by=reviewer)
    return seat


def _recuse(seat: Seat, reviewer: User) -> None:
    """The first that the system proposed is confirmed; others wait for a visitor."""
    found = seat.recusals.filter(state=RecusalState.PROPOSED).order_by("measure_code").first()
    recusals.decide_recusal(found, confirm=True, reason=texts.NOT_THIS_ONE, by=reviewer)


def _judge(edition: Edition, codes: list[str], first: Seat, second: Seat) -> None:
    """Opinions by how the measure stands; about the worst that both judge they disagree."""
    blocked = set(second.recusals.blocking().values_list("measure_code", flat=True))
    able = [code for code in codes if code not in blocked]
    shared = able[:-1]
    apart = min(shared, key=lambda code: (_stand(edition, code), code), default=None)
    for seat, judged, other in (
        (first, codes[:-1], texts.AGAINST),
        (second, shared, texts.IN_FAVOUR),
    ):
        for code in judged:
            rng = random.Random(f"{seat.user.email}:{code}")
            tone = other if code == apart else _tone(edition, code)
            _write(seat, code, edition, rng, tone, hand_in=True)
    for code in able[-1:]:
        rng = random.Random(f"draft:{code}")
        _write(second, code, edition, rng, (3, texts.DRAFT), hand_in=False)


def _stand(edition: Edition, code: str) -> Decimal:
    """Attainment of a measure; the unknown after all others."""
    return Decimal(edition.standing["measures"][code]["attainment"] or "Infinity")


def _tone(edition: Edition, code: str) -> tuple[int, tuple[str, ...]]:
    stand = _stand(edition, code)
    if not stand.is_finite():
        return texts.MIXED
    if stand < Decimal(edition.rules["threshold"]):
        return texts.CRITICAL
    return texts.FAVOURABLE if stand >= 90 else texts.MIXED


def _write(
    seat: Seat,
    code: str,
    edition: Edition,
    rng: random.Random,
    tone: tuple[int, tuple[str, ...]],
    *,
    hand_in: bool,
) -> None:
    keys = [criterion["key"] for criterion in seat.review.criteria]
    scores, text = texts.opinion(rng, tone, keys)
    if not hand_in:
        scores = dict(list(scores.items())[:2])
    act = opinions.submit_opinion if hand_in else opinions.save_opinion
    draft = Draft(scores, text, seen_version=0, edition=edition.number)
    act(seat, measure_code=code, draft=draft, by=seat.user)


def _exchange(edition: Edition, codes: list[str], today: date, reviewer: User) -> None:
    """Opinions of the two measures that stand worst go to the ministries; one is answered."""
    review = edition.review
    judged = Opinion.objects.submitted().filter(seat__review=review)
    known = set(judged.values_list("measure_code", flat=True))
    sent = sorted((code for code in codes if code in known), key=lambda code: _stand(edition, code))
    opinions.send_opinions(review, codes=sent[:2], by=reviewer)
    answered = judged.filter(measure_code__in=sent[:1]).order_by("seat").first()
    if answered is not None:
        lead = measures_of(edition)[answered.measure_code].leads[0]
        officer = _person(f"officer.{_holder(lead, today).code}")
        opinions.reply(answered, text=texts.REPLY + MARK, by=officer)


def _call(
    review: Review, edition: Edition, today: date, reviewer: User
) -> CoordinationMeeting | None:
    """A meeting on what is furthest below the threshold, with the bodies that lead it."""
    agenda = proposed(edition)[:AGENDA]
    if not agenda:
        return None
    return meetings.call_meeting(
        review,
        title=f"期中落後項目協調會議{MARK}",
        on=today + MEETING_IN,
        place="示範第一會議室",
        chair="示範副主任委員",
        items=[(one.level, one.code) for one in agenda],
        ministries={_holder(code, today) for one in agenda for code in one.leads},
        by=reviewer,
    )
