"""A review of a plan of another shape says everything in that plan's own words."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from plan.actions.load_plan import load_plan
from plan.fixture_files.read import read
from plan.models import PlanVersion
from reports.actions.compile import compile_review
from reports.actions.reviews import create_review, move
from reports.actions.synthesis import prefill
from reports.agenda import nodes
from reports.documents.html import html
from reports.documents.render import finished
from reports.documents.sources import source_of, subject_of_edition
from reports.enums import ReviewKind, ReviewVerb
from reports.models import Edition, Opinion, Paragraph, Review, Seat
from tests.kept import kept
from tests.world import LATE, bring
from tracking.actions import years
from tracking.enums import Status
from tracking.models import ProgressReport

FILE = Path(__file__).parents[1] / "plan" / "successor.yaml"
# 因應對策 and 後續精進策略 are questions of the form, 目標 alone is what an indicator aims at.
OTHERS = re.compile(r"措施|子目標|各目標|(?<!後續精進)策略")


@kept
def review(world) -> Review:
    """Its first year with one report, in synthesis: goals 主軸 with 路徑 and 行動 beneath."""
    load_plan(read(FILE), by="system:tests")
    plan = PlanVersion.objects.get(plan__slug="small-next").plan
    today = timezone.localdate()
    year = years.add_year(
        plan,
        year=114,
        opens_on=today - timedelta(days=1),
        due_on=today + timedelta(days=30),
        closes_on=today + timedelta(days=60),
        by=world.collator,
    )
    years.open_year(year, by=world.collator)
    bring(
        ProgressReport.objects.get(measure__code="A.1.1", ministry=world.alpha),
        Status.ACCEPTED,
        officer=world.officer_a,
        window=world.window_a,
        reviewer=world.reviewer,
        **LATE,
        catch_up_on=date(2030, 1, 1),
    )
    review = create_review(
        plan,
        kind=ReviewKind.MIDTERM,
        title="後續計畫期中評估",
        first_year=114,
        last_year=114,
        by=world.reviewer,
    )
    compile_review(review.pk, by=world.reviewer)
    for verb in (ReviewVerb.ASSESS, ReviewVerb.SYNTHESIZE):
        review = Review.objects.get(pk=review.pk)
        move(review, verb, seen_version=review.version, by=world.reviewer)
    return Review.objects.get(pk=review.pk)


def words_in(markup: str) -> str:
    return re.sub(r"<[^>]+>", " ", markup)


def test_conclusions_agenda_and_volumes(world, review):
    edition = Edition.objects.get(review=review)
    prefill(review, edition, by=world.reviewer)
    told = [row.text for row in Paragraph.objects.filter(conclusion__review=review)]
    told += [one.finding for one in nodes(edition)]
    source = source_of(subject_of_edition(edition))
    for kind in ("main", "annex"):
        plain, _images = finished(source.content(kind, "odt"))
        told.append(words_in(html(plain)))
    text = "\n".join(told)
    assert not OTHERS.findall(text)
    for word in ("主軸", "路徑", "行動", "各路徑達成度的加權平均；1項行動有數字"):
        assert word in text


def test_pages_of_an_expert_and_of_conclusions(world, client, review):
    edition = Edition.objects.get(review=review)
    seat = Seat.objects.create(
        review=review, user=world.people["expert"], affiliation="某大學",
        declared_at=timezone.now(), no_interest=True,
    )  # fmt: skip
    seat.items.create(measure_code="A.1.1")
    opinion = Opinion.objects.create(
        seat=seat, measure_code="A.1.1", edition=edition, basis="", submitted_at=timezone.now(),
        sent_at=timezone.now(), text="規模足夠。", scores={},
    )  # fmt: skip
    prefill(review, edition, by=world.reviewer)
    seen = [
        (seat.user, reverse("review-dossier", args=[review.pk])),
        (seat.user, reverse("opinion", args=[review.pk, "A.1.1"])),
        (seat.user, reverse("review-declare", args=[review.pk])),
        (world.reviewer, reverse("opinion-show", args=[opinion.pk])),
        (world.reviewer, reverse("review-seat", args=[review.pk, seat.pk])),
        (world.window_a, reverse("review-opinions", args=[review.pk])),
    ]
    for level, code in (("goal", "A"), ("measure", "A.1.1"), ("plan", "plan")):
        for name in ("conclusion", "conclusion-edit"):
            seen.append((world.reviewer, reverse(name, args=[review.pk, level, code])))
    for person, url in seen:
        client.force_login(person)
        answer = client.get(url)
        assert answer.status_code == 200, url
        text = words_in(answer.content.decode())
        found = [text[one.start() - 20 : one.end() + 20] for one in OTHERS.finditer(text)]
        assert not found, url
    client.force_login(world.reviewer)
    text = client.get(reverse("review-experts", args=[review.pk])).content.decode()
    assert "路徑或行動" in text


@pytest.mark.parametrize(
    "page", ["review", "review-rules", "review-experts", "review-coordination", "review-synthesis"]
)
def test_pages(world, client, review, page):
    client.force_login(world.reviewer)
    text = words_in(client.get(reverse(page, args=[review.pk])).content.decode())
    assert not [text[one.start() - 20 : one.end() + 20] for one in OTHERS.finditer(text)]
