"""Is the audit log as it was written? The chain of hashes is walked from its start to its end, and
held against what was signed at checkpoints.

What is found: a row edited, removed, moved or put in, a seal changed, the tail cut. Whoever may do
everything in the database can still rewrite what came after the last checkpoint: the key is not in
the database, so up to there nobody can. Checkpoints therefore also go to a file (`anchors_path`),
which belongs on another machine.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from config.kit.canonical import digest
from ministries import audit_guards, audit_triggers
from ministries.audit_checkpoints import Mark, marks_of
from ministries.models.audit import AuditCheckpoint, AuditEvent, AuditHead, AuditSeal

AT_ONCE = 2000


class Problem(NamedTuple):
    """`kind` is edited, moved, removed, added, seal, order, cut, checkpoint or guard; `number` the
    place in the chain and `event` the row's key, where there is one.
    """

    kind: str
    number: int | None
    event: int | None
    text: str


class Verdict(NamedTuple):
    """`rows` are the events found in the chain, numbered `first` to `last`; `signed` is the number
    up to which a checkpoint speaks for them.
    """

    rows: int
    first: int
    last: int
    signed: int
    problems: list[Problem]


def hash_of(number: int, event: int, content: str, previous: str) -> str:
    """As the database makes it."""
    return hashlib.sha256(f"{number} {event} {content} {previous}".encode()).hexdigest()


def verify(anchors: list[dict] | None = None) -> Verdict:
    """Walk the whole chain. `anchors` are checkpoints that were kept elsewhere (`read_anchors`)."""
    # What is committed while it is walked stands behind this head and is of no matter.
    head = AuditHead.objects.first()
    points = list(AuditCheckpoint.objects.order_by("pk"))
    marks, sentences = marks_of(points, anchors or [])
    problems = _guards()
    problems += [Problem("checkpoint", None, None, text) for text in sentences]
    walk = _Walk(marks, head)
    for seal, event in sealed():
        walk.step(seal, event)
    walk.end()
    problems += [*walk.problems, *_unsealed()]
    signed = max((mark.number for mark in marks), default=0)
    return Verdict(walk.rows, walk.first, walk.last, signed, problems)


def _guards() -> list[Problem]:
    told = {
        _("資料庫的保護“%s”不在，或已被關掉。"): audit_triggers.missing(connection),
        _("資料庫的保護“%s”被改寫過。"): audit_guards.altered(connection),
        _("稽核紀錄的資料表上有不是系統所設的“%s”。"): audit_guards.strange(connection),
    }
    return [
        Problem("guard", None, None, text % name) for text, names in told.items() for name in names
    ]


class _Walk:
    """One step a seal, in order."""

    def __init__(self, marks: list[Mark], head: AuditHead | None) -> None:
        pruned = max((mark for mark in marks if mark.pruned), default=None)
        self.pruned = pruned.number if pruned else 0
        self.last = self.pruned
        self.previous = pruned.hash if pruned else audit_triggers.START
        self.marks = {}
        for mark in marks:
            self.marks.setdefault(mark.number, set()).add(mark.hash)
        self.head = head
        self.rows = self.first = 0
        self.problems: list[Problem] = []
        self.strange: list[tuple[AuditSeal, str]] = []

    def step(self, seal: AuditSeal, event: AuditEvent | None) -> None:
        number = seal.number
        if number < 1:
            self._say("added", seal, _("序號%(number)s的紀錄%(event)s不在鏈裡：鏈從1起算。"))
            return
        if number <= self.pruned:
            self._say("added", seal, _("序號%s早已清除，卻又出現。") % number)
            return
        self.first = self.first or number
        if number != self.last + 1:
            self._missing("removed", number - 1)
        elif seal.previous != self.previous:
            self._say("order", seal, _("序號%s接不上前一筆：有人換了順序或改寫了鏈。") % number)
        if hash_of(number, seal.event, seal.digest, seal.previous) != seal.hash:
            self._say("seal", seal, _("序號%s的封緘被改過。") % number)
        if event is None:
            self._say("removed", seal, _("序號%(number)s的紀錄%(event)s被刪除了。"))
        elif (content := digest(event.content())) != seal.digest:
            self.strange.append((seal, content))
        else:
            self.rows += 1
            if event.digest != content:
                self._say("edited", seal, _("序號%(number)s的紀錄%(event)s被改過。"))
        for expected in self.marks.get(number, ()):
            if expected != seal.hash:
                self._say(
                    "checkpoint", seal, _("序號%s和簽過章的查核點不同：鏈被重寫過。") % number
                )
        self.last, self.previous = number, seal.hash

    def end(self) -> None:
        """What can only be said when the whole was seen: moved rows, and the tail."""
        places = dict(
            AuditSeal.objects.filter(digest__in=[content for _seal, content in self.strange])
            .order_by("-number")
            .values_list("digest", "number")
        )
        for seal, content in self.strange:
            if place := places.get(content):
                text = _("序號%(number)s的紀錄%(event)s裡，是序號%(place)s的內容：順序被換過。")
                self._say("moved", seal, text, place=place)
            else:
                self._say("edited", seal, _("序號%(number)s的紀錄%(event)s被改過。"))
        if self.head is None and self.last:
            self._end_problem(_("鏈尾不見了。"))
        # Commits while it was walked move the head on, and never back.
        now = AuditHead.objects.first()
        turned_back = now and now.number < self.last
        if turned_back or (now and now.number == self.last and now.hash != self.previous):
            self._end_problem(_("鏈尾和最後一筆不同。"))
        furthest = max([*self.marks, self.head.number if self.head else 0])
        if furthest > self.last:
            self._missing("cut", furthest)

    def _end_problem(self, text: str) -> None:
        self.problems.append(Problem("cut", self.last, None, text))

    def _missing(self, kind: str, until: int) -> None:
        told = {"first": self.last + 1, "last": until, "count": until - self.last}
        text = (
            _("最後%(count)s筆被切掉了（序號%(first)s到%(last)s）。")
            if kind == "cut"
            else _("序號%(first)s到%(last)s共%(count)s筆被刪除了。")
        )
        self.problems.append(Problem(kind, self.last + 1, None, text % told))

    def _say(self, kind: str, seal: AuditSeal, text: str, **more: int) -> None:
        told = {"number": seal.number, "event": seal.event, **more}
        self.problems.append(Problem(kind, seal.number, seal.event, text % told))


def sealed() -> Iterator[tuple[AuditSeal, AuditEvent | None]]:
    """Every seal in order, with its event where that is still there."""
    rows = rest = AuditSeal.objects.order_by("number")
    while seals := list(rest[:AT_ONCE]):
        events = AuditEvent.objects.in_bulk([seal.event for seal in seals])
        yield from ((seal, events.get(seal.event)) for seal in seals)
        rest = rows.filter(number__gt=seals[-1].number)


def _unsealed() -> list[Problem]:
    sealed = AuditSeal.objects.filter(event=OuterRef("pk"))
    strange = AuditEvent.objects.filter(~Exists(sealed)).order_by("pk").values_list("pk", flat=True)
    text = _("紀錄%s不在鏈裡：是從別的路放進來的，或它的封緘被刪除了。")
    return [Problem("added", None, pk, text % pk) for pk in strange.iterator()]
