"""A planted word is told to those whom the rules name, and to nobody else on any page."""

import io
import zipfile
from collections.abc import Iterable, Iterator

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.urls import reverse

from config.kit.errors import Refused
from ministries.models import AuditEvent
from plan.models import Indicator
from reports.documents.sources import subject_of_filing
from reports.enums import ReviewState
from reports.models import Conclusion, Opinion, Seat
from tests.access import cases_reports, cases_reviews
from tests.access.asking import Visitor, names, visitors
from tests.access.cases_reports import UNNAMED, admin_model, cases_of
from tests.access.world_of_reports import SECRETS
from tests.access.world_of_reviews import SENT, STATIONS, WORDS, Walk
from tests.world import MEASURES, World
from tracking.models import Evidence, ProgressReport, Resolution

pytestmark = pytest.mark.postgres


def told(visitor: Visitor, url: str) -> str:
    """All that an answer says: its text, where it leads, and what is packed into a file."""
    answer = visitor.ask("GET", url)
    content = answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"".join(packed.read(name) for name in packed.namelist())
    return answer.headers.get("Location", "") + content.decode(errors="replace")


def pks(model: type[models.Model]) -> list[int]:
    return list(model.objects.values_list("pk", flat=True))


# --- drafts of reports ----------------------------------------------------------------------------
# Where a ministry's own people read its draft.
READ_AT = {
    "evidence", "measure", "report", "document-page", "api-report-detail", "api-report-list",
    "search",
}  # fmt: skip
POST_ONLY = {
    "report-move",
    "year-move",
    "year-partner-days",
    "indicator-decide",
    "revision-verb",
} | {
    name
    for name in cases_reports.CASES
    if name.startswith("api-report-") and name != "api-report-detail"
}
# Lists that also come as CSV or narrowed; each may tell what the plain one does not.
VARIANTS = {
    "home": [
        f"?format=csv&part={part}"
        for part in (
            *("goals", "worse", "filing", "causes", "path"),
            *("money", "money-ministries", "indicators", "resolutions"),
        )
    ],
    "plan-tree": ["?format=csv", "?goal=1&year=111"],
    "collation": ["?format=csv", "?level=measure", "?level=measure&format=csv"],
    "api-report-list": ["?status=draft", "?ministry=alpha", "?code=1.1.1.1"],
    "api-measure-list": ["?year=111"],
    # In two halves: the page repeats what was asked, and only an excerpt joins them.
    "search": ["?q=WORDOF+ALPHA", "?q=WORDOF+BETA"],
}
# What can stand first in an address, by how its name begins: every row, not only the case's.
POOLS = (
    (
        "document-page",
        lambda world: [subject_of_filing(body, world.year) for body in (world.alpha, world.beta)],
    ),
    (("report", "api-report-"), lambda world: pks(ProgressReport)),
    (("evidence",), lambda world: pks(Evidence)),
    (("indicator-edit", "indicator-target"), lambda world: pks(Indicator)),
    (("measure", "indicator-list", "api-measure-"), lambda world: list(world.measures)),
    (("ministry", "api-ministry-"), lambda world: list(world.ministries)),
)


def pool(name: str, world: World, given: list) -> list:
    if model := admin_model(name):
        return pks(model)
    for starts, rows in POOLS:
        if name.startswith(starts):
            return rows(world)
    return given[:1]


def everywhere(world: World) -> Iterator[tuple[str, str]]:
    """(name, address) of all pages of reporting, each with all the rows that it can be about."""
    of_reviews = cases_reviews.CASES.keys() - cases_reports.CASES.keys()
    for name in sorted(set(names()) - POST_ONLY - of_reviews):
        for case in cases_of(name).values():
            try:
                given = [] if name in UNNAMED else case.args(world)
            except (Refused, ObjectDoesNotExist):
                # It is about something that can't be while 甲部's report is a draft.
                continue
            if name in UNNAMED:
                yield name, UNNAMED[name](world)
            elif given:
                for row in pool(name, world, given):
                    yield name, reverse(name, args=[row, *given[1:]])
            else:
                yield from ((name, reverse(name) + more) for more in ["", *VARIANTS.get(name, [])])


def test_a_draft_is_told_to_nobody_outside_its_ministry(full_world):
    world = full_world
    addresses = sorted(set(everywhere(world)))
    own = {
        "officer": READ_AT | {"report-edit", "workbook-file"},
        "window": READ_AT | {"workbook-file"},
        "viewer": READ_AT,
    }
    for role, visitor in visitors(world.people, cases_reports.ROLES).items():
        found: dict[str, set[str]] = {ministry: set() for ministry in SECRETS}
        for name, url in addresses:
            # The matrix says that nobody else gets anything from the admin.
            if name.startswith("admin:") and role != "admin":
                continue
            text = told(visitor, url)
            for ministry, word in SECRETS.items():
                if word in text:
                    found[ministry].add(name)
        # 甲部's spreadsheet is asked for, by everybody.
        theirs = own["officer"] - {"workbook-file"} if role == "other" else set()
        assert found == {"alpha": own.get(role, set()), "beta": theirs}, role


# --- what is said in a review ---------------------------------------------------------------------
# One of each kind of reader; those left out read what one of these reads.
READERS = ("nobody", "officer", "other", "reviewer", "expert", "admin", "seated", "peer")
# What stays private when the rest is public: word → who is told.
PRIVATE = {
    "draft": {"seated"},
    "unsent": {"seated", "reviewer"},
    "interest": {"seated", "reviewer"},
    "recusal": {"seated", "reviewer"},
    "guest": {"reviewer"},
}
# Station → who is asked, and what is no longer private, or not yet.
TOLD = {
    ReviewState.SYNTHESIS: (
        ("officer", "reviewer", "seated"),
        PRIVATE | {"minutes": {"reviewer"}, "conclusion": {"reviewer"}, "comment": set()},
    ),
    ReviewState.COMMENTING: (
        READERS,
        PRIVATE
        | {
            "minutes": {"reviewer", "officer"},
            "conclusion": {"reviewer", "officer", "other"},
            "comment": {"reviewer", "officer"},
        },
    ),
    ReviewState.PUBLISHED: (
        ("nobody", "other", "peer"),
        PRIVATE
        | {
            "unsent": {"seated", "reviewer", "other"},
            "minutes": set(),
            "conclusion": set(READERS),
            "comment": set(READERS),
        },
    ),
}
# Pages of the other rooms on which a review shows, or might.
ELSEWHERE = (
    "home", "desk", "plan-tree", "ministry-list", "collation", "review-queue", "revision-list",
    "dossier", "review-list", "resolution-list", "api-report-list", "api-measure-list",
)  # fmt: skip
OF_REVIEW = (
    "review", "review-settings", "review-rules", "review-compare", "review-filing",
    "review-experts", "review-invite", "review-dossier", "review-declare", "review-opinions",
    "review-synthesis", "review-comments", "review-coordination", "review-trace",
    "review-trace-csv", "review-trace-ods",
)  # fmt: skip
DOSSIER = (("documents", ()), ("document-page", ("dossier",)))
VOLUME = (("documents", ()), ("document-page", ("main",)), ("document-page", ("trace",)))
AUDIT = "admin:ministries_auditevent_change"


def of_the_review(walk: Walk) -> Iterator[str]:
    """Every page of the review with every row, the documents that are pages, and others."""
    review = walk.review.pk
    yield from (reverse(name) for name in ELSEWHERE)
    yield from (f"{reverse('search')}?q=WORDOF+{name}" for name in WORDS)
    yield from (reverse(name, args=[review]) for name in OF_REVIEW)
    yield reverse("review-edition", args=[review, walk.edition.number])
    for ordinal in walk.edition.lines.values_list("ordinal", flat=True):
        yield reverse("review-line", args=[review, walk.edition.number, ordinal])
    for seat in Seat.objects.all():
        yield reverse("review-seat", args=[review, seat.pk])
        yield from (reverse(name, args=[f"seat:{seat.pk}", *more]) for name, more in DOSSIER)
    for code in MEASURES:
        yield reverse("opinion", args=[review, code])
        yield reverse("measure", args=[code])
    yield from (reverse("opinion-show", args=[pk]) for pk in pks(Opinion))
    for row in Conclusion.objects.all():
        for name in ("conclusion", "conclusion-edit"):
            yield reverse(name, args=[review, row.level, row.code or "plan"])
    yield reverse("meeting", args=[walk.meeting.pk])
    yield from (reverse("resolution", args=[pk]) for pk in pks(Resolution))
    yield from (reverse(name, args=[walk.of_edition, *more]) for name, more in VOLUME)


def finders(visitor: Visitor, addresses: Iterable[str]) -> dict[str, set[str]]:
    """Word → addresses that tell it to this person."""
    found: dict[str, set[str]] = {name: set() for name in WORDS}
    for url in addresses:
        text = told(visitor, url)
        for name, word in WORDS.items():
            if word in text:
                found[name].add(url)
    return found


@pytest.fixture
def walk(world: World) -> Walk:
    return Walk(world)


def test_what_is_said_in_a_review_is_told_to_those_who_may_read_it(walk: Walk):
    browsers = visitors(walk.people, {role: cases_reviews.ROLES[role] for role in READERS})
    for station in STATIONS:
        walk.to(station)
        asked, allowed = TOLD.get(station, ((), {}))
        addresses = sorted(set(of_the_review(walk))) if asked else []
        for role in asked:
            found = finders(browsers[role], addresses)
            wrong = {
                word: sorted(found[word])
                for word, readers in allowed.items()
                if bool(found[word]) != (role in readers)
            }
            assert wrong == {}, (station, role)


def test_before_interests_are_stated_an_expert_reads_nothing_of_the_dossier(walk: Walk):
    for station in (ReviewState.DRAFT, ReviewState.ASSESSING):
        walk.to(station)
    Seat.objects.filter(user=walk.peer).update(declared_at=None)
    browser, review = Visitor(walk.peer), walk.review.pk
    answers = {
        name: browser.ask("GET", reverse(name, args=args)).status_code
        for name, args in {
            "review-line": [review, walk.edition.number, walk.ordinal(SENT)],
            "opinion": [review, SENT],
            "documents": [f"seat:{walk.seat('peer').pk}"],
            "document-page": [f"seat:{walk.seat('peer').pk}", "dossier"],
        }.items()
    }
    # The opinion's page leads back to the statement.
    assert answers == {
        "review-line": 404, "opinion": 302, "documents": 404, "document-page": 404,
    }  # fmt: skip


def test_the_audit_tells_administrators_nothing_of_what_a_review_says(walk: Walk):
    for station in STATIONS:
        walk.to(station)
    browser = Visitor(walk.administrator)
    urls = [reverse(AUDIT, args=[pk]) for pk in pks(AuditEvent)]
    found = finders(browser, [*urls, reverse("admin:ministries_auditevent_changelist")])
    assert {name for name, where in found.items() if where} == set()
