"""What is asked of signing many at once, of receipts and of joint measures."""

from tests.access.cases_reports import Case, lead, nothing
from tests.world import World
from tracking.actions import joint
from tracking.enums import Status
from tracking.models import Dissent, ProgressReport, Receipt


def at(world: World, code: str, ministry: str, status: str) -> ProgressReport:
    """A report that was brought there, however often it is asked for."""
    report = world.report(code, ministry)
    if report.status == Status.DRAFT:
        world.bring(report, status)
    return world.report(code, ministry)


def a_receipt(*rest: str):
    def place(world: World) -> list:
        return [Receipt.objects.filter(report=lead(world)).get().number, *rest]

    return place


def a_dissent(world: World) -> Dissent:
    """Of 乙部 on what 甲部 submitted."""
    found = Dissent.objects.standing().first()
    part = world.report("1.1.1.1", "beta")
    return found or joint.note_dissent(part, lead(world), text="算法不同。", by=world.officer_b)


def chosen(do: str):
    return lambda world: {"do": do, "report": f"{lead(world).pk}:{lead(world).version}"}


CASES: dict[str, dict[str, Case]] = {
    "signing": {
        "draft": Case(nothing, Status.DRAFT, chosen("submit")),
        "signing": Case(nothing, Status.SIGNING, chosen("sign_off")),
        "confirmed": Case(
            nothing,
            Status.SIGNING,
            lambda world: {**chosen("sign_off")(world), "confirm": "1"},
        ),
    },
    "receipt-list": {"": Case(nothing, Status.SUBMITTED)},
    "receipt-verify": {"": Case(nothing, post=lambda world: {"number": "R1", "digest": "0"})},
    "receipt": {"": Case(a_receipt(), Status.SUBMITTED)},
    "receipt-file": {
        suffix: Case(a_receipt(suffix), Status.SUBMITTED) for suffix in ("json", "pdf", "txt")
    },
    "report-quote": {
        "": Case(
            lambda world: [lead(world).pk],
            post=lambda world: {
                "seen_version": lead(world).version,
                "quote": f"{at(world, '1.1.1.1', 'beta', Status.SUBMITTED).pk}:work_done",
            },
        )
    },
    "dissent-note": {
        "": Case(
            lambda world: [
                world.report("1.1.2.1", "alpha").pk,
                at(world, "1.1.2.1", "science", Status.SUBMITTED).pk,
            ],
            post=lambda world: {"text": "算法不同。"},
        )
    },
    "dissent-move": {
        verb: Case(
            lambda world, verb=verb: [a_dissent(world).pk, verb],
            Status.SUBMITTED,
            lambda world: {"text": "查過了。"},
        )
        for verb in ("answer", "withdraw")
    },
}
