"""Asking addresses as every kind of person: addresses, cases, browsers that forget, the table.

`answers.txt` has a section for each room, which begins with `== room` and a line of its columns.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from ministries.models import User

TABLE = Path(__file__).with_name("answers.txt")
BOTH = ("GET", "POST")


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


# --- people ---------------------------------------------------------------------------------------
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


def visitors(people: Mapping[str, User], roles: Mapping[str, str | None]) -> dict[str, Visitor]:
    """Column of the table → browser of that person."""
    return {role: Visitor(name and people[name]) for role, name in roles.items()}


# --- asking ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Question:
    """One line of the table: what is asked, and what is sent along."""

    key: str
    method: str
    url: str
    data: dict
    version: int = 1


def answers(everybody: Iterable[Visitor], question: Question) -> str:
    """The statuses that everybody gets, blank between."""
    asked = (question.method, question.url, question.data, question.version)
    return " ".join(str(visitor.ask(*asked).status_code) for visitor in everybody)


def table(room: str) -> dict[str, str]:
    """The written set of a room: name, case (where there are several) and method → statuses."""
    rows, reading = {}, False
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("=="):
            reading = line.removeprefix("==").strip() == room
        elif reading and line and not line.startswith("#"):
            words = line.split()
            place = words.index(next(word for word in words if word in ("GET", "POST", "PATCH")))
            rows[" ".join(words[: place + 1])] = " ".join(words[place + 1 :])
    return rows
