"""./bench load tells what was lost and what missed its goal, and really runs in a small form."""

import subprocess
from pathlib import Path

import pytest
from django.utils import timezone

from config.commands import measure_load
from config.commands.bench_load import BEGIN, END, PERFORMANCE, as_markdown, is_full
from config.commands.measure_load import lost
from tests.world import MONEY, WHOLE, World
from tracking.actions import reports
from tracking.models import Notice, ProgressReport, ReportEvent

ROOT = Path(__file__).resolve().parents[1]
TIMES = {"overview": [0.02, 0.04], "save": [0.1]}
FOUND = {
    "people": 500, "ministries": 21, "reports": 409, "saved": {"save": 1}, "mails": 7, "lost": {},
    "day": "2026-11-24",
}  # fmt: skip


def stage(**more) -> dict:
    memory = [{"web 1": megabytes} for megabytes in (50, 60, 62, more.pop("end", 63))]
    told = {"users": 500, "hurry": 1, "seconds": 60, "times": TIMES, "errors": {}}
    return told | {"memory": memory} | more


def test_the_table_shows_what_missed_its_goal():
    table = as_markdown(FOUND, [stage()], [stage()], 1)
    assert "**" not in table
    assert "| 500 | 1 × | 0.1 | 33 % | 40 | 100 | 100 |" in table
    assert "| overview | 2 | 20 | 40 | 40 | ≤ 1,000 |" in table
    assert "| web 1 | 50 | 60 | 62 | 63 | +5.0 % |" in table
    slow = stage(times={"save": [2.5]}, errors={"desk: answered 500": 2}, end=90)
    table = as_markdown(FOUND | {"lost": {"audit": 3}}, [stage()], [slow, slow], 2)
    for bold in ("**2500**", "**4** desk: answered 500", "**+50.0 %**", "**3** audit"):
        assert bold in table
    assert "2 web processes and 2 workers" in table


def test_people_hurry_until_no_more_is_answered():
    def knee(*answers: int) -> list[dict]:
        return [
            stage(hurry=2**number, times={"desk": [0.02] * many})
            for number, many in enumerate(answers)
        ]

    assert not is_full(knee(100))
    assert not is_full(knee(100, 200))
    assert not is_full(knee(100, 200, 221))
    assert is_full(knee(100, 200, 219))


def test_the_table_has_its_place():
    text = PERFORMANCE.read_text(encoding="utf-8")
    assert 0 < text.index(BEGIN) < text.index(END)


# --- what is counted afterwards -------------------------------------------------------------------
@pytest.fixture
def told(world: World, report: ProgressReport, monkeypatch) -> dict:
    """One report typed, saved, submitted and signed, and what a person wrote down of it."""
    monkeypatch.setattr(measure_load, "MAIL_SECONDS", 0)
    officer, row, saved = world.officer(report), report, []

    def kept(kind: str, row: ProgressReport) -> None:
        saved.append({"kind": kind, "report": row.pk, "version": row.version})

    for number in (1, 2):
        text = {"work_done": f"打到第{number}句"}
        row = reports.save_draft(row, seen_version=row.version, by=officer, fields=text, auto=True)
        kept("autosave", row)
    row = reports.save_draft(row, seen_version=row.version, by=officer, fields=WHOLE, money=MONEY)
    kept("save", row)
    text = "最後寫下的一句。"
    row, problems = reports.save_and_submit(
        row, seen_version=row.version, by=officer, fields={"work_done": text}
    )
    assert problems == {}
    kept("submit", row)
    row = reports.sign_off(row, seen_version=row.version, by=world.window(report))
    kept("sign_off", row)
    Notice.objects.update(sent_at=timezone.now())
    known = {"id": row.pk, "version": row.version, "status": "submitted", "written": text}
    return {"reports": [known], "saved": saved}


def test_nothing_is_missing_of_what_was_done(told):
    assert [one["kind"] for one in told["saved"]] == [
        "autosave", "autosave", "save", "submit", "sign_off",
    ]  # fmt: skip
    assert lost(told) == {}


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"work_done": "別的"}, {"text": 1}),
        ({"status": "draft"}, {"status": 1}),
        ({"version": 1}, {"version": 1}),
    ],
)
def test_a_report_that_differs_is_found(told, changed, missing):
    ProgressReport.objects.update(**changed)
    assert lost(told) == missing


def test_what_nobody_did_is_missing_everywhere(told):
    version = told["reports"][0]["version"] + 1
    again = [{**one, "version": version} for one in told["saved"]]
    assert lost(told | {"saved": told["saved"] + again}) == {
        "audit": 6, "history": 2, "outbox": 1, "receipt": 1,
    }  # fmt: skip


def test_a_lost_move_and_a_mail_that_waits_are_found(told):
    ReportEvent.objects.filter(verb="submit").delete()
    Notice.objects.filter(kind="receipt").update(sent_at=None)
    waiting = Notice.objects.filter(sent_at=None).count()
    assert lost(told) == {"history": 1, "mail not sent": waiting}
    assert waiting > 0


# --- the whole ------------------------------------------------------------------------------------
@pytest.mark.deep
@pytest.mark.postgres
def test_twenty_people_lose_nothing():
    """With real servers; what it takes says nothing here, since other tests run beside it."""
    done = subprocess.run(
        ["./bench", "load", "--users", "20", "--minutes", "0.3", "--machines", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "outbox | 0 | 0 |" in done.stdout
    assert "as they should be | 0 | 0 |" in done.stdout
