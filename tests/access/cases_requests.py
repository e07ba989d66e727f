"""What is asked of each address of extensions and corrections, 甲部's, and what is posted."""

from collections.abc import Callable
from datetime import date, timedelta

from tests.access.cases_reports import Case, lead
from tests.world import World
from tracking.actions import corrections, extensions
from tracking.enums import Part, Status
from tracking.models import CorrectionRequest, ExtensionRequest

REASON = "資料要重新蒐集。"


def wanted(world: World) -> date:
    return world.year.due_on + timedelta(days=10)


def day(world: World, name: str) -> dict:
    until = wanted(world)
    return {f"{name}_0": until.year - 1911, f"{name}_1": until.month, f"{name}_2": until.day}


def an_extension(*rest: str) -> Callable[[World], list]:
    def place(world: World) -> list:
        row = ExtensionRequest.objects.first() or extensions.ask(
            world.year, world.alpha, wanted_until=wanted(world), reason=REASON, by=world.officer_a
        )
        return [row.pk, *rest]

    return place


def a_correction(*rest: str) -> Callable[[World], list]:
    def place(world: World) -> list:
        row = CorrectionRequest.objects.first() or corrections.ask(
            lead(world), parts=[Part.PROGRESS], reason=REASON, by=world.officer_a
        )
        return [row.pk, *rest]

    return place


CASES: dict[str, dict[str, Case]] = {
    "correction-ask": {
        "": Case(
            lambda world: [lead(world).pk],
            Status.ACCEPTED,
            lambda world: {"reason": REASON, "parts": [Part.PROGRESS.value]},
        )
    },
    "correction": {"": Case(a_correction(), Status.ACCEPTED)},
    "correction-move": {
        verb: Case(
            a_correction(verb),
            Status.ACCEPTED,
            lambda world: {"seen_version": lead(world).version, "note": REASON},
        )
        for verb in ("grant", "refuse", "withdraw")
    },
    "extension-ask": {
        "": Case(
            lambda world: [world.year.pk, "alpha"],
            post=lambda world: {"reason": REASON, **day(world, "wanted_until")},
        )
    },
    "extension": {"": Case(an_extension())},
    "extension-move": {
        verb: Case(
            an_extension(verb),
            post=lambda world: {"note": REASON, **day(world, "granted_until")},
        )
        for verb in ("grant", "refuse", "withdraw")
    },
}
