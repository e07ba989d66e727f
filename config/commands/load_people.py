"""What ./bench load does with locust: people who read, write and think, on this machine alone.

Each person is signed in and acts as people do on the last day: four of five requests read, one
writes. Officers type (the form saves itself), save and submit their own report and take it back
once it went; windows sign. Whatever was answered as saved is written down, so that the database can
be asked for it afterwards. Connections are closed after each answer, as nginx does behind itself.
"""

# Before everything else that opens sockets.
from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import random  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections import defaultdict  # noqa: E402
from itertools import cycle  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
from locust import FastHttpUser, task  # noqa: E402
from locust.env import Environment  # noqa: E402

# Seconds between two requests of one person: reading, typing, being called away. In a hurry, they
# take a part of it.
THINK = (10.0, 30.0)
# Everybody has come after so many seconds; what is measured begins then.
RAMP = 10
WRITES = 0.2
READS = {
    "overview": 20, "measure": 20, "desk": 20, "form": 20, "tree": 8, "search": 7, "API": 5,
}  # fmt: skip
# What an officer does with a draft, and how much a person waits for the last answers, in seconds.
WITH_DRAFT = {"autosave": 6, "save": 3, "submit": 2}
PATIENCE = 60
# Versions that an answered write adds to its report.
VERSIONS = {"autosave": 1, "save": 1, "submit": 2, "sign_off": 1, "withdraw": 1}
LEADS_TO = {"submit": "signing", "sign_off": "submitted", "withdraw": "draft"}
TOKEN = "b" * 32


class Told:
    """All that is known of one run: who may do what, what was answered, how long it took."""

    def __init__(self, told: dict, ports: list[int], seconds: float, hurry: int) -> None:
        self.hurry = hurry
        self.people = told["people"]
        self.reports = {report["id"]: report for report in told["reports"]}
        self.words = told["words"]
        self.measures = told["measures"]
        self.cookie_name = told["csrf_cookie"]
        self.hosts = cycle(f"http://127.0.0.1:{port}" for port in ports)
        self.begins = time.monotonic() + RAMP
        self.ends = self.begins + seconds
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: dict[str, int] = defaultdict(int)
        self.saved: list[dict] = []
        self.asked = self.written = 0
        self.busy: set[int] = set()
        # Goes on from step to step: who saves the same text again makes no version.
        self.count = told["count"]
        self.waiting = list(range(len(self.people)))

    def wants_writing(self) -> bool:
        return self.written < WRITES * self.asked


class Person(FastHttpUser):
    """One signed-in person: officer of one report, window of a ministry, or a reader."""

    host = "http://127.0.0.1"
    told: Told
    connection_timeout = network_timeout = float(PATIENCE)
    max_retries = 0

    def wait_time(self) -> float:
        return random.uniform(*THINK) / self.told.hurry

    def on_start(self) -> None:
        self.me = self.told.people[self.told.waiting.pop(0)]
        cookie = f"{self.me['cookie']}; {self.told.cookie_name}={TOKEN}"
        self.headers = {
            "Cookie": cookie, "Accept-Language": "zh-TW", "Connection": "close",
        }  # fmt: skip
        # They come one by one, as their thinking would have it.
        gevent.sleep(random.uniform(0, RAMP))

    @task
    def step(self) -> None:
        if self.told.wants_writing() and (todo := self.todo()):
            self.write(*todo)
        else:
            self.read()

    # --- reading ----------------------------------------------------------------------------------
    def read(self) -> None:
        kind = random.choices(list(READS), list(READS.values()))[0]
        self.ask(kind, "GET", self.address(kind))

    def address(self, kind: str) -> str:
        match kind:
            case "measure":
                return f"/plan/measures/{random.choice(self.told.measures)}/"
            case "form":
                report = self.told.reports[self.me["report"]]
                mine = self.me["role"] == "officer" and report["status"] == "draft"
                return f"/reports/{report['id']}/{'edit/' if mine else ''}"
            case "search":
                return f"/search/?q={random.choice(self.told.words)}"
        return {
            "overview": "/",
            "desk": "/desk/",
            "tree": "/plan/",
            "API": "/api/v1/measures/?page_size=50",
        }[kind]

    # --- writing ----------------------------------------------------------------------------------
    def todo(self) -> tuple[str, dict] | None:
        """What this person could write now, and in which report."""
        if self.me["role"] == "officer":
            report = self.told.reports[self.me["report"]]
            if report["id"] in self.told.busy:
                return None
            if report["status"] == "draft":
                return random.choices(list(WITH_DRAFT), list(WITH_DRAFT.values()))[0], report
            return "withdraw", report
        if self.me["role"] == "window":
            for report in self.told.reports.values():
                if (
                    report["ministry"] == self.me["ministry"]
                    and report["status"] == "signing"
                    and report["id"] not in self.told.busy
                ):
                    return "sign_off", report
        return None

    def write(self, kind: str, report: dict) -> None:
        self.told.busy.add(report["id"])
        try:
            self.write_alone(kind, report)
        finally:
            self.told.busy.discard(report["id"])

    def write_alone(self, kind: str, report: dict) -> None:
        told, pk = self.told, report["id"]
        data = {"seen_version": str(report["version"])}
        address = f"/reports/{pk}/move/{kind}/"
        if kind in WITH_DRAFT:
            told.count += 1
            text = f"第{told.count}次寫下{pk}：{report['values']['work_done'][:700]}"
            data = report["values"] | data | {"work_done": text}
            data["do"] = "submit" if kind == "submit" else "save"
            address = f"/reports/{pk}/{'autosave' if kind == 'autosave' else 'edit'}/"
        if not self.ask(kind, "POST", address, data):
            return
        report["version"] += VERSIONS[kind]
        report["status"] = LEADS_TO.get(kind, report["status"])
        if kind in WITH_DRAFT:
            report["written"] = text
        told.saved.append({"kind": kind, "report": pk, "version": report["version"]})

    # --- one request ------------------------------------------------------------------------------
    def ask(self, kind: str, method: str, address: str, data: dict | None = None) -> bool:
        """Send it to the next machine; time it; False where it was not answered as it should."""
        told = self.told
        told.asked += 1
        told.written += method == "POST"
        headers = self.headers | ({"X-CSRFToken": TOKEN} if data else {})
        started = time.monotonic()
        with self.client.request(
            method, next(told.hosts) + address, data=data, headers=headers, name=kind,
            allow_redirects=False, catch_response=True,
        ) as answer:  # fmt: skip
            seconds = time.monotonic() - started
            problem = _problem(kind, answer)
            if problem:
                answer.failure(problem)
            else:
                answer.success()
        if problem:
            told.errors[f"{kind}: {problem}"] += 1
        elif told.begins <= started < told.ends:
            told.times[kind].append(seconds)
        return not problem


def _problem(kind: str, answer) -> str:
    """What is wrong with the answer; empty where it is what a person hopes for."""
    if kind in READS:
        return "" if answer.status_code == 200 else f"answered {answer.status_code}"
    if kind == "autosave":
        if answer.status_code == 200 and (state := answer.json()["state"]) != "saved":
            return state
        return "" if answer.status_code == 200 else f"answered {answer.status_code}"
    if answer.status_code != 302:
        return f"answered {answer.status_code}"
    # Back to the form means that something keeps it from being submitted.
    back = kind != "save" and "check=1" in answer.headers.get("Location", "")
    return "went back to the form" if back else ""


def main() -> int:
    """`load_people FILE USERS HURRY SECONDS PORT …` prints one line of JSON, and brings FILE up to
    date.

    FILE is what `measure_load` wrote: people, reports, addresses. Who is in a HURRY of 4 thinks a
    fourth of the time.
    """
    file, users, hurry, seconds, *ports = sys.argv[1:]
    path = Path(file)
    told = json.loads(path.read_text(encoding="utf-8"))
    Person.told = known = Told(told, list(map(int, ports)), float(seconds), int(hurry))
    environment = Environment(user_classes=[Person], stop_timeout=PATIENCE)
    runner = environment.create_local_runner()
    runner.start(int(users), spawn_rate=int(users))
    gevent.sleep(known.ends - time.monotonic())
    # Whoever waits for an answer gets it: an unknown outcome could not be counted.
    runner.quit()
    told["reports"] = list(known.reports.values())
    told["saved"] += known.saved
    told["count"] = known.count
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    found = {
        "users": int(users), "hurry": int(hurry), "seconds": float(seconds), "times": known.times,
        "errors": known.errors,
    }  # fmt: skip
    print(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
