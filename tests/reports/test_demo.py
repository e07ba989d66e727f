"""The demo review: always the same, made once, marked, with work for whoever looks in."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from ministries.models import AuditEvent, User
from plan.models import Plan
from reports.agreement import disagreements
from reports.demo import seed_review
from reports.enums import RecusalState, ReviewState
from reports.models import (
    AgendaItem,
    CoordinationMeeting,
    Edition,
    Invitation,
    Opinion,
    OpinionReply,
    Recusal,
    Review,
    ReviewEvent,
    Seat,
    SeatItem,
    SnapshotLine,
)
from reports.queries.experts import codes_under, coverage
from tests.kept import kept
from tests.world import make_ministries, make_tree
from tracking.demo import seed
from tracking.demo.people import DEMO_PASSWORD
from tracking.demo.texts import MARK
from tracking.models import Notice

pytestmark = pytest.mark.django_db
MODELS = (
    Review, ReviewEvent, Edition, SnapshotLine, Invitation, Seat, SeatItem, Recusal, Opinion,
    OpinionReply, CoordinationMeeting, AgendaItem, AuditEvent,
)  # fmt: skip
# Rows are numbered anew by every run, and a token is a secret; what the rows say is the same.
NUMBERS = ("id", "target", "token_sha256", "before", "after", "at")


@kept
def plan() -> Plan:
    version, _measures = make_tree(make_ministries())
    return version.plan


@kept
def whole_plan() -> Plan:
    call_command("load_plan", stdout=StringIO())
    found = Plan.objects.get()
    seed(found, [110, 111], today=timezone.localdate())
    return found


def rows() -> dict[str, list[str]]:
    """What the rows of the review say, without their numbers and times, in a fixed order."""
    return {
        model.__name__: sorted(
            map(
                str,
                model.objects.values_list(
                    *(
                        field.attname
                        for field in model._meta.concrete_fields
                        if field.attname not in NUMBERS
                        # Of a log's entry it covers the numbers that differ.
                        and (model, field.attname) != (AuditEvent, "digest")
                        and not field.is_relation
                        and not field.attname.endswith("_at")
                    )
                ),
            )
        )
        for model in MODELS
    }


def test_visitors_find_every_room_at_work(whole_plan, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        review = seed_review(whole_plan, today=timezone.localdate())
    assert review.state == ReviewState.ASSESSING
    assert review.title.endswith(MARK)
    assert list(review.years) == [110, 111]
    (edition,) = review.editions.all()
    first, second = Seat.objects.order_by("pk")
    assert first.user.is_demo and second.user.is_demo
    assert first.declared_at and second.declared_at

    codes = set(first.items.values_list("measure_code", flat=True))
    assert codes == set(second.items.values_list("measure_code", flat=True))
    assert codes == set(codes_under(edition, min(codes)[:3]))
    states = list(second.recusals.values_list("state", flat=True))
    assert states == [RecusalState.CONFIRMED, RecusalState.PROPOSED]
    assert not first.recusals.exists()
    lacking = {cover.measure.code for cover in coverage(review, edition) if cover.lacking < 2}
    assert lacking == codes

    handed_in = Opinion.objects.submitted()
    assert handed_in.filter(seat=first).count() == len(codes) - 1
    assert handed_in.filter(seat=second).count() == len(codes) - 3
    assert Opinion.objects.filter(submitted_at=None, seat=second).count() == 1
    assert all(text.endswith(MARK) for text in handed_in.values_list("text", flat=True))
    scores = {}
    for opinion in handed_in:
        scores.setdefault(opinion.measure_code, {})[str(opinion.seat_id)] = opinion.scores
    keys = [criterion["key"] for criterion in review.criteria]
    assert disagreements(scores, keys)[0].widest >= 2
    sent = handed_in.filter(sent_at__isnull=False)
    assert sent.values("measure_code").distinct().count() == 2
    assert OpinionReply.objects.get().opinion in sent

    meeting = CoordinationMeeting.objects.get()
    assert meeting.on > timezone.localdate()
    assert all(item.attainment < item.threshold for item in meeting.items.all())
    assert meeting.attendances.exists()


def test_nobody_is_mailed(whole_plan, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        seed_review(whole_plan, today=timezone.localdate())
    assert not Notice.objects.exists()
    assert mail.outbox == []


class Undo(Exception):
    pass


def test_the_same_filings_give_the_same_review(plan):
    today = timezone.localdate()
    seed(plan, [110, 111], today=today)
    found = []
    for _ in range(2):
        with pytest.raises(Undo), transaction.atomic():
            seed_review(plan, today=today)
            found.append(rows())
            raise Undo
    assert found[0] == found[1]
    assert all(found[0][name] for name in ("Opinion", "Recusal", "SnapshotLine"))


def test_a_second_run_changes_nothing(plan):
    today = timezone.localdate()
    seed(plan, [110, 111], today=today)
    assert seed_review(plan, today=today)
    before = rows()
    assert seed_review(plan, today=today) is None
    assert rows() == before


# --- the command ----------------------------------------------------------------------------------
def test_the_command_seeds_and_lists_accounts(plan):
    said = StringIO()
    call_command("seed_demo", years="110-111", stdout=said)
    assert "110年度、111年度" in said.getvalue()
    call_command("seed_demo", years="110-111", stdout=said)
    assert "沒有更動" in said.getvalue()
    listed = StringIO()
    call_command("seed_demo", list_accounts=True, stdout=listed)
    assert "reviewer1@demo.example" in listed.getvalue()
    assert DEMO_PASSWORD in listed.getvalue()


def test_the_command_makes_the_review_only_where_it_is_asked_for(plan):
    said = StringIO()
    call_command("seed_demo", years="110-111", stdout=said)
    assert not Review.objects.exists()
    call_command("seed_demo", years="110-111", review=True, stdout=said)
    assert Review.objects.get().title in said.getvalue()
    call_command("seed_demo", years="110-111", review=True, stdout=said)
    assert "期中評估已經存在" in said.getvalue()


def test_a_review_needs_its_years(plan):
    with pytest.raises(CommandError, match="110-111"):
        call_command("seed_demo", years="110", review=True)
    assert not User.objects.filter(is_demo=True).exists()


@pytest.mark.parametrize("text", ["109-110", "abc", "111-110", None])
def test_years_outside_the_plan_are_refused(plan, text):
    with pytest.raises(CommandError):
        call_command("seed_demo", years=text)


def test_a_scale_below_one_is_refused(plan):
    with pytest.raises(CommandError, match="--scale"):
        call_command("seed_demo", years="110", scale=0)


def test_without_a_plan_it_says_so(db):
    with pytest.raises(CommandError, match="load_plan"):
        call_command("seed_demo", years="110")
