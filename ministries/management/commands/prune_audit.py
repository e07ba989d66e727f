"""Remove audit events that are older than they must be kept, behind a signed checkpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from config.kit.errors import Refused
from ministries import audit_prune
from ministries.audit_checkpoints import anchors_path

BY = "system:prune_audit"


class Command(BaseCommand):
    help = "清除超過保存期限（AUDIT_KEEP_DAYS）的稽核紀錄，並留下簽過章的查核點，其餘的仍可查核。"

    def add_arguments(self, parser):
        parser.add_argument("--export", metavar="FILE", type=Path, help="先把要清除的寫到新檔案")
        parser.add_argument("--dry-run", action="store_true", help="只說會清除到哪一筆")

    def handle(self, *args, **options):
        days = settings.AUDIT_KEEP_DAYS
        if options["dry_run"]:
            last = audit_prune.prunable(days)
            self.stdout.write(f"會清除到序號 {last}。" if last else "沒有可以清除的。")
            return
        try:
            with self.opened(options["export"]) as export:
                point = audit_prune.prune(days, by=BY, export=export)
        except FileExistsError as error:
            raise CommandError(f"{options['export']} 已經存在，不會覆寫。") from error
        except OSError as error:
            raise CommandError(f"寫不進 {options['export']}：{error.strerror}。") from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except ProgrammingError as error:
            raise CommandError(f"資料庫不准：請用資料表擁有者的帳號執行。（{error}）") from error
        if point is None:
            self.stdout.write("沒有可以清除的。")
            return
        self.stdout.write(
            f"清除了 {point.count} 筆，到序號 {point.number}；內容的摘要值 {point.digest}。"
        )
        self.stdout.write(f"簽過章的查核點也寫在 {anchors_path()}，請另外保存。")

    @contextmanager
    def opened(self, path: Path | None) -> Iterator[TextIO | None]:
        """The new file; gone again where nothing was pruned."""
        if path is None:
            yield None
            return
        with path.open("x", encoding="utf-8") as file:
            try:
                yield file
            except BaseException:
                path.unlink()
                raise
        if not path.stat().st_size:
            path.unlink()
