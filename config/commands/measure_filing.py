"""What ./bench filing does: everybody opens a form beforehand, then all press 送出 at once.

Time runs from sending a filled form, saved and submitted in one request, to the last byte of the
answer, as 50 browsers would on a wire without delay. Then what the database holds is compared with
what was sent: text, status, version, history, and the mails that wait for the windows.
"""

import http.client
import json
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import django
from django.conf import settings

from config.commands.environment import speak_utf8
from config.commands.measure import percentile, tidy
from config.commands.measure import session_cookie as cookie_of

if TYPE_CHECKING:
    from tracking.models import ProgressReport, ReportingYear

PLAN = "nstp-110-113"
YEAR = 112
WAIT_SECONDS = 60
NARRATIVES = {"work_done": 800, "benefit": 400, "next_steps": 400}


@dataclass
class Filing:
    """One report, the person who files it, and what the form is going to send."""

    report: "ProgressReport"
    cookie: str
    body: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    answer: int = 0


class _Form(HTMLParser):
    """Names and values of the form that holds `seen_version`, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self._text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.found.append({})
        elif not self.found or not name:
            return
        elif tag == "textarea":
            self._text = name
            self.found[-1][name] = ""
        elif tag == "input" and given.get("type") not in ("file", "radio", "checkbox", "submit"):
            self.found[-1][name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.found[-1][self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = None

    @property
    def report(self) -> dict[str, str]:
        return next(form for form in self.found if "seen_version" in form)


def main() -> int:
    """`measure_filing PORT PEOPLE ROUNDS` prints one line of JSON."""
    speak_utf8()
    port, people, rounds = map(int, sys.argv[1:])
    django.setup()
    from django.db import connection

    filings = _prepare(people, rounds)
    wait_for(port)
    for filing in filings:
        fill(port, filing)
    tidy()
    first, *rest = filings
    _submit(port, [first])
    for at in range(0, len(rest), people):
        _submit(port, rest[at : at + people])
    seconds = [filing.seconds for filing in rest]
    told = {
        "people": people,
        "rounds": rounds,
        "reports": len(filings),
        "letters": sum(NARRATIVES.values()),
        "database": connection.vendor,
        "median": statistics.median(seconds),
        "p95": percentile(seconds, 95),
        "slowest": max(seconds),
        "alone": first.seconds,
        "lost": _lost(filings),
        "day": time.strftime("%Y-%m-%d"),
    }
    print(json.dumps(told, ensure_ascii=False))
    return 0


# --- before ---------------------------------------------------------------------------------------
def _prepare(people: int, rounds: int) -> list[Filing]:
    """An open year, one officer for each place at the table, and one report more than they send:
    the first is sent alone.
    """
    from tracking.models import ProgressReport

    year = open_year()
    drafts = ProgressReport.objects.filter(reporting_year=year, status="draft")
    drafts = list(drafts.order_by("?")[: people * rounds + 1])
    cookies: dict[tuple[int, int], str] = {}
    filings = []
    for place, report in enumerate(drafts):
        key = report.ministry_id, place % people
        if key not in cookies:
            cookies[key] = new_officer(len(cookies), report.ministry_id)
        filings.append(Filing(report, cookies[key]))
    return filings


def open_year() -> "ReportingYear":
    """The year that is filed, opened today by the collator, due in two months."""
    from django.utils import timezone

    from ministries.models import User
    from plan.models import Plan
    from tracking.actions import years

    today = timezone.localdate()
    collator = User.objects.get(email="collator@demo.example")
    year = years.add_year(
        Plan.objects.get(slug=PLAN),
        year=YEAR,
        opens_on=today,
        due_on=today + timedelta(days=60),
        closes_on=today + timedelta(days=90),
        by=collator,
    )
    years.open_year(year, by=collator)
    return year


def new_officer(number: int, ministry: int) -> str:
    """An officer of the ministry (its key) who has just signed in: the cookie."""
    from django.utils import timezone

    from ministries.enums import MembershipRole
    from ministries.models import Membership, User

    officer = User.objects.create_user(
        email=f"bench{number}@demo.example", name=f"示範承辦人{number}"
    )
    Membership.objects.create(
        user=officer,
        ministry_id=ministry,
        role=MembershipRole.OFFICER,
        since=timezone.localdate(),
    )
    return cookie_of(officer.email)


def wait_for(port: int) -> None:
    """Return when the server on this port answers."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return ask(port, "GET", "/", "")[0] and None
        except ConnectionRefusedError:  # nobody listens yet
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def fill(port: int, filing: Filing) -> None:
    """Open the form as a browser does, and write into it what a whole report holds."""
    answer, text = ask(port, "GET", address_of(filing), filing.cookie)
    if answer != 200:
        raise SystemExit(f"{address_of(filing)} answered {answer}")
    page = _Form()
    page.feed(text)
    values = page.report
    for place, (name, length) in enumerate(NARRATIVES.items()):
        sentence = f"{filing.report.pk}之{place}：完成平臺建置並辦理教育訓練，成果已對外公開。"
        filing.texts[name] = (sentence * (length // len(sentence) + 1))[:length]
    values |= filing.texts | {"do": "submit"}
    if filing.report.role == "lead":
        values |= {"light": "on_track", "completion": "60"}
    for name in list(values):
        if name.startswith("indicator_") and name.endswith("_note"):
            actual = name.replace("_note", "_actual")
            # Where it isn't typed it is chosen: yes.
            values[actual] = "7" if actual in values else "1"
        if name.startswith("money_") and name.endswith("_source") and values[name]:
            for column, thousand in (("allocated", 4200), ("spent", 3900)):
                values[name.replace("_source", f"_{column}_thousand")] = str(thousand)
    # The token of the page is as good as the cookie that it came from; every person has one.
    filing.body = urlencode(values)


def address_of(filing: Filing) -> str:
    return f"/reports/{filing.report.pk}/edit/"


# --- at once --------------------------------------------------------------------------------------
def _submit(port: int, filings: list[Filing]) -> None:
    """All of these press the button when the last one is ready."""
    ready = threading.Barrier(len(filings))

    def press(filing: Filing) -> None:
        ready.wait()
        started = time.perf_counter()
        filing.answer = ask(port, "POST", address_of(filing), filing.cookie, filing.body)[0]
        filing.seconds = time.perf_counter() - started

    threads = [threading.Thread(target=press, args=[filing]) for filing in filings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ask(port: int, method: str, address: str, cookie: str, body: str = "") -> tuple[int, str]:
    """Status and text of one answer, on a connection of its own."""
    token = "b" * 32
    headers = {
        "Host": "localhost",
        "Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={token}",
        "Accept-Language": "zh-TW",
    }
    if method == "POST":
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": token,
            "Origin": "http://localhost",
        }
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
    try:
        server.request(method, address, body or None, headers)
        answer = server.getresponse()
        return answer.status, answer.read().decode()
    finally:
        server.close()


# --- afterwards -----------------------------------------------------------------------------------
def _lost(filings: list[Filing]) -> dict[str, int]:
    """What differs from what was sent → how many reports; empty when nothing was lost."""
    from ministries.models import AuditEvent
    from tracking.models import Notice, ProgressReport, ReportEvent

    ids = [filing.report.pk for filing in filings]
    targets = {f"tracking.progressreport:{pk}": pk for pk in ids}
    rows = ProgressReport.objects.in_bulk(ids)
    events = Counter(
        ReportEvent.objects.filter(report__in=ids, verb="submit").values_list("report", flat=True)
    )
    audits = Counter(
        targets[target]
        for target in AuditEvent.objects.filter(
            verb="report.submit", target__in=targets
        ).values_list("target", flat=True)
    )
    told = set(Notice.objects.filter(report__in=ids).values_list("report", flat=True))
    lost: Counter[str] = Counter()
    for filing in filings:
        row = rows[filing.report.pk]
        lost[f"answer {filing.answer}"] += filing.answer != 302
        lost["status"] += row.status != "signing"
        lost["text"] += any(getattr(row, name) != text for name, text in filing.texts.items())
        lost["history"] += events[row.pk] != 1
        lost["audit"] += audits[row.pk] != 1
        lost["mail"] += row.pk not in told
    return dict(+lost)


if __name__ == "__main__":
    sys.exit(main())
