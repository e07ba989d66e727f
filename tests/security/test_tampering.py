"""Every address is driven by people who have no business there and with what no page of ours sends:
nothing of a planted word is told, nothing is changed, and nothing answers 5xx.

The deep form tries everything on every case of each address; the short one asks each address in
one case, and tries on it a share of the attempts, each of which falls on every few addresses.
"""

from collections import ChainMap
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.access.asking import table
from tests.access.cases_reports import RELEASED, ROLES
from tests.access.world_of_reports import SECRETS
from tests.access.world_of_reviews import STATIONS, WORDS, Walk
from tests.security.attempts import (
    BIG,
    DEEP,
    Answer,
    Attacker,
    Target,
    of_reporting,
    of_review,
    taken_back,
)
from tests.world import World

pytestmark = pytest.mark.postgres
# Room → its addresses, and how many addresses share one round of the attempts in the short form.
ROOMS = {
    "pages": (lambda name: not name.startswith(("api", "admin:")), 6),
    "api": (lambda name: name.startswith("api"), 2),
    "admin": (lambda name: name.startswith("admin:"), 12),
}
DEPTHS = [
    pytest.param(False, id="short"),
    pytest.param(True, id="deep", marks=pytest.mark.deep),
]
# They have nothing to do here: no session, an office that ended, an invitation that ran out.
OUTSIDERS = ("nobody", "retired", "late")
# They have something to do here, but not everything: another ministry's officer, and who may read.
BOUNDED = ("other", "viewer")
# Who is asked first whether this address lets them do something.
INSIDERS = ("officer", "window", "reviewer", "collator", "admin")
# What no form or program of ours sends along in an address.
ODD = (
    "?page=%00&q=%00&year=%00",
    "?page=99999999999999999999&year=99999999999999999999&page_size=-1&status=%F0%9F%92%A9&q=%FF",
)
KINDS = {
    "broken JSON": (b"\xff\xfe", "application/json"),
    "null": (b"null", "application/json"),
    "a list": (b'["seen_version"]', "application/json"),
    "a deep list": (DEEP.encode(), "application/json"),
    "XML": (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "text/xml"),
    "a broken form": (b"--x\r\nnothing", "multipart/form-data; boundary=x"),
    "zeros": (b"a=%00&seen_version=%00&do=%00", "application/x-www-form-urlencoded"),
}
VERBS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
STALE = (0, -1, "x", 2**80, "9" * 5000)
STALE_TAGS = ("", "*", '"0"', 'W/"1"', "garbage", f'"{"9" * 5000}"')
# Words that the public may read, in this case or at this station.
PUBLIC = {
    RELEASED: {SECRETS["alpha"]},
    "published": {WORDS["conclusion"], WORDS["comment"]},
    # Whoever holds the link of an invitation is greeted by name.
    "valid": {WORDS["guest"]},
}
# Words that everybody with an account may read.
KNOWN = {
    "accepted": {SECRETS["alpha"]},
}
SECRET = {*SECRETS.values(), *WORDS.values()}
# Addresses at which whoever has an account, or the link, may keep something of their own.
OWN_AFFAIRS = {
    "budget-save", "calendar", "token-create", "view-create", "invitation valid assessing",
}  # fmt: skip
# Doing it twice is no harm: the second finds it done, or makes another one as asked.
MAY_REPEAT = {
    "budget-save",  # the database refuses the second of the name
    "calendar",  # another address; the one before is dead
    "admin:ministries_succession_delete",  # tried and taken back, to say what would go
    "admin:plan_load", "documents", "job-cancel", "job-move", "job-notice-retry",
    "people-password", "people-second-factor", "review-compile", "review-invitation", "year-move",
}  # fmt: skip
# Nothing that could be done twice: what is sent is only looked at, is the visitor's own session, is
# asked for the password first, or says here what stands already.
WRITES_NOTHING = {
    "glyphs", "receipt-verify", "report-presence", "set_language",
    "account_login", "account_logout", "account_reauthenticate", "session-end",
    "session-end-others",
    "account_change_password", "account_reset_password", "account_reset_password_from_key",
    "mfa_activate_totp", "mfa_add_webauthn", "mfa_authenticate", "mfa_generate_recovery_codes",
    "mfa_remove_webauthn",
    "review-rules", "review-synthesis-prefill", "review-synthesis-ready", "workbook-upload",
}  # fmt: skip
# Reading them writes: when a calendar was last read; what would go is tried, and taken back.
NOTED = {"calendar-feed", "admin:ministries_succession_delete"}
# What these take is new each time, whatever is named as seen.
NOTHING_SEEN = {"conclusion-comment", "correction-move refuse", "correction-move withdraw"}
Try = Callable[[], None]


class Gang:
    """Everybody's browsers, what they try on one address after the other, and what came of it."""

    def __init__(self, world: World, share: int = 1) -> None:
        people = {"late": world.people["late"]}
        people |= {role: name and world.people[name] for role, name in ROLES.items()}
        self.browsers = {role: Attacker(user) for role, user in people.items()}
        self.found: dict[str, object] = {}
        # Names of addresses that take something from an insider, and those where one wrote.
        self.open: set[str] = set()
        self.done: set[str] = set()
        self.share, self.turn = share, 0
        self.roles = list(ROLES)
        self.written = {
            key: answers.split()
            for room in ("pages", "api", "admin", "reviews")
            for key, answers in table(room).items()
        }

    def attack(self, target: Target) -> None:
        """All attempts on this address, or its share of them."""
        tries = list(self.attempts(target))
        for attempt in tries[self.turn % self.share :: self.share]:
            attempt()
        self.turn += 1

    def judge(
        self, target: Target, attempt: str, answer: Answer, *,
        silent: bool = False, foreign: str = "", idle: bool = False,
    ) -> None:  # fmt: skip
        """`silent`: it must tell no planted word, `foreign`: none of that ministry; `idle`: it must
        write nothing.
        """
        known = PUBLIC if attempt.startswith("nobody") else ChainMap(PUBLIC, KNOWN)
        public = set().union(*(known.get(word, ()) for word in target.label.split()))
        kept = SECRET if silent else {SECRETS[foreign]} if foreign else set()
        told = {word for word in kept - public if word in answer.text}
        if answer.status >= 500 or "Traceback" in answer.text:
            self.found[f"{target.key}: {attempt}"] = answer.status
        elif told or (idle and answer.wrote and not (answer.read and target.name in NOTED)):
            self.found[f"{target.key}: {attempt}"] = told or answer.wrote

    def attempts(self, target: Target) -> Iterator[Try]:
        for role in (*OUTSIDERS, *BOUNDED):
            yield lambda role=role: self.as_outsider(target, role)
        if target.elsewhere:
            for role in ("officer", "window"):
                yield lambda role=role: self.at_others(target, role)
        reader = self.reader(target)
        for url in target.swapped():
            yield lambda url=url: self.swapped(target, reader, url)
        for more in ODD:
            yield lambda more=more: self.judge(
                target, more, reader.get(target.url + more), idle=True
            )
        yield lambda: self.again(target)
        yield lambda: self.stale(target)
        for what, (body, kind) in KINDS.items():
            yield lambda what=what, body=body, kind=kind: self.sends(
                target, reader, what, body, kind
            )
        yield lambda: self.with_signs_that_no_text_holds(target, reader)
        for verb in VERBS:
            yield lambda verb=verb: self.sends(
                target, reader, verb, b"{}", "application/json", verb
            )
        yield lambda: self.too_long(target, reader)

    # --- one attempt each -------------------------------------------------------------------------
    def as_outsider(self, target: Target, role: str) -> None:
        """Who is refused writes nothing; of those who may do something here only 乙部 (`other`) is
        a stranger to the words of 甲部.
        """
        browser, stranger = self.browsers[role], role in OUTSIDERS
        told = {"silent": stranger, "foreign": "alpha" if role == "other" else ""}
        refused = stranger or dict(self.answers(target)).get(role, "403") >= "400"
        own = OWN_AFFAIRS & {target.name, target.key}
        self.judge(target, f"{role} GET", browser.get(target.url), **told, idle=True)
        answer = browser.post_once(target)
        self.judge(target, f"{role} {target.verb}", answer, **told, idle=refused and not own)
        if stranger:
            for verb in VERBS:
                with taken_back():
                    answer = browser.send(verb, target.url, b"{}", "application/json")
                self.judge(target, f"{role} {verb}", answer, silent=True, idle=True)

    def at_others(self, target: Target, role: str) -> None:
        """甲部's people send what they may send at home about what is 乙部's."""
        browser, url = self.browsers[role], target.elsewhere
        self.judge(target, f"{role} GET {url}", browser.get(url), foreign="beta", idle=True)
        answer = browser.post_once(replace(target, url=url))
        self.judge(target, f"{role} {target.verb} {url}", answer, foreign="beta", idle=True)

    def swapped(self, target: Target, reader: Attacker, url: str) -> None:
        self.judge(target, f"GET {url[:60]}", reader.get(url), idle=True)
        answer = reader.post_once(replace(target, url=url))
        own = OWN_AFFAIRS & {target.name, target.key}
        self.judge(target, f"{target.verb} {url[:60]}", answer, idle=not own)

    def again(self, target: Target) -> None:
        """A form that is sent twice does once what it says."""
        for insider in self.insiders(target):
            with taken_back():
                if insider.post(target).wrote:
                    self.done.add(target.name)
                    answer = insider.post(target)
                    allowed = MAY_REPEAT & {target.name, target.key}
                    return self.judge(target, "replayed", answer, idle=not allowed)
        return None

    def stale(self, target: Target) -> None:
        seen = [name for name in target.data if "seen" in name and not target.is_api]
        for insider in self.insiders(target):
            for old in STALE if seen else ():
                answer = insider.post_once(target, target.data | dict.fromkeys(seen, old))
                new = NOTHING_SEEN & {target.name, target.key}
                self.judge(target, f"stale {old}"[:60], answer, idle=not new)
            for tag in STALE_TAGS if target.name.startswith("api-report-") else ():
                answer = insider.post_once(target, tag=tag)
                self.judge(target, f"tag {tag}"[:60], answer, idle=True)

    def sends(
        self, target: Target, reader: Attacker, what: str, body: bytes, kind: str, verb="POST"
    ) -> None:
        tag = {"If-Match": f'"{target.version}"'} if target.is_api else {}
        with taken_back():
            answer = reader.send(verb, target.url, body, kind, **tag)
        self.judge(target, what, answer)

    def with_signs_that_no_text_holds(self, target: Target, reader: Attacker) -> None:
        for sign in ("\0", "\ud800") if target.is_api else ("\0",):
            data = {
                name: f"a{sign}b" if isinstance(value, str) else value
                for name, value in (target.data or {"note": ""}).items()
            }
            self.judge(target, f"with {sign!r}", reader.post_once(target, data))

    def too_long(self, target: Target, reader: Attacker) -> None:
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            with taken_back():
                answer = reader.send(target.verb, target.url, BIG, kind)
            if answer.status != 413:
                self.found[f"{target.key}: 50 MB of {kind}"] = answer.status

    # --- who may --------------------------------------------------------------------------------
    def insiders(self, target: Target) -> list[Attacker]:
        """Whom `answers.txt` lets do it, without those who sign in first."""
        found = [
            self.browsers[role]
            for role, status in self.answers(target)
            if role in INSIDERS and status < "400"
        ]
        if found:
            self.open.add(target.name)
        return found

    def reader(self, target: Target) -> Attacker:
        """Somebody who may do it, else who may read it."""
        if doing := self.insiders(target):
            return doing[0]
        reading = (
            role for role, status in self.answers(target, "GET") if role in INSIDERS
            if status == "200"
        )  # fmt: skip
        return self.browsers[next(reading, "admin")]

    def answers(self, target: Target, method: str = "") -> list[tuple[str, str]]:
        written = self.written.get(f"{target.key} {method or target.verb}", ())
        return list(zip(self.roles, written, strict=False))


@pytest.mark.parametrize("every_case", DEPTHS)
@pytest.mark.parametrize("room", ROOMS)
def test_nobody_gets_in_by_tampering(attacked: World, room: str, every_case: bool):
    wanted, share = ROOMS[room]
    gang = Gang(attacked, 1 if every_case else share)
    for target in of_reporting(attacked, wanted, every_case):
        gang.attack(target)
    assert gang.found == {}
    assert gang.turn
    # The forms of the administration are Django's, and are sent empty here.
    if every_case and room != "admin":
        assert gang.open - gang.done == WRITES_NOTHING & gang.open


@pytest.mark.parametrize("every_case", DEPTHS)
def test_nobody_gets_into_a_review_by_tampering(walk: Walk, every_case: bool):
    gang, done = None, set()
    for station in STATIONS:
        walk.to(station)
        gang = gang or Gang(walk.world, 1 if every_case else 4)
        for target in of_review(walk, station, every_case, done):
            gang.attack(target)
    assert gang.found == {}
    if every_case:
        assert gang.open - gang.done == WRITES_NOTHING & gang.open
