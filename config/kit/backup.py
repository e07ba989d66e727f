"""Everything that people entrusted to the site, in one file; and back from it, compared.

`make` takes the database first and then the files that its rows name. That order is safe: a stored
file is written once, under a name of its own, before its row, and is never changed; one that was
deleted in between is listed as missing. `put_back` reads the whole file before it touches anything,
writes the files (which no row names yet), replaces the database in one transaction, and compares
every table with the manifest.

A key is no part of a backup: SECRET_KEY and what else the environment holds is kept elsewhere.
"""

import hashlib
import os
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from config.kit import backup_database
from config.kit.backup_archive import (
    BLOCK,
    DATABASE,
    FILES,
    BackupError,
    reading,
    verified,
    writing,
)

FORMAT = 1
Say = Callable[[str], None]


def make(path: Path, passphrase: str = "") -> dict[str, object]:
    """Write a new backup and return its manifest. Nothing is left where it fails.

    Raises BackupError where `path` exists or the database can't be dumped.
    """
    if path.exists():
        raise BackupError(f"{path} 已經存在，不會覆寫；請換一個檔名。")
    part = path.with_name(f".{path.name}.part")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
                manifest = _write(raw, Path(folder), passphrase)
                raw.flush()
                os.fsync(raw.fileno())
            # Under its name only when it is whole; a link, unlike a move, never replaces a file.
            os.link(part, path)
        finally:
            part.unlink(missing_ok=True)
    return manifest


def _write(raw, folder: Path, passphrase: str) -> dict[str, object]:
    made_at = timezone.now()
    migrations = _applied_leaves()
    moment = backup_database.take(folder, _file_columns())
    with writing(raw, passphrase) as archive:
        with open(moment.dump, "rb") as dump:
            archive.add(DATABASE, dump, moment.dump.stat().st_size)
        missing = [name for name in moment.names if not _add_file(archive, name)]
        manifest = {
            "format": FORMAT,
            "made_at": made_at.isoformat(timespec="seconds"),
            "version": _version(),
            "engine": connection.vendor,
            "migrations": migrations,
            "tables": moment.tables,
            "left_out": backup_database.left_out(),
            "missing": missing,
        }
        archive.finish(manifest)
        return manifest | {"members": archive.members}


def _add_file(archive, name: str) -> bool:
    try:
        with default_storage.open(name, "rb") as file:
            archive.add(FILES + name, file, file.size)
    except FileNotFoundError:
        return False
    return True


def check(path: Path, passphrase: str = "") -> dict[str, object]:
    """The manifest of a backup that is whole and that this release can restore into its database.

    Raises BackupError, with the reason.
    """
    manifest = verified(path, passphrase)
    if manifest["format"] != FORMAT:
        raise BackupError(f"備份檔的格式是第 {manifest['format']} 版，這一版系統讀不懂。")
    if manifest["engine"] != connection.vendor:
        raise BackupError(
            f"備份來自 {manifest['engine']}，不能還原到 {connection.vendor}；沒有動任何資料。"
        )
    known = MigrationLoader(None).disk_migrations
    for app, names in manifest["migrations"].items():
        for name in names:
            if (app, name) not in known:
                raise BackupError(
                    f"備份來自較新的系統（{app} {name}），請先更新程式再還原；沒有動任何資料。"
                )
    return manifest


def put_back(path: Path, passphrase: str = "", *, replace: bool, say: Say) -> dict[str, object]:
    """Restore database and files, and return the manifest; `replace` a database with content.

    Ends with the tables as this release wants them (`migrate`). Raises BackupError: before the
    database is replaced, everything is as it was.
    """
    manifest = check(path, passphrase)
    say("備份檔完整。")
    if not replace and not backup_database.is_empty():
        raise BackupError("資料庫裡已經有資料。還原會全部取代；確定的話請加上 --yes。")
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.VAR_DIR) as folder:
        dump = Path(folder) / DATABASE
        files = 0
        with reading(path, passphrase) as members:
            for name, content in members:
                told = manifest["members"].get(name)
                if name == DATABASE:
                    _save_checked(content, dump, told)
                    backup_database.check_dump(dump, manifest["tables"])
                elif name.startswith(FILES):
                    _put_file(name.removeprefix(FILES), content, told, Path(folder) / "file")
                    files += 1
        say(f"檔案 {files} 個已就位。")
        backup_database.put_back(dump)
    _compare(manifest["tables"])
    say(f"資料表 {len(manifest['tables'])} 個，逐表核對無誤。")
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def _save_checked(content, path: Path, told: dict[str, object]) -> None:
    """Written out, and again found to be as the manifest says: the file may have changed since."""
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        while block := content.read(BLOCK):
            digest.update(block)
            file.write(block)
    if digest.hexdigest() != told["sha256"]:
        raise BackupError("備份檔在還原途中變了，沒有動資料庫。")


def _put_file(name: str, content, told: dict[str, object], place: Path) -> None:
    """Store one file under its name, unless it is there as it should be."""
    _save_checked(content, place, told)
    if default_storage.exists(name):
        with default_storage.open(name, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == told["sha256"]:
                return
        default_storage.delete(name)
    with open(place, "rb") as file:
        stored = default_storage.save(name, File(file))
    if stored != name:
        raise BackupError(f"檔案 {name} 無法以原名存放，沒有動資料庫。")


def _compare(told: dict[str, dict[str, object]]) -> None:
    found = backup_database.tables_now()
    wrong = [name for name in {**told, **found} if told.get(name) != found.get(name)]
    if wrong:
        raise BackupError(f"還原後的內容與備份不符：{'、'.join(sorted(wrong))}。請勿使用。")


def _file_columns() -> list[tuple[str, str]]:
    return [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.FileField)
    ]


def _applied_leaves() -> dict[str, list[str]]:
    """For each app the last migrations that this database has seen."""
    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations)
    leaves: dict[str, list[str]] = {}
    for app, name in sorted(applied & loader.graph.nodes.keys()):
        children = {child.key for child in loader.graph.node_map[app, name].children}
        if not any(child in applied and child[0] == app for child in children):
            leaves.setdefault(app, []).append(name)
    return leaves


def _version() -> str:
    with open(settings.BASE_DIR / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["version"]


def summary(manifest: dict[str, object]) -> dict[str, object]:
    """What the audit log and the console say of a backup."""
    tables = manifest["tables"].values()
    return {
        "made_at": manifest["made_at"],
        "version": manifest["version"],
        "tables": len(tables),
        "rows": sum(table["rows"] for table in tables),
        "files": sum(name.startswith(FILES) for name in manifest["members"]),
        "missing": len(manifest["missing"]),
        "database_sha256": manifest["members"][DATABASE]["sha256"],
    }
