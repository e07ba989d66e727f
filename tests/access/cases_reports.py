"""What is asked of each address of reporting, the plan and people, and what is posted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from ministries.models import Deputyship, Membership
from plan.actions import versions
from plan.enums import VersionState
from plan.models import Indicator, PlanVersion
from reports import jobs
from reports.documents.sources import subject_of_filing
from reports.models import Document
from reports.tasks import restart_lost_jobs
from tests.access.asking import BOTH, Question, Visitor, answers, names
from tests.access.world_of_reports import INDICATOR
from tests.outcomes import release
from tests.world import World
from tracking.enums import Part, Status, Verb
from tracking.models import Evidence, ProgressReport

# Accepted, and the year published.
RELEASED = "released"
# The columns of the table: name → person of the small world. 甲部 is whose things are asked for.
ROLES = {
    "nobody": None,
    "officer": "officer_a",
    "window": "window_a",
    "viewer": "viewer_a",
    "other": "officer_b",
    "reviewer": "reviewer",
    "collator": "collator",
    "expert": "expert",
    "admin": "administrator",
    "retired": "retired",
}


@dataclass(frozen=True)
class Case:
    """What one address is asked about: what stands in it, the status to which the report of 甲部 is
    brought before (or RELEASED), and what is posted.
    """

    args: Callable[[World], list]
    status: str = ""
    post: Callable[[World], dict] = lambda world: {}


def lead(world: World) -> ProgressReport:
    """The report of 甲部 that most addresses are asked about."""
    return world.report("1.1.1.1", "alpha")


def first(model: type[models.Model]) -> Callable[[World], list]:
    return lambda world: [model.objects.order_by("pk").first().pk]


def seen(world: World, **more: object) -> dict:
    return {"seen_version": lead(world).version, **more}


def of_report(*args: str, status: str = Status.DRAFT, **more: object) -> Case:
    return Case(lambda world: [lead(world).pk, *args], status, lambda world: seen(world, **more))


def nothing(world: World) -> list:
    return []


def one_measure(world: World) -> list:
    return ["1.1.1.1"]


def approved_indicator(world: World) -> list:
    return [Indicator.objects.get(name="核定的指標").pk]


def proposed_indicator(world: World) -> list:
    return [Indicator.objects.get(name="提出的指標").pk]


def a_job(world: World) -> list:
    """A job that somebody of 甲部 started."""
    return [jobs.start("access", restart_lost_jobs, by=world.officer_a).pk]


def own_paper(world: World) -> str:
    """The filing of 甲部, as a subject of documents."""
    return subject_of_filing(world.alpha, world.year)


def a_document(world: World) -> list:
    """A document of that filing."""
    row = Document(
        subject=own_paper(world), owner="alpha", kind="filing", format="odt", digest="0" * 64,
        name="filing.odt", size=4, sha256="0" * 64,
    )  # fmt: skip
    row.file.save("", ContentFile(b"file"))
    return [row.pk]


def a_draft(world: World) -> PlanVersion:
    """The draft of a revision, opened by the collator."""
    return world.plan.versions.filter(state=VersionState.DRAFT).first() or versions.open_draft(
        world.plan, by=world.collator
    )


def of_draft(*args: object, post: Callable[[World], dict] = lambda world: {}) -> Case:
    return Case(lambda world: [a_draft(world).pk, *args], post=post)


def measure_of_draft(*args: str) -> Callable[[World], list]:
    def place(world: World) -> list:
        draft = a_draft(world)
        return [draft.pk, "measure", draft.measures.get(code="1.1.1.1").pk, *args]

    return place


PLAIN = Case(nothing)
PROPOSAL = {**INDICATOR, "name": "另一個指標", "value_111": "5"}
CASES: dict[str, dict[str, Case]] = {
    "measure": {"": Case(one_measure)},
    "measure-indicators-csv": {"": Case(one_measure)},
    "measure-money-csv": {"": Case(one_measure)},
    "measure-indicator-figure": {
        "": Case(lambda world: ["1.1.1.1", *approved_indicator(world)]),
        "proposed": Case(lambda world: ["1.1.1.1", *proposed_indicator(world)]),
    },
    "measure-light": {
        "": Case(
            lambda world: ["1.1.1.1", world.year.year],
            post=lambda world: {"light": "behind", "reason": "實地查核的進度落後。"},
        )
    },
    "ministry": {"": Case(lambda world: ["alpha"])},
    "ministry-csv": {"": Case(lambda world: ["alpha"])},
    "desk": {"": Case(nothing)},
    "report": {status: of_report(status=status) for status in (*Status, RELEASED)},
    "report-edit": {
        status: of_report(status=status, do="save") for status in ("draft", "submitted", "accepted")
    },
    "report-review": {
        status: of_report(status=status, do="rest")
        for status in ("draft", "submitted", "under_review")
    },
    "report-move": {
        verb: of_report(verb, status=status, note="寫下的理由。")
        for verb, status in {
            Verb.SUBMIT: "draft",
            Verb.SIGN_OFF: "signing",
            Verb.SEND_BACK: "signing",
            Verb.WITHDRAW: "submitted",
            Verb.START: "submitted",
            Verb.EXEMPT: "draft",
            Verb.RESUME: "not_applicable",
            Verb.ACCEPT: "under_review",
            Verb.DROP: "returned",
        }.items()
    },
    "evidence": {
        status: Case(
            lambda world: [Evidence.objects.get(report=lead(world)).pk], status
        ) for status in ("draft", "submitted", "accepted", RELEASED)
    },
    "year-list": {
        "": Case(
            nothing,
            post=lambda world: {
                "year": "112", "opens_on_0": "113", "opens_on_1": "1", "opens_on_2": "2",
                "due_on_0": "113", "due_on_1": "2", "due_on_2": "2",
                "closes_on_0": "113", "closes_on_1": "3", "closes_on_2": "3",
            },
        )
    },
    "year-move": {
        verb: Case(lambda world, verb=verb: [world.year.pk, verb]) for verb in ("close", "open")
    },
    "year-partner-days": {
        "": Case(
            lambda world: [world.year.pk],
            post=lambda world: {f"partners-{world.year.pk}-partner_days": "9"},
        )
    },
    "indicator-list": {
        "": Case(one_measure, post=lambda world: {**PROPOSAL, "ministry": world.alpha.pk})
    },
    "indicator-edit": {
        "": Case(
            proposed_indicator,
            post=lambda world: {**PROPOSAL, "ministry": world.alpha.pk, "seen_revision": 1},
        )
    },
    "indicator-target": {
        "": Case(
            approved_indicator,
            post=lambda world: {
                "seen_revision": Indicator.objects.get(name="核定的指標").revision,
                "year": 111, "value": "7", "reason": "場地比預期少了一半。",
            },
        )
    },
    "indicator-decide": {
        verb: Case(
            lambda world, verb=verb: [*proposed_indicator(world), verb],
            post=lambda world: {
                "seen_revision": Indicator.objects.get(name="提出的指標").revision,
                "note": "單位不清楚。",
            },
        )
        for verb in ("approve", "decline")
    },
    "people-create": {
        "": Case(
            nothing,
            post=lambda world: {
                "name": "新人", "email": "new@example.test", "ministry": world.alpha.pk,
                "role": "officer",
            },
        )
    },
    "people-grant": {
        "": Case(
            lambda world: [world.viewer_a.pk],
            post=lambda world: {"ministry": world.alpha.pk, "role": "officer"},
        )
    },
    "people-password": {"": Case(lambda world: [world.viewer_a.pk])},
    "people-retire": {
        "": Case(lambda world: [Membership.objects.get(user=world.viewer_a).pk])
    },
    "people-deputy": {
        "": Case(
            nothing,
            post=lambda world: {
                "ministry": world.alpha.pk, "deputy": world.officer_a.pk,
                **roc("since", timezone.localdate()),
                **roc("until", timezone.localdate() + timedelta(days=3)),
            },
        )
    },
    "people-deputy-end": {"": Case(first(Deputyship))},
    "account_login": {"": Case(nothing, post=lambda world: {"login": "a@b.test", "password": "x"})},
    "account_reset_password": {"": Case(nothing, post=lambda world: {"email": "a@b.test"})},
    "account_reset_password_from_key": {"": Case(lambda world: ["a", "b"])},
    "document": {"": Case(a_document)},
    "documents": {
        "": Case(
            lambda world: [own_paper(world)],
            post=lambda world: {"kind": "filing", "format": "odt"},
        )
    },
    "document-page": {"": Case(lambda world: [own_paper(world), "filing"])},
    "document-sign-off": {
        "": Case(
            lambda world: [own_paper(world)],
            post=lambda world: {"document_number": "甲字第1號", "on": "112-02-28"},
        )
    },
    "glyphs": {"": Case(nothing, post=lambda world: {"text": "甲"})},
    "job-status": {"": Case(a_job)},
    "job-cancel": {"": Case(a_job)},
    "set_language": {"": Case(nothing, post=lambda world: {"language": "en"})},
    "api-plan-detail": {"": Case(lambda world: ["small"])},
    "api-version-detail": {"": Case(lambda world: [world.version.pk])},
    "api-goal-detail": {"": Case(lambda world: ["1"])},
    "api-sub-goal-detail": {"": Case(lambda world: ["1.1"])},
    "api-strategy-detail": {"": Case(lambda world: ["1.1.1"])},
    "api-measure-detail": {"": Case(one_measure)},
    "api-ministry-detail": {"": Case(lambda world: ["alpha"])},
    "api-succession-detail": {
        "": Case(lambda world: [world.gamma.succeeded_by.get().pk])
    },
    "api-reporting-year-detail": {"": Case(lambda world: ["111"])},
    "api-report-detail": {
        status: of_report(status=status)
        for status in ("draft", "submitted", "accepted", RELEASED)
    },
    **{
        f"api-report-{name}": {"": of_report(status=status, **more)}
        for name, (status, more) in {
            "submit": ("draft", {}),
            "sign-off": ("signing", {}),
            "send-back": ("signing", {"note": "寫下的理由。"}),
            "withdraw": ("submitted", {}),
            "start": ("submitted", {}),
            "accept": ("under_review", {}),
            "return-parts": ("under_review", {"parts": {Part.PROGRESS: "寫下的理由。"}}),
            "exempt": ("draft", {"note": "寫下的理由。"}),
            "resume": ("not_applicable", {"note": "寫下的理由。"}),
            "reopen": ("accepted", {"note": "寫下的理由。"}),
            "drop": ("returned", {"note": "寫下的理由。"}),
        }.items()
    },
    "revision-list": {"": Case(nothing, post=lambda world: {"plan": "small"})},
    **{
        name: {
            "draft": of_draft(),
            "in-force": Case(lambda world: [world.version.pk]),
        }
        for name in ("revision", "revision-redline", "revision-crosswalk", "revision-vision")
    },
    "revision-approve": {"": of_draft()},
    "revision-discard": {"": of_draft(post=lambda world: {"seen_edits": 1})},
    "revision-node": {"": Case(measure_of_draft())},
    "revision-verb": {
        "end": Case(
            measure_of_draft("end"),
            post=lambda world: {
                "end-seen_edits": 1, "end-ground": "review", "end-reason": "理由。",
                "end-basis": "依據",
            },
        )
    },
    "admin:plan_import_document": {"": Case(lambda world: [world.plan.pk])},
    "admin:app_list": {"": Case(lambda world: ["plan"])},
    "admin:view_on_site": {"": Case(lambda world: [1, 1])},
}  # fmt: skip
# Patterns without a name, and an address that each of them answers.
UNNAMED = {
    "admin:(<path:object_id>/)": lambda world: f"/admin/plan/plan/{world.plan.pk}/",
    "admin:((?P<url>.*)$)": lambda world: "/admin/nowhere/",
}


def roc(name: str, day: date) -> dict[str, int]:
    return {f"{name}_0": day.year - 1911, f"{name}_1": day.month, f"{name}_2": day.day}


def cases_of(name: str) -> dict[str, Case]:
    """The written cases, or for a page of the admin about one row: the first row of its model."""
    if name in CASES:
        return CASES[name]
    model = admin_model(name)
    return {"": Case(first(model)) if model else PLAIN}


def admin_model(name: str) -> type[models.Model] | None:
    """The model, one row of which this page of the admin is about."""
    for model in admin.site._registry:
        start = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        if name.startswith(start) and name.removeprefix(start) in ("change", "delete", "history"):
            return model
    return None


def address(name: str, case: Case, world: World) -> str:
    if name in UNNAMED:
        return UNNAMED[name](world)
    return reverse(name, args=case.args(world))


def methods_of(name: str) -> tuple[str, ...]:
    return (*BOTH, "PATCH") if name.startswith("api-report-") else BOTH


# --- asking ---------------------------------------------------------------------------------------
def arrange(world: World, status: str) -> None:
    if status == RELEASED:
        world.bring(lead(world), Status.ACCEPTED)
        release(world.year)
    elif status and status != Status.DRAFT:
        world.bring(lead(world), status)


def asked(
    world: World, everybody: dict[str, Visitor], wanted: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """(`name case METHOD`, the statuses in the order of ROLES)."""
    for name in sorted(set(filter(wanted, names()))):
        for label, case in cases_of(name).items():
            with transaction.atomic():
                arrange(world, case.status)
                url = address(name, case, world)
                for method in methods_of(name):
                    data = case.post(world) if method == "POST" else {}
                    key = " ".join(filter(None, (name, label, method)))
                    question = Question(key, method, url, data, lead(world).version)
                    yield key, answers(everybody.values(), question)
                transaction.set_rollback(True)
