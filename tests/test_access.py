"""Who gets which answer: every address × every kind of person, held against `access.txt`.

The table is written down, not worked out: a changed answer must be changed there by hand, and an
address that is not in the table fails. A draft with a planted word then shows that no page at all
tells it to anybody outside its ministry.
"""

import copy
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver
from django.utils import timezone
from django_celery_results.models import TaskResult

from ministries.actions.people import appoint_deputy, retire_membership
from ministries.enums import MembershipRole
from ministries.models import Deputyship, Membership, User
from plan.actions import versions
from plan.actions.indicators import approve, propose
from plan.enums import Accumulation, Direction, IndicatorKind, VersionState
from plan.models import Indicator, MeasureItem, Objective, PlanVersion, PrintedFigure
from reports import jobs
from reports.documents.sources import subject_of_filing
from reports.models import Document, Edition, Review
from reports.tasks import restart_lost_jobs
from tests.outcomes import release
from tests.world import MONEY, WHOLE, World, join, make_user
from tracking.actions import evidence, lights, reports
from tracking.enums import Light, Part, Status, Verb
from tracking.models import Evidence, ProgressReport

# Thousands of requests, whose answers do not depend on the database: one run is enough.
pytestmark = pytest.mark.postgres
TABLE = Path(__file__).with_name("access.txt")
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
SECRETS = {"alpha": "WORDOFALPHA", "beta": "WORDOFBETA"}
INDICATOR = {
    "name": "培訓場次",
    "unit": "場",
    "kind": IndicatorKind.COUNT,
    "accumulation": Accumulation.YEARLY,
    "direction": Direction.HIGHER,
}


# --- the addresses of the site --------------------------------------------------------------------
def names(resolver=None, namespace: str = "") -> Iterator[str]:
    """Every address pattern by its full name; a pattern without a name by its route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern, inner)
        elif pattern.name:
            yield f"{namespace}{pattern.name}"
        else:
            yield f"{namespace}({pattern.pattern})"


# --- a world in which each address has something to show -----------------------------------------
@pytest.fixture
def full_world(world: World) -> World:
    """One row at least of every kind, and drafts of 甲部 and 乙部 with a word in every field."""
    retired = world.people["retired"] = make_user("retired")
    membership = join(retired, world.alpha, MembershipRole.OFFICER)
    retire_membership(membership, by=world.administrator)
    # Retired people of whom the account is still open see no more than those of whom it isn't.
    User.objects.filter(pk=retired.pk).update(is_active=True)
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


# --- what is asked of each address ----------------------------------------------------------------
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


def a_compiled_review(world: World) -> list:
    review = Review.objects.create(
        plan=world.plan, kind="final", title="期末成果評估", first_year=111, last_year=111
    )
    Edition.objects.create(review=review, number=1, digest="0" * 64, head={}, rules={}, standing={})
    return [review.pk]


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
    "desk": {
        "": Case(
            nothing,
            post=lambda world: {
                "do": "submit", "report": f"{lead(world).pk}:{lead(world).version}",
            },
        )
    },
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
    "review-documents": {"": Case(a_compiled_review)},
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
    return ("GET", "POST", "PATCH") if name.startswith("api-report-") else ("GET", "POST")


# --- asking ---------------------------------------------------------------------------------------
class Visitor:
    """A person's browser that forgets: what a request changed is taken back after it."""

    def __init__(self, user: User | None) -> None:
        self.client = Client()
        if user is not None:
            self.client.force_login(user)
        self.cookies = copy.deepcopy(self.client.cookies)

    def ask(self, method: str, url: str, data: dict | None = None, version: int = 1):
        self.client.cookies = copy.deepcopy(self.cookies)
        given: dict = {"data": data or {}}
        if url.startswith("/api/") and method != "GET":
            given |= {
                "content_type": "application/json",
                "headers": {"If-Match": f'"{version}"'},
            }
        if method == "GET":
            given = {}
        cache.clear()
        with transaction.atomic():
            answer = getattr(self.client, method.lower())(url, **given)
            if answer.streaming:
                told = b"".join(answer.streaming_content)
                answer = HttpResponse(told, status=answer.status_code)
            transaction.set_rollback(True)
        return answer


def visitors(world: World) -> dict[str, Visitor]:
    return {role: Visitor(name and world.people[name]) for role, name in ROLES.items()}


def arrange(world: World, status: str) -> None:
    if status == RELEASED:
        world.bring(lead(world), Status.ACCEPTED)
        release(world.year)
    elif status and status != Status.DRAFT:
        world.bring(lead(world), status)


def asked(world: World, wanted: Callable[[str], bool]) -> dict[str, str]:
    """`name case METHOD` → the statuses in the order of ROLES, blank between."""
    everybody, found = visitors(world), {}
    for name in sorted(set(filter(wanted, names()))):
        for label, case in cases_of(name).items():
            with transaction.atomic():
                arrange(world, case.status)
                url = address(name, case, world)
                for method in methods_of(name):
                    data = case.post(world) if method == "POST" else {}
                    version = lead(world).version
                    statuses = [
                        visitor.ask(method, url, data, version).status_code
                        for visitor in everybody.values()
                    ]
                    key = " ".join(filter(None, (name, label, method)))
                    found[key] = " ".join(map(str, statuses))
                transaction.set_rollback(True)
    return found


def table() -> dict[str, str]:
    """The written set: lines of name, case (where there are several), method, ten statuses."""
    rows = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            words = line.split()
            rows[" ".join(words[: -len(ROLES)])] = " ".join(words[-len(ROLES) :])
    return rows


ROOMS = {
    "pages": lambda name: not name.startswith(("api", "admin:")),
    "api": lambda name: name.startswith("api"),
    "admin": lambda name: name.startswith("admin:"),
}


@pytest.fixture(autouse=True)
def _quiet(settings, tmp_path) -> Iterator[None]:
    """Thousands of refusals are not worth a line each; and the trial's mailbox is there."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("room", ROOMS)
def test_every_address_answers_everybody_as_written(full_world, room):
    wanted = ROOMS[room]
    expected = {key: row for key, row in table().items() if wanted(key.split()[0])}
    assert asked(full_world, wanted) == expected


def test_no_address_takes_a_post_without_its_token(full_world):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(full_world.administrator)
    taken = {
        name
        for name in set(names())
        for case in cases_of(name).values()
        if browser.post(
            address(name, case, full_world), "{}", content_type="application/json"
        ).status_code
        != 403
    }
    assert taken == set()


# --- drafts ---------------------------------------------------------------------------------------
# Where a ministry's own people read its draft.
READ_AT = {
    "evidence", "measure", "report", "document-page", "api-report-detail", "api-report-list",
}  # fmt: skip
POST_ONLY = {"report-move", "year-move", "indicator-decide", "revision-verb"} | {
    name for name in CASES if name.startswith("api-report-") and name != "api-report-detail"
}
# Lists that also come as CSV or narrowed; each may tell what the plain one does not.
VARIANTS = {
    "home": [f"?format=csv&part={part}" for part in ("goals", "worse", "filing", "causes", "path")],
    "plan-tree": ["?format=csv", "?goal=1&year=111"],
    "collation": ["?format=csv", "?level=measure", "?level=measure&format=csv"],
    "api-report-list": ["?status=draft", "?ministry=alpha", "?code=1.1.1.1"],
    "api-measure-list": ["?year=111"],
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


def pks(model: type[models.Model]) -> list[int]:
    return list(model.objects.values_list("pk", flat=True))


def pool(name: str, world: World, given: list) -> list:
    if model := admin_model(name):
        return pks(model)
    for starts, rows in POOLS:
        if name.startswith(starts):
            return rows(world)
    return given[:1]


def everywhere(world: World) -> Iterator[tuple[str, str]]:
    """(name, address) of all pages, each with all the rows that it can be about."""
    for name in sorted(set(names()) - POST_ONLY):
        for case in cases_of(name).values():
            if name in UNNAMED:
                yield name, UNNAMED[name](world)
            elif given := case.args(world):
                for row in pool(name, world, given):
                    yield name, reverse(name, args=[row, *given[1:]])
            else:
                yield from ((name, reverse(name) + more) for more in ["", *VARIANTS.get(name, [])])


def test_a_draft_is_told_to_nobody_outside_its_ministry(full_world):
    world = full_world
    addresses = sorted(set(everywhere(world)))
    own = {"officer": READ_AT | {"report-edit"}, "window": READ_AT, "viewer": READ_AT}
    for role, visitor in visitors(world).items():
        told: dict[str, set[str]] = {ministry: set() for ministry in SECRETS}
        for name, url in addresses:
            # The table above says that nobody else gets anything from the admin.
            if name.startswith("admin:") and role != "admin":
                continue
            answer = visitor.ask("GET", url)
            text = answer.headers.get("Location", "") + answer.content.decode(errors="replace")
            for ministry, word in SECRETS.items():
                if word in text:
                    told[ministry].add(name)
        theirs = own["officer"] if role == "other" else set()
        assert told == {"alpha": own.get(role, set()), "beta": theirs}, role
