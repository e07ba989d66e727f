"""Finding reports and resolutions by what they say, among those that a person may read.

A report that its ministry corrects is found by what it submitted last, by everybody but that
ministry: the words that `tracking.submitted.shown` lets them read.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, F, Func, Q, QuerySet, TextField, Value

from config.kit.prepared import prepared
from config.kit.search import (
    Among,
    Found,
    Holds,
    Sought,
    Together,
    Words,
    id_list,
    look_through,
    to_ask_for,
)
from tracking.enums import Status
from tracking.models import ProgressReport, Resolution, ResolutionReport, Submission
from tracking.models.scope import BEING_CORRECTED, STANDING, Reader

if TYPE_CHECKING:
    from ministries.models import User

    Person = User | AnonymousUser

# What a report tells in sentences.
TEXTS = (
    "work_done",
    "benefit",
    "obstacle",
    "response",
    "next_steps",
    "nothing_reason",
    "sub_cause",
    "others_must_act",
)


_NO_SUBMISSION = Value(None, BigIntegerField())


class Submitted(Func):
    """A field of what was submitted, written as the index has it. The name is ours."""

    output_field = TextField()

    def __init__(self, name: str) -> None:
        super().__init__(F("content"))
        self.name = name

    def as_postgresql(self, compiler, connection, **_context) -> tuple[str, list]:
        content, given = compiler.compile(self.source_expressions[0])
        return f"coalesce({content} -> 'fields' ->> '{self.name}', '')", given

    def as_sqlite(self, compiler, connection, **_context) -> tuple[str, list]:
        content, given = compiler.compile(self.source_expressions[0])
        return f"coalesce(json_extract({content}, '$.fields.{self.name}'), '')", given


# What is searched of each model. `tracking.migrations.0008_search` indexes the same expressions.
TEXT_OF = {
    ProgressReport: Together(*TEXTS),
    Submission: Together(*map(Submitted, TEXTS)),
    Resolution: Together("name", "text"),
    ResolutionReport: Together("text", "reason"),
}


class _Hit(NamedTuple):
    """A report that was found by its own words, or by a submission."""

    report: int
    year: int
    submission: int | None


def reports_saying(
    words: Words,
    user: "Person",
    years: Iterable[Collection[int]],
    *,
    goal: str = "",
    bodies: Collection[int] | None = None,
    limit: int,
) -> Found:
    """(id, id of its year) of at most `limit` reports, those of the first group of years first.
    One query, and two more for long words.

    `years` are ids of reporting years; `goal` is the code of the goal of their measure, `bodies`
    are ids of the ministries that filed them.
    """
    groups = tuple(id_list(group) for group in years if group)
    if not groups:
        return Found([])
    signed_in = user.is_authenticated
    ask = _saying(signed_in, signed_in and user.is_science_staff, to_ask_for(words, limit))
    rows = ask(
        *words.sought,
        tuple(sorted(user.ministry_ids)) if signed_in else (),
        groups,
        (goal,) if goal else (),
        () if bodies is None else (id_list(bodies),),
    )
    found = look_through([_Hit(*row) for row in rows], words, _said, limit)
    return Found([(hit.report, hit.year) for hit in found.rows], found.cut)


def _said(found: Sequence[_Hit]) -> dict[_Hit, list[str]]:
    """What is searched of these reports. One query."""
    told = {
        (pk, submission): text
        for pk, submission, text in _searched(
            id_list(hit.report for hit in found if hit.submission is None),
            id_list(hit.submission for hit in found if hit.submission is not None),
        )
    }
    # A report that was changed a moment ago says nothing here.
    return {hit: [told.get((hit.report, hit.submission), "")] for hit in found}


@prepared
def _searched(reports: str, submissions: str) -> QuerySet:
    """(id of the report, id of the submission or None, text)."""
    rows = ProgressReport.objects.filter(Among("id", reports)).order_by()
    copies = Submission.objects.filter(Among("id", submissions)).order_by()
    return rows.values_list("pk", _NO_SUBMISSION, TEXT_OF[ProgressReport]).union(
        copies.values_list("report_id", "pk", TEXT_OF[Submission]), all=True
    )


@cache
def _saying(signed_in: bool, staff: bool, limit: int) -> Callable[..., list]:
    """The query behind `reports_saying`, made once. Of goal and bodies none or one."""

    @prepared
    def saying(
        pairs: tuple[str, ...],
        runs: tuple[str, ...],
        own: tuple[int, ...],
        years: tuple[str, ...],
        goal: tuple[str, ...],
        bodies: tuple[str, ...],
    ) -> QuerySet:
        sought, reader = Sought(pairs, runs), Reader(signed_in, staff, own)
        narrow = [Among("ministry_id", ids) for ids in bodies]
        if goal:
            narrow.append(Q(measure__strategy__sub_goal__goal__code__in=goal))
        branches = [
            branch
            for group in years
            for branch in _branches(sought, reader, [Among("reporting_year_id", group), *narrow])
        ]
        return branches[0].union(*branches[1:], all=True)[:limit]

    return saying


def _branches(sought: Sought, reader: Reader, wanted: Sequence[Q | Among]) -> Iterator[QuerySet]:
    own = reader.ministry_ids
    # The page of a report that does not apply tells nothing but why.
    readable = ProgressReport.objects.visible_to(reader).exclude(status=Status.NOT_APPLICABLE)
    readable = readable.filter(*wanted).order_by()
    # These states and no others are in the index `report_standing`: no draft of others is read.
    stands = Q(status__in=STANDING) | Q(ministry__in=own)
    said = Holds(TEXT_OF[ProgressReport], sought)
    yield readable.filter(stands, said).values_list("pk", "reporting_year_id", _NO_SUBMISSION)
    if reader.is_science_staff or own:
        said = Holds(TEXT_OF[Submission], sought)
        corrected = readable.filter(~Q(ministry__in=own), status__in=BEING_CORRECTED)
        yield (
            Submission.objects.latest()
            .filter(said, report__in=corrected.values("pk"))
            .order_by()
            .values_list("report_id", "report__reporting_year_id", "pk")
        )


def resolutions_saying(
    words: Words,
    user: "Person",
    *,
    plan: int | None = None,
    dates: tuple[date, date] | None = None,
    goal: str = "",
    bodies: Collection[int] | None = None,
    limit: int,
) -> Found:
    """Ids of at most `limit` resolutions: those that say the words, or what was done about them
    does. One query, and two more for long words.

    `dates` are the first and last day on which they were decided, `goal` is a code, `bodies` are
    ids of the ministries that owe them.
    """
    rows = Resolution.objects.visible_to(user).order_by()
    if plan is not None:
        rows = rows.filter(plan=plan)
    if dates:
        rows = rows.filter(decided_on__range=dates)
    if goal:
        rows = rows.filter(Q(code=goal) | Q(code__startswith=f"{goal}."))
    if bodies is not None:
        rows = rows.filter(owner__in=bodies)
    told = ResolutionReport.objects.filter(Holds(TEXT_OF[ResolutionReport], words.sought))
    found = rows.filter(Holds(TEXT_OF[Resolution], words.sought)).values_list("pk")
    done = rows.filter(pk__in=told.values("resolution")).values_list("pk")
    hits = [pk for (pk,) in found.union(done)[: to_ask_for(words, limit)]]
    return look_through(hits, words, _told, limit)


def _told(ids: Sequence[int]) -> dict[int, list[str]]:
    """What is searched of these resolutions: the text, and each report about it. One query."""
    rows = Resolution.objects.filter(pk__in=ids).values_list("pk", TEXT_OF[Resolution])
    done = ResolutionReport.objects.filter(resolution__in=ids)
    told: dict[int, list[str]] = {}
    for pk, text in rows.order_by().union(
        done.order_by().values_list("resolution_id", TEXT_OF[ResolutionReport]), all=True
    ):
        told.setdefault(pk, []).append(text)
    return told
