"""Queries of whole requests about reviews: as many with one row as with three."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from reports.actions import synthesis
from reports.actions.compile import compile_review
from reports.enums import FilingStep, Level, RecusalState, ReviewKind, ReviewState
from reports.models import (
    Comment,
    Conclusion,
    CoordinationMeeting,
    Edition,
    Filing,
    Invitation,
    Opinion,
    OpinionReply,
    Recusal,
    Review,
    ReviewEvent,
    RuleChange,
    Seat,
    SeatItem,
)
from reports.queries.reviews import current_edition
from tests.kept import kept
from tests.reports.experts import make_expert, make_seat
from tests.reports.meetings import call, decide, hold
from tests.reports.review_world import send
from tests.reports.synthesis_world import make_opinion, make_review, set_state
from tests.test_query_counts import as_person, queries
from tests.world import MEASURES, World
from tracking.actions import resolutions
from tracking.models import Resolution

CODES = tuple(MEASURES)
BODIES = ("alpha", "beta", "science")


def the_review() -> Review:
    return Review.objects.order_by("pk").first()


def more_reviews(world: World, n: int) -> None:
    """Further ones, compiled, filed and published."""
    if n:
        row = Review.objects.create(
            plan=world.plan, kind=ReviewKind.OTHER, title=f"評估{n}", first_year=111,
            last_year=111,
        )  # fmt: skip
        compile_review(row.pk, by=world.collator)
    else:
        row = the_review()
    edition = current_edition(set_state(row, ReviewState.PUBLISHED))
    Edition.objects.filter(pk=edition.pk).update(closing={"conclusions": []})
    today = timezone.localdate()
    Filing.objects.create(
        review=row, edition=edition, step=FilingStep.FOR_REFERENCE, document_number=f"{n}",
        on=today, addressee="行政院", content_digest="0" * 64, by=world.collator,
        published_on=today,
    )  # fmt: skip


def more_editions(world: World, n: int) -> None:
    """And what else the page of the review lists: its history."""
    review = the_review()
    first = review.editions.order_by("number").first()
    if n:
        Edition.objects.create(
            review=review, number=n + 1, digest=f"{n}" * 64, head=first.head, rules=first.rules,
            standing=first.standing,
        )  # fmt: skip
    ReviewEvent.objects.create(
        review=review, verb="assess", from_state="draft", to_state="assessing", by=world.reviewer,
        edition=first,
    )  # fmt: skip


def more_rules(world: World, n: int) -> None:
    review = the_review()
    RuleChange.objects.create(
        review=review, before=review.rules, after={**review.rules, "threshold": f"{70 + n}"},
        reason="會議決定。", by=world.reviewer,
    )  # fmt: skip


def more_experts(world: World, n: int) -> None:
    """A seat with items, a recusal and opinions; and an invitation that waits."""
    user = make_expert(f"expert{n}")
    seat = make_seat(the_review(), user, codes=CODES[:2])
    Recusal.objects.create(
        seat=seat, measure_code=CODES[1], reason="指導過。", state=RecusalState.DECLARED
    )
    edition = current_edition(the_review())
    Opinion.objects.create(
        seat=seat, measure_code=CODES[0], edition=edition, basis="0" * 64,
        scores={"relevance": n + 1}, text="足夠。", submitted_at=timezone.now(),
    )  # fmt: skip
    Invitation.objects.create(
        review=the_review(), email=f"i{n}@example.test", name="受邀人", affiliation="東海大學",
        token_sha256=f"{n}" * 64, expires_on=timezone.localdate(), invited_by=world.reviewer,
    )  # fmt: skip


def more_items(world: World, n: int) -> None:
    """Measures of the world's expert, each with an opinion."""
    seat, _new = Seat.objects.get_or_create(
        review=the_review(), user=world.expert,
        defaults={"affiliation": "某大學", "declared_at": timezone.now()},
    )  # fmt: skip
    SeatItem.objects.create(seat=seat, measure_code=CODES[n])
    more_opinions(world, n)


def more_opinions(world: World, n: int) -> None:
    """Handed in, sent, answered by 科學部."""
    row = make_opinion(world, the_review(), CODES[n], sent_at=timezone.now())
    OpinionReply.objects.create(
        opinion=row, ministry=world.science, text="已改。", by=world.officer_s
    )


def other_opinions(world: World, n: int) -> None:
    """What others handed in of the measure that the world's expert handed in too."""
    if n == 0:
        more_items(world, 0)
    seat = make_seat(the_review(), make_expert(f"other{n}"), codes=CODES[:1])
    Opinion.objects.create(
        seat=seat, measure_code=CODES[0], edition=current_edition(the_review()), basis="0" * 64,
        scores={}, text="足夠。", submitted_at=timezone.now(),
    )  # fmt: skip


def more_comments(world: World, n: int) -> None:
    """Of three ministries on one conclusion, answered."""
    body = BODIES[n]
    Comment.objects.create(
        conclusion=the_conclusion(), ministry=world.ministries[body], text="請補充。",
        by=world.officer_a, answer="已補充。", answered_by=world.reviewer,
        answered_at=timezone.now(),
    )  # fmt: skip


def more_words(world: World, n: int) -> None:
    """Comments of 甲部 on three conclusions."""
    set_state(the_review(), ReviewState.COMMENTING)
    Comment.objects.create(
        conclusion=Conclusion.objects.get(level=Level.MEASURE, code=CODES[n]),
        ministry=world.alpha, text="請補充。", by=world.officer_a,
    )  # fmt: skip


def more_paragraphs(world: World, n: int) -> None:
    """Each resting on the lines and the opinion of the measure."""
    if n == 0:
        make_opinion(world, the_review(), CODES[0])
    row, opinion = the_conclusion(), Opinion.objects.get()
    keys = [line.key for line in row.edition.lines.filter(measure_code=CODES[0])]
    told = [
        {"text": f"第{place}段。", "lines": keys, "opinions": [opinion.pk]}
        for place in range(n + 1)
    ]
    synthesis.save_conclusion(row, paragraphs=told, seen_version=row.version, by=world.reviewer)


def the_conclusion() -> Conclusion:
    return Conclusion.objects.get(level=Level.MEASURE, code=CODES[0])


def more_meetings(world: World, n: int) -> None:
    """Held, with a resolution on which its owner has reported."""
    review = set_state(the_review(), ReviewState.COMMENTING)
    edition = current_edition(review)
    meeting = call(world, edition, title=f"第{n + 1}次會議", ministries=[world.alpha, world.beta])
    decide(world, hold(world, meeting))
    report_on(world, Resolution.objects.order_by("-pk").first())


def report_on(world: World, row: Resolution) -> None:
    resolutions.report(
        row,
        seen_version=row.version,
        text="已辦。",
        url="https://example.test/",
        by=world.officer_b,
    )


def more_resolutions(world: World, n: int) -> None:
    """Of one meeting."""
    if n == 0:
        review = set_state(the_review(), ReviewState.COMMENTING)
        hold(world, call(world, current_edition(review), ministries=[world.alpha, world.beta]))
    decide(world, CoordinationMeeting.objects.get())


def more_answers(world: World, n: int) -> None:
    """The owner of one resolution reports again and again."""
    if n == 0:
        more_resolutions(world, 0)
    row = Resolution.objects.get()
    report_on(world, row)
    row.refresh_from_db()
    resolutions.send_back(row, seen_version=row.version, note="補充。", by=world.reviewer)


def more_filings(world: World, n: int) -> None:
    """Filed, withdrawn, filed again."""
    review = set_state(the_review(), ReviewState.APPROVED)
    edition = current_edition(review)
    Edition.objects.filter(pk=edition.pk).update(closing={"conclusions": []})
    Filing.objects.update(withdrawn_at=timezone.now(), withdrawal_reason="數字有誤。")
    send(world, review)


def of(name: str, *rest: object) -> Callable[[], str]:
    return lambda: reverse(name, args=[the_review().pk, *rest])


def plain(name: str) -> Callable[[], str]:
    return lambda: reverse(name)


NODE = (Level.MEASURE, CODES[0])
# page: (who looks, address, what adds the n-th row)
LISTS: dict[str, tuple[str | None, Callable[[], str], Callable[[World, int], None]]] = {
    "reviews": ("reviewer", plain("review-list"), more_reviews),
    "reviews for a ministry": ("officer_a", plain("review-list"), more_reviews),
    "reviews for everybody": (None, plain("review-list"), more_reviews),
    "review": ("reviewer", of("review"), more_editions),
    "edition": ("reviewer", of("review-edition", 1), more_editions),
    "rules": ("reviewer", of("review-rules"), more_rules),
    "filing": ("collator", of("review-filing"), more_filings),
    "experts": ("reviewer", of("review-experts"), more_experts),
    "one expert": (
        "reviewer",
        lambda: reverse("review-seat", args=[the_review().pk, Seat.objects.get().pk]),
        more_items,
    ),
    "dossier": ("expert", of("review-dossier"), more_items),
    "opinion": ("expert", of("opinion", CODES[0]), other_opinions),
    "opinions": ("reviewer", of("review-opinions"), more_opinions),
    "opinions for a ministry": ("officer_a", of("review-opinions"), more_opinions),
    "synthesis": ("reviewer", of("review-synthesis"), more_comments),
    "comments": ("reviewer", of("review-comments"), more_comments),
    "comments of a ministry": ("officer_a", of("review-comments"), more_words),
    "conclusion": ("reviewer", of("conclusion", *NODE), more_paragraphs),
    "comments on a conclusion": ("reviewer", of("conclusion", *NODE), more_comments),
    "editor": ("reviewer", of("conclusion-edit", *NODE), more_paragraphs),
    "coordination": ("reviewer", of("review-coordination"), more_meetings),
    "coordination for a ministry": ("officer_b", of("review-coordination"), more_meetings),
    "meeting": (
        "reviewer",
        lambda: reverse("meeting", args=[CoordinationMeeting.objects.get().pk]),
        more_resolutions,
    ),
    "trace": ("reviewer", of("review-trace"), more_resolutions),
    "trace as a file": ("reviewer", of("review-trace-csv"), more_meetings),
    "resolutions": ("officer_b", plain("resolution-list"), more_resolutions),
    "resolution": (
        "officer_b",
        lambda: reverse("resolution", args=[Resolution.objects.get().pk]),
        more_answers,
    ),
    "desk with resolutions": ("officer_b", plain("desk"), more_resolutions),
}


@kept
def reviewed(world: World) -> World:
    review = make_review(world)
    synthesis.prefill(review, current_edition(review), by=world.reviewer)
    return world


@pytest.mark.parametrize("page", LISTS)
def test_one_row_asks_as_much_as_three(reviewed: World, page: str):
    world = reviewed
    person, url, add = LISTS[page]
    browser = as_person(person and world.people[person])
    add(world, 0)
    one = queries(browser, url())
    for n in (1, 2):
        add(world, n)
    assert queries(browser, url()) == one
