"""`manage.py backup FILE [--encrypt]`: the database and every stored file, in one file."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.kit import backup
from config.kit.backup_archive import BackupError
from ministries import audit


class Command(BaseCommand):
    requires_system_checks = []
    help = (
        "備份資料庫與佐證檔案成一個檔案，附各資料表與檔案的摘要值；系統不必停止。"
        "--encrypt 以環境變數 BACKUP_PASSPHRASE 的密語加密。"
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="新檔案；已存在的不會覆寫")
        parser.add_argument("--encrypt", action="store_true", help="以密語加密")

    def handle(self, *args, file: Path, encrypt: bool, **options) -> None:
        if encrypt and not settings.BACKUP_PASSPHRASE:
            raise CommandError("要加密，請以環境變數 BACKUP_PASSPHRASE 提供密語。")
        passphrase = settings.BACKUP_PASSPHRASE if encrypt else ""
        try:
            manifest = backup.make(file.absolute(), passphrase)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        told = backup.summary(manifest)
        audit.record(
            "backup.make", file.name, by="system:backup", after=told | {"encrypted": encrypt}
        )
        self.stdout.write(
            f"{file}：資料表 {told['tables']} 個、{told['rows']} 列，檔案 {told['files']} 個"
            f"{'，已加密' if encrypt else ''}。"
        )
        for name in manifest["missing"]:
            self.stderr.write(f"資料庫提到、但找不到的檔案：{name}")
