"""What ./bench load does inside Django, before the load and after it.

Before: opens the year, lets 500 people of all its ministries sign in, and writes down for locust
who they are and what their forms hold. After: compares what was answered as saved with what the
database holds: text and version of each report, its history, its audit entries, the receipts, and
the outbox, which must be empty in the end.
"""

import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl

import django
from django.conf import settings

from config.commands.environment import speak_utf8
from config.commands.measure import session_cookie, tidy
from config.commands.measure_filing import Filing, fill, new_officer, open_year, wait_for

PEOPLE = 500
# One of so many is a window; what is left after them and the officers reads.
WINDOW_EVERY = 20
WORDS = (
    "人才",
    "綠能",
    "資安",
    "半導體",
    "創新",
    "太空",
    "教育訓練",
    "平臺建置",
    "1.1.2",
    "經濟部",
)
MAIL_SECONDS = 180


def main() -> int:
    """`measure_load open FILE PORT`, or `measure_load count FILE`, which prints a line of JSON."""
    speak_utf8()
    django.setup()
    what, file, *rest = sys.argv[1:]
    path = Path(file)
    if what == "open":
        told = _open(int(rest[0]))
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        return 0
    told = json.loads(path.read_text(encoding="utf-8"))
    print(json.dumps({"lost": lost(told), **_counts(told)}, ensure_ascii=False))
    return 0


# --- before ---------------------------------------------------------------------------------------
def _open(port: int) -> dict:
    """Everything that locust needs to know, with a filled form of each report."""
    from tracking.models import ProgressReport

    drafts = ProgressReport.objects.filter(reporting_year=open_year(), status="draft")
    reports = list(drafts.select_related("measure").order_by("pk"))
    wait_for(port)
    officers, told = [], []
    for number, report in enumerate(reports[:PEOPLE]):
        cookie = new_officer(number, report.ministry_id)
        filing = Filing(report, cookie)
        fill(port, filing)
        values = dict(parse_qsl(filing.body, keep_blank_values=True))
        officers.append({"role": "officer", "cookie": cookie, "report": report.pk})
        told.append(
            {
                "id": report.pk,
                "ministry": report.ministry_id,
                "status": "draft",
                "version": report.version,
                "values": values,
                "written": "",
            }
        )
    tidy()
    return {
        "people": _seated(officers, told),
        "reports": told,
        "measures": sorted({report.measure.code for report in reports}),
        "words": WORDS,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "saved": [],
        "count": 0,
    }


def _seated(officers: list[dict], reports: list[dict]) -> list[dict]:
    """Five hundred people in the order in which they come, so that any number of the first are as
    mixed as all of them; windows of large ministries first.
    """
    from ministries.models import Ministry, User

    chance = random.Random(112)
    owed = Counter(report["ministry"] for report in reports)
    of_ministry = {report["ministry"]: report["id"] for report in reports}
    codes = dict(Ministry.objects.filter(pk__in=owed).values_list("pk", "code"))
    windows = []
    for ministry, _reports in owed.most_common():
        user = User.objects.filter(email=f"window.{codes[ministry]}@demo.example").first()
        if user:
            windows.append(
                {
                    "role": "window",
                    "cookie": session_cookie(user.email),
                    "ministry": ministry,
                    "report": of_ministry[ministry],
                }
            )
    readers = []
    for number in range(PEOPLE - len(officers) - len(windows)):
        report = chance.choice(reports)
        cookie = new_officer(len(officers) + number, report["ministry"])
        readers.append({"role": "reader", "cookie": cookie, "report": report["id"]})
    others = officers + readers
    chance.shuffle(others)
    for place, window in enumerate(windows):
        others.insert(place * WINDOW_EVERY, window)
    return others[:PEOPLE]


# --- afterwards -----------------------------------------------------------------------------------
def lost(told: dict) -> dict[str, int]:
    """What was answered as saved and is not there → how often; empty when nothing was lost.

    `told` holds `reports` with the version, status and text that each must have by now, and
    `saved`: kind, report and version of every write that was answered as done.
    """
    from ministries.models import AuditEvent
    from tracking.models import Notice, ProgressReport, Receipt, ReportEvent

    ids = [report["id"] for report in told["reports"]]
    rows = ProgressReport.objects.in_bulk(ids)
    moves = Counter(
        ReportEvent.objects.filter(report__in=ids).values_list("report", "verb", "version")
    )
    audit: Counter = Counter()
    sittings: dict[int, list[range]] = {pk: [] for pk in ids}
    targets = {f"tracking.progressreport:{pk}": pk for pk in ids}
    events = AuditEvent.objects.filter(target__in=targets)
    for target, verb, before, after in events.values_list("target", "verb", "before", "after"):
        pk, last = targets[target], (after or {}).get("version")
        if verb == "report.autosave":
            sittings[pk].append(range(before["version"] + 1, last + 1))
        else:
            audit[pk, verb, last] += 1
    for pk, row in rows.items():
        if row.unlogged:
            sitting = row.unlogged
            first, last = sitting["before"]["version"] + 1, sitting["after"]["version"]
            sittings[pk].append(range(first, last + 1))
    told_windows = Counter(Notice.objects.filter(report__in=ids).values_list("key", flat=True))
    receipts = Counter(Receipt.objects.filter(report__in=ids).values_list("report", flat=True))

    missing: Counter[str] = Counter()
    for report in told["reports"]:
        row = rows[report["id"]]
        missing["version"] += row.version != report["version"]
        missing["status"] += row.status != report["status"]
        missing["text"] += bool(report["written"]) and row.work_done != report["written"]
    signed: Counter = Counter()
    for one in told["saved"]:
        kind, pk, version = one["kind"], one["report"], one["version"]
        if kind == "autosave":
            missing["audit"] += not any(version in sitting for sitting in sittings[pk])
            continue
        missing["audit"] += audit[pk, f"report.{kind}", version] != 1
        if kind == "save":
            continue
        missing["history"] += moves[pk, kind, version] != 1
        if kind == "submit":
            missing["audit"] += audit[pk, "report.save", version - 1] != 1
            key = f"report:{pk}:sign_off_waiting:{version}"
            missing["outbox"] += not told_windows[key]
        signed[pk] += kind == "sign_off"
    missing["receipt"] += sum(receipts[pk] != number for pk, number in signed.items())
    missing["mail not sent"] += _unsent()
    return dict(+missing)


def _unsent() -> int:
    """Notices that no worker has mailed, after it had time to."""
    from tracking.models import Notice

    until = time.monotonic() + MAIL_SECONDS
    while (left := Notice.objects.waiting().count()) and time.monotonic() < until:
        time.sleep(1)
    return left


def _counts(told: dict) -> dict:
    from tracking.models import Notice

    return {
        "saved": dict(Counter(one["kind"] for one in told["saved"])),
        "people": len(told["people"]),
        "ministries": len({report["ministry"] for report in told["reports"]}),
        "reports": len(told["reports"]),
        "mails": Notice.objects.exclude(sent_at=None).count(),
        "day": time.strftime("%Y-%m-%d"),
    }


if __name__ == "__main__":
    sys.exit(main())
