"""What somebody with bad intentions sends to an address, and what the site does with it."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import NoReverseMatch, reverse

from ministries.models import Membership, User
from reports.documents.sources import subject_of_filing
from tests.access import cases_reports, cases_reviews
from tests.access.asking import names
from tests.access.cases_reports import UNNAMED, arrange, cases_of, lead
from tests.access.world_of_reviews import Walk
from tests.world import World
from tracking.models import Evidence

# Written whenever somebody comes by, whatever they ask, or kept for them because it could not be
# saved; none of it changes anybody's work.
NO_WORK = (
    "django_session", "ministries_audit", "ministries_livesession", "ministries_signinlock",
    "tracking_presence", "tracking_typedcopy",
)  # fmt: skip
BIG = b"x" * (50 * 1024 * 1024)
DEEP = "[" * 100_000 + "]" * 100_000


# --- what is attacked -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Target:
    """One address in one case, and what its page would send; `elsewhere` is the same address about
    a row of 乙部 of the same kind, where there is one.
    """

    name: str
    label: str
    url: str
    args: list
    data: dict = field(default_factory=dict)
    version: int = 1
    verb: str = "POST"
    elsewhere: str = ""

    @property
    def key(self) -> str:
        return " ".join(filter(None, (self.name, self.label)))

    @property
    def is_api(self) -> bool:
        return self.url.startswith("/api/")

    def swapped(self) -> Iterator[str]:
        """The address about other rows: none of ours, none that a database could hold."""
        for place, given in enumerate(self.args):
            others = (0, 2**63) if isinstance(given, int) else ("..", "9" * 300, "\x01'\"")
            for other in others:
                args = [*self.args[:place], other, *self.args[place + 1 :]]
                try:
                    yield reverse(self.name, args=args)
                except NoReverseMatch:  # the pattern itself refuses such a word
                    continue


def of_reporting(world: World, wanted: Callable[[str], bool], every_case: bool) -> Iterator[Target]:
    """All addresses but a review's own, each while the report of 甲部 stands as its case asks."""
    only_reviews = cases_reviews.CASES.keys() - cases_reports.CASES.keys()
    by_status: dict[str, list] = {}
    for name in sorted(set(filter(wanted, names())) - only_reviews):
        cases = list(cases_of(name).items())
        for label, case in cases if every_case else cases[:1]:
            by_status.setdefault(case.status, []).append((name, label, case))
    for status, cases in by_status.items():
        with taken_back():
            arrange(world, status)
            for name, label, case in cases:
                with taken_back():
                    args = [] if name in UNNAMED else case.args(world)
                    url = UNNAMED[name](world) if name in UNNAMED else reverse(name, args=args)
                    target = Target(
                        name, label, url, args, case.post(world), lead(world).version,
                        elsewhere=elsewhere(world, name, args),
                    )  # fmt: skip
                    yield target
                    if name == "api-report-detail":
                        yield replace(target, verb="PATCH", data={"work_done": "改過。"})


def elsewhere(world: World, name: str, args: list) -> str:
    """This address about a row of 乙部 instead of 甲部's."""
    theirs = {"alpha": "beta", subject_of_filing(world.alpha, world.year): subject_of_filing(
        world.beta, world.year
    )}  # fmt: skip
    rows = {}
    if name.startswith(("report", "api-report-", "correction-ask")):
        rows = {lead(world).pk: world.report("2.1.1.1", "beta").pk}
    elif name == "evidence":
        rows = {args[0]: Evidence.objects.get(report=world.report("2.1.1.1", "beta")).pk}
    elif name in ("people-password", "people-grant"):
        rows = {world.viewer_a.pk: world.viewer_b.pk}
    elif name in ("people-retire", "people-hand-over"):
        rows = {args[0]: Membership.objects.get(user=world.officer_b).pk}
    other = [(rows if isinstance(given, int) else theirs).get(given, given) for given in args]
    return reverse(name, args=other) if other != args else ""


def of_review(walk: Walk, station: str, every_case: bool, done: set[str]) -> Iterator[Target]:
    """The addresses of a review at one station of its road; each name once, unless `every_case`."""
    for name, cases in cases_reviews.CASES.items():
        for case in cases:
            once = name in done and not every_case and name != "invitation"
            if case.station != station or once:
                continue
            done.add(name)
            with taken_back():
                args = case.args(walk)
                given = case.given(walk) if "POST" in case.methods else {}
                label = f"{case.label} {station}".strip()
                yield Target(name, label, reverse(name, args=args), args, given)


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- who attacks ----------------------------------------------------------------------------------
@dataclass
class Answer:
    status: int
    text: str
    wrote: list[str]
    read: bool


class Attacker:
    """A browser, or a program, that answers come back to as they are, errors included."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user)
        self.cookies = copy.deepcopy(self.client.cookies)

    def send(self, method: str, url: str, body: bytes = b"", kind: str = "", **headers) -> Answer:
        """Send these bytes; what was written stays until the caller takes it back."""
        self.client.cookies = copy.deepcopy(self.cookies)
        cache.clear()
        wrote: list[str] = []

        def watch(execute, sql, params, many, context):
            if sql.startswith(("INSERT", "UPDATE", "DELETE")):
                table = sql.split('"')[1]
                if not table.startswith(NO_WORK):
                    wrote.append(f"{sql.split()[0]} {table}")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watch):
            answer = self.client.generic(
                method, url, body, content_type=kind or "application/octet-stream", headers=headers
            )
            if answer.streaming:
                told = b"".join(answer.streaming_content)
                answer = HttpResponse(told, status=answer.status_code, headers=answer.headers)
        text = answer.headers.get("Location", "") + answer.content.decode(errors="replace")
        return Answer(answer.status_code, text, wrote, method == "GET")

    def get(self, url: str) -> Answer:
        with taken_back():
            return self.send("GET", url)

    def post(self, target: Target, data: dict | None = None, tag: str | None = None) -> Answer:
        """As the page, or the program, of the target would; not taken back."""
        given = target.data if data is None else data
        if target.is_api:
            match = f'"{target.version}"' if tag is None else tag
            more = {"If-Match": match} if match else {}
            body = json.dumps(given).encode()
            return self.send(target.verb, target.url, body, "application/json", **more)
        return self.send("POST", target.url, *as_form(given))

    def post_once(self, target: Target, data: dict | None = None, tag: str | None = None) -> Answer:
        with taken_back():
            return self.post(target, data, tag)


def as_form(data: dict) -> tuple[bytes, str]:
    return encode_multipart(BOUNDARY, data), MULTIPART_CONTENT
