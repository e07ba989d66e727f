"""A whole site whose servers may be killed, and an installation to restore a backup into."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from config.commands import servers
from config.commands.processes import Processes
from config.kit.sealed import PIECE
from tests.resilience.drill import PASSPHRASE, Elsewhere
from tests.resilience.filing import Officer
from tests.resilience.whole_site import Mailbox, Site
from tests.world import World
from tracking.actions import evidence
from tracking.enums import Status

REPORTS = 24
REPORTS_DEEP = 160


@pytest.fixture(scope="session")
def site(django_db_setup) -> Iterator[Site]:
    if connection.vendor != "postgresql":
        pytest.skip("Servers are killed with PostgreSQL and Redis; ./test starts both.")
    # Not among pytest's own folders: PostgreSQL's account must reach its data.
    folder = Path(tempfile.mkdtemp(prefix="nstp-", dir="/tmp"))
    mail = Controller(Mailbox(), hostname="127.0.0.1", port=servers.free_port())
    mail.start()
    processes = Processes(grace_seconds=3)
    try:
        yield Site(folder, processes, mail)
    finally:
        processes.stop_all()
        mail.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def officer(site: Site, request) -> Officer:
    deep = any(item.get_closest_marker("deep") for item in request.session.items)
    found = site.prepare("world", str(REPORTS_DEEP if deep else REPORTS))
    return Officer(site, found["cookie"], iter(found["reports"]))


@pytest.fixture
def running(site: Site, officer: Officer) -> Site:
    if "web" not in site.processes.children:
        site.start_web()
    return site


# --- backups --------------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(transactional_db, tmp_path: Path) -> Iterator[Elsewhere]:
    place = Elsewhere(tmp_path)
    yield place
    place.remove()


@pytest.fixture
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "evidence"
    return settings.MEDIA_ROOT


@pytest.fixture
def passphrase(settings) -> str:
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    return PASSPHRASE


@pytest.fixture
def filled(transactional_db, media: Path, world: World) -> World:
    """Reports on their road, awkward texts, files of which one is longer than a piece."""
    text = "第一行\n\t第二行\\n 「引號」'\"; -- 𠮷 \u3000 結束"
    accepted = world.report("1.1.1.1", "alpha")
    contents = [
        b"%PDF-1.7\n" + secrets.token_bytes(2 * PIECE),
        "會議紀錄\n".encode(),
        b"%PDF-1.4\n",
    ]
    for number, content in enumerate(contents):
        suffix = "txt" if number == 1 else "pdf"
        added = evidence.add_file(
            accepted,
            seen_version=accepted.version,
            by=world.officer_a,
            title=f"附件{number}",
            upload=SimpleUploadedFile(f"附件.{suffix}", content),
        )
        accepted = added.report
    world.bring(accepted, Status.ACCEPTED, work_done=text)
    world.bring(world.report("1.1.1.2", "beta"), Status.SUBMITTED, work_done=text)
    return world
