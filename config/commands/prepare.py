"""What ./run does to the data and the static files before it serves."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.commands.environment import say

DEMO_YEARS = "110-111"


def prepare(*, empty: bool) -> None:
    """Migrate, load the plan, seed and collect the static files, each only where it is needed."""
    # A database that does not answer is told at once, not after the files.
    connection.ensure_connection()
    # Compressing files and filling the database need nothing of each other.
    with ThreadPoolExecutor(max_workers=1) as beside:
        collected = beside.submit(_collect_static)
        _migrate()
        _load_plan()
        _seed(empty=empty)
        collected.result()


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("更新資料庫… Bringing the database up to date …")
        call_command("migrate", interactive=False, verbosity=0)


def _load_plan() -> None:
    """Load the plan into an empty database only: later changes are the administrators' own."""
    if not apps.get_model("plan", "Plan").objects.exists():
        say("載入計畫… Loading the plan …")
        changes = io.StringIO()
        call_command("load_plan", stdout=changes)
        # A line for each new row would hide the rest; one counts them.
        say(next(line for line in changes.getvalue().splitlines() if " 項改變" in line))


def _seed(*, empty: bool) -> None:
    """Make the demo data at the first start and note it, so that no later start adds any.

    The note in var/ holds the accounts to print; it is empty where the first start had --empty.
    It is written last: a start that was interrupted seeds again, which `seed_demo` allows.
    """
    note = Path(settings.VAR_DIR) / "demo-accounts"
    if note.exists():
        return
    accounts = io.StringIO()
    if not empty:
        say("建立示範帳號、填報與評估… Making demo people, filings and a review …")
        call_command("seed_demo", years=DEMO_YEARS, busy=True, review=True)
        call_command("seed_demo", list_accounts=True, stdout=accounts)
    note.write_text(accounts.getvalue(), encoding="utf-8")


def _collect_static() -> None:
    """Gather, compress and hash the static files when one of ours or a package's has changed."""
    lock = settings.BASE_DIR / "requirements.lock"
    files = [path for root in settings.STATICFILES_DIRS for path in Path(root).rglob("*")]
    state = "\n".join(
        f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}"
        for path in sorted([lock, *(path for path in files if path.is_file())])
    )
    digest = hashlib.sha256(state.encode()).hexdigest()
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("準備靜態檔案… Preparing static files …")
    # Older files stay: another ./run of this folder may be serving pages that name them.
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest)
