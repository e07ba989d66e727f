"""axe finds nothing on any page of a review, wide and narrow, at the stations of its road.

The small world is enough: what axe looks at is how pages are built.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from ministries.models import User
from reports.actions import opinions
from reports.enums import Level, ReviewState
from tests.access.world_of_reviews import DRAFT, RECUSED, SENT, UNSENT, Walk
from tests.journeys.test_axe import WIDTHS, violations
from tests.reports.experts import draft
from tests.world import World

(
    PREPARED, ASSESSING, SYNTHESIS, COMMENTING, APPROVING, APPROVED, FILED, PUBLISHED,
) = ReviewState  # fmt: skip


@dataclass(frozen=True)
class Looked:
    """One page: who looks (None for the public), where, and what brings it into the state to be
    seen.
    """

    who: str | None
    url: Callable[[Walk], str]
    show: Callable[[Page, Walk], None] = lambda page, walk: None


def of(name: str, *rest: object, query: str = "") -> Callable[[Walk], str]:
    return lambda walk: reverse(name, args=[walk.review.pk, *rest]) + query


def plain(name: str) -> Callable[[Walk], str]:
    return lambda walk: reverse(name)


def row(name: str, found: Callable[[Walk], object]) -> Callable[[Walk], str]:
    return lambda walk: reverse(name, args=[found(walk)])


def seat(walk: Walk) -> str:
    return reverse("review-seat", args=[walk.review.pk, walk.seat("seated").pk])


def line(walk: Walk) -> str:
    return reverse("review-line", args=[walk.review.pk, 2, walk.ordinal(SENT)])


def press(name: str) -> Callable[[Page, Walk], None]:
    """Press the button of a form left empty, and wait for what is refused."""

    def show(page: Page, walk: Walk) -> None:
        # What a browser itself would stop reaches the site from others.
        page.locator("form").evaluate_all("forms => forms.forEach(it => it.noValidate = true)")
        page.get_by_role("main").get_by_role("button", name=name).first.click()
        page.get_by_role("alert").first.wait_for()

    return show


def meet_oneself(page: Page, walk: Walk) -> None:
    """The same expert saved in another window."""
    version = walk.opinion(DRAFT).version
    told = draft(text="在另一個視窗寫的。", seen=version, edition=2)
    opinions.save_opinion(walk.seat("seated"), measure_code=DRAFT, draft=told, by=walk.seated)
    page.locator("textarea[name=text]").fill("在這個視窗寫的。")
    page.get_by_role("button", name="先存草稿").click()
    page.get_by_text("在另一個視窗寫的。").first.wait_for()


MEASURE, WHOLE = (Level.MEASURE, SENT), (Level.PLAN, "plan")
PAGES: dict[str, dict[str, Looked]] = {
    PREPARED: {
        "no review to see": Looked(None, plain("review-list")),
        "reviews": Looked("reviewer", plain("review-list")),
        "new review": Looked("reviewer", plain("review-create")),
        "review": Looked("reviewer", of("review")),
        "compared": Looked("reviewer", of("review-compare")),
        "rules": Looked("reviewer", of("review-rules")),
        "settings": Looked("reviewer", of("review-settings")),
        "experts, none": Looked("reviewer", of("review-experts")),
        "documents": Looked("reviewer", of("review-documents")),
    },
    ASSESSING: {
        "edition": Looked("reviewer", of("review-edition", 2)),
        "line": Looked("reviewer", line),
        "experts": Looked("reviewer", of("review-experts")),
        "invite": Looked("reviewer", of("review-invite")),
        "one expert": Looked("reviewer", seat),
        "invitation": Looked(None, row("invitation", lambda walk: walk.tokens["guest"])),
        "invitation used": Looked(None, row("invitation", lambda walk: walk.tokens["seated"])),
        "invitation of another": Looked(
            "peer", row("invitation", lambda walk: walk.tokens["guest"])
        ),
        "review for an expert": Looked("seated", of("review")),
        "dossier": Looked("seated", of("review-dossier")),
        "declaration": Looked("seated", of("review-declare")),
        "opinion to write": Looked("peer", of("opinion", SENT)),
        "opinion, drafted": Looked("seated", of("opinion", DRAFT)),
        "opinion handed in": Looked("seated", of("opinion", UNSENT)),
        "opinion, recused": Looked("seated", of("opinion", RECUSED)),
        "dossier as a paper": Looked(
            "seated", lambda walk: reverse("document-page", args=[walk.of_seat, "dossier"])
        ),
        "coordination": Looked("reviewer", of("review-coordination")),
    },
    SYNTHESIS: {
        "opinions": Looked("reviewer", of("review-opinions")),
        "opinions to answer": Looked("officer_a", of("review-opinions")),
        "opinion shown": Looked("officer_a", row("opinion-show", lambda it: it.opinion(SENT).pk)),
        "synthesis": Looked("reviewer", of("review-synthesis")),
        "synthesis, worst first": Looked("reviewer", of("review-synthesis", query="?sort=worst")),
        "conclusion": Looked("reviewer", of("conclusion", *MEASURE)),
        "editor": Looked("reviewer", of("conclusion-edit", *MEASURE)),
        "editor of the whole": Looked("reviewer", of("conclusion-edit", *WHOLE)),
        "meeting to hold": Looked("reviewer", row("meeting", lambda walk: walk.meeting.pk)),
    },
    COMMENTING: {
        "review for a ministry": Looked("officer_a", of("review")),
        "synthesis for a ministry": Looked("officer_a", of("review-synthesis")),
        "comments": Looked("reviewer", of("review-comments")),
        "comments of a ministry": Looked("officer_a", of("review-comments")),
        "conclusion to comment": Looked("officer_a", of("conclusion", *MEASURE)),
        "conclusion with a comment": Looked("reviewer", of("conclusion", "measure", RECUSED)),
        "coordination for a ministry": Looked("officer_a", of("review-coordination")),
        "meeting held": Looked("reviewer", row("meeting", lambda walk: walk.meeting.pk)),
        "trace": Looked("reviewer", of("review-trace")),
        "resolutions": Looked("officer_a", plain("resolution-list")),
        "resolution": Looked("officer_a", row("resolution", lambda it: it.resolution.pk)),
        "resolution to amend": Looked("reviewer", row("resolution", lambda it: it.resolution.pk)),
        "desk with a resolution": Looked("officer_a", plain("desk")),
        "main volume": Looked(
            "reviewer", lambda walk: reverse("document-page", args=[walk.of_edition, "main"])
        ),
    },
    APPROVING: {
        "review to approve": Looked("second", of("review")),
        "resolution to agree": Looked("reviewer", row("resolution", lambda it: it.resolution.pk)),
    },
    APPROVED: {"filing": Looked("collator", of("review-filing"))},
    FILED: {"filed": Looked("collator", of("review-filing"))},
    PUBLISHED: {
        "published": Looked(None, of("review")),
        "reviews for everybody": Looked(None, plain("review-list")),
        "conclusion for everybody": Looked(None, of("conclusion", *MEASURE)),
        "filing published": Looked("collator", of("review-filing")),
    },
}
# What is refused, seen last of its station, since it may change what the others show.
REFUSED: dict[str, dict[str, Looked]] = {
    PREPARED: {
        "new review refused": Looked("reviewer", plain("review-create"), press("開始這份評估")),
    },
    ASSESSING: {
        "invite refused": Looked("reviewer", of("review-invite"), press("寄出邀請")),
        "invitation refused": Looked(
            None, row("invitation", lambda walk: walk.tokens["guest"]), press("建立帳號並接受邀請")
        ),
        "opinion refused": Looked("peer", of("opinion", SENT), press("送出這份意見")),
        "opinion in two windows": Looked("seated", of("opinion", DRAFT), meet_oneself),
        "meeting refused": Looked("reviewer", of("review-coordination"), press("召集會議")),
    },
    COMMENTING: {
        "resolution refused": Looked(
            "officer_a", row("resolution", lambda it: it.resolution.pk), press("送出")
        ),
    },
    APPROVED: {
        "filing refused": Looked("collator", of("review-filing"), press("已函送")),
    },
}


@pytest.fixture
def visit(new_page, live) -> Callable[[User | None], Page]:
    """A browser page for each person, signed in by the session's cookie."""
    pages: dict[int | None, Page] = {}

    def open_for(user: User | None) -> Page:
        key = user and user.pk
        if key not in pages:
            page = pages[key] = new_page()
            if user:
                client = Client()
                client.force_login(user)
                session = client.cookies["sessionid"].value
                cookie = {"name": "sessionid", "value": session, "url": live.url}
                page.context.add_cookies([cookie])
        return pages[key]

    return open_for


@pytest.mark.postgres
@pytest.mark.deep
def test_axe_finds_nothing_on_the_pages_of_a_review(transactional_db, world: World, visit):
    walk, found = Walk(world), {}
    for station in ReviewState:
        walk.to(station)
        for name, looked in (PAGES.get(station, {}) | REFUSED.get(station, {})).items():
            page = visit(looked.who and world.people[looked.who])
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})
            page.goto(looked.url(walk))
            looked.show(page, walk)
            for width in WIDTHS:
                if wrong := violations(page, width, frozenset()):
                    found[name, width] = wrong
    assert found == {}
