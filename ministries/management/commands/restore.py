"""`manage.py restore FILE [--yes]`: back to what a backup holds, compared row by row."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.kit import backup
from config.kit.backup_archive import BackupError
from ministries import audit, seeds


class Command(BaseCommand):
    requires_system_checks = []
    help = (
        "由備份還原資料庫與佐證檔案：先查驗整個備份檔，還原後逐表核對。請先停止系統。"
        "加密的備份以環境變數 BACKUP_PASSPHRASE 提供密語。"
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="backup 做出的檔案")
        parser.add_argument("--yes", action="store_true", help="資料庫裡已有的資料全部取代")
        parser.add_argument("--check", action="store_true", help="只查驗備份檔，不還原")

    def handle(self, *args, file: Path, yes: bool, check: bool, **options) -> None:
        passphrase = settings.BACKUP_PASSPHRASE
        try:
            if check:
                manifest = backup.check(file, passphrase)
            else:
                say = self.stdout.write
                manifest = backup.put_back(file, passphrase, replace=yes, say=say)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        told = backup.summary(manifest)
        if not check:
            audit.record("backup.restore", file.name, by="system:restore", after=told)
        self.stdout.write(
            f"{'備份檔可用' if check else '已還原'}：{told['made_at']} 的備份，"
            f"資料表 {told['tables']} 個、{told['rows']} 列，檔案 {told['files']} 個。"
        )
        for name in manifest["missing"]:
            self.stderr.write(f"備份時就找不到的檔案：{name}")
        if not check and (lost := seeds.count_unreadable()):
            self.stderr.write(
                f"有 {lost} 個第二因素以另一個 SECRET_KEY 封存，讀不出來："
                "請把備份當時的 SECRET_KEY 放進 SECRET_KEY_FALLBACKS，或由系統管理者重設。"
            )
