"""A small world in which each address has something to show, with planted words."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django_celery_results.models import TaskResult

from ministries.actions.people import appoint_deputy, retire_membership
from ministries.enums import MembershipRole
from ministries.models import User
from plan.actions.indicators import approve, propose
from plan.enums import Accumulation, Direction, IndicatorKind
from plan.models import Indicator, MeasureItem, Objective, PrintedFigure
from tests.world import MONEY, WHOLE, World, join, make_user
from tracking.actions import evidence, lights, reports
from tracking.enums import Light, Status
from tracking.models import ProgressReport

SECRETS = {"alpha": "WORDOFALPHA", "beta": "WORDOFBETA"}
INDICATOR = {
    "name": "培訓場次",
    "unit": "場",
    "kind": IndicatorKind.COUNT,
    "accumulation": Accumulation.YEARLY,
    "direction": Direction.HIGHER,
}


def fill(world: World) -> World:
    """One row at least of every kind, and drafts of 甲部 and 乙部 with a word in every field."""
    make_retired(world)
    deputy = make_user("deputy")
    join(deputy, world.alpha, MembershipRole.OFFICER)
    until = timezone.localdate() + timedelta(days=9)
    appoint_deputy(ministry=world.alpha, deputy=deputy, until=until, by=world.window_a)
    draft_with_a_word(world, "1.1.1.1", "alpha", world.officer_a)
    draft_with_a_word(world, "2.1.1.1", "beta", world.officer_b)
    world.bring(world.report("1.1.1.1", "beta"), Status.ACCEPTED)
    lights.set_light(
        world.measures["1.1.1.1"],
        world.year,
        light=Light.BEHIND,
        reason="審查會決定。",
        by=world.reviewer,
    )
    approved = indicator_of(world, name="核定的指標")
    approve(approved, by=world.reviewer)
    indicator_of(world, name="提出的指標")
    MeasureItem.objects.create(
        measure=world.measures["1.1.1.1"], ordinal=1, level=1, marker="（1）", text="細項"
    )
    Objective.objects.create(plan=world.plan, ministry=world.alpha, ordinal=1, printed_name="甲部")
    PrintedFigure.objects.create(
        plan=world.plan, table="8", row="111", row_ordinal=1, column="預算", column_ordinal=1,
        year=111, unit="億元", printed="1,307", value=1307,
    )  # fmt: skip
    TaskResult.objects.create(task_id="1", task_name="a job")
    return world


def indicator_of(world: World, **fields) -> Indicator:
    return propose(
        world.measures["1.1.1.1"],
        world.alpha,
        by=world.officer_a,
        targets={112: {"value": 20}},  # of a later year, so that this year's report goes without
        **{**INDICATOR, **fields},
    )


def draft_with_a_word(world: World, code: str, ministry: str, officer: User) -> None:
    """A saved draft that says the ministry's word wherever words can stand, evidence included."""
    word, report = SECRETS[ministry], world.report(code, ministry)
    texts = {
        field.name: word
        for field in ProgressReport._meta.fields
        if field.editable
        and isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in ("ministry_name", "exempt_reason")
    }
    row = reports.save_draft(
        report,
        seen_version=report.version,
        by=officer,
        fields={**WHOLE, **texts, "nothing_reason": ""},
        money=[{**MONEY[0], "source": word, "note": word}],
    )
    evidence.add_link(
        row,
        seen_version=row.version,
        by=officer,
        url=f"https://example.test/{word}",
        title=word,
        public=True,
    )


def make_retired(world: World) -> User:
    """An officer of 甲部 who retired. Retired people of whom the account is still open see no more
    than those of whom it isn't.
    """
    retired = world.people["retired"] = make_user("retired")
    membership = join(retired, world.alpha, MembershipRole.OFFICER)
    retire_membership(membership, by=world.administrator)
    User.objects.filter(pk=retired.pk).update(is_active=True)
    return retired
