"""Read the published text of the plan, attach its prose, and report every difference."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from plan.actions.import_document import import_document, preview
from plan.document.errors import DocumentError
from plan.document.report import as_json, as_text
from plan.export import NoPlanError, find_version


class Command(BaseCommand):
    # Checking every URL would take longer than the command itself; the server does that.
    requires_system_checks = []
    help = "讀計畫的公開文字檔：附上各章內文，列出與已載入計畫的每一處差異與行號。"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help="UTF-8 文字檔")
        parser.add_argument("--plan", metavar="SLUG", help="計畫代碼；預設是最新的計畫")
        parser.add_argument("--dry-run", action="store_true", help="只比對，不寫入")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args, file, plan, dry_run, **options):
        try:
            version = find_version(plan)
            content = file.read_bytes()
            if dry_run:
                result = preview(content, version)
            else:
                result = import_document(
                    content, version, name=file.name, by="system:import_document"
                )
        except (NoPlanError, DocumentError) as error:
            raise CommandError(f"{file}：{error}") from None
        except OSError as error:
            raise CommandError(f"{file}：讀不到檔案（{error.strerror}）") from None
        if options["format"] == "json":
            report = as_json(result.document, result.differences)
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        for line in as_text(result.document, result.differences):
            self.stdout.write(line)
        verb = "會更新" if dry_run else "已更新"
        changed = "、".join(f"{kind} {count}" for kind, count in result.changed.items() if count)
        self.stdout.write(f"{verb}：{changed or '沒有改變'}")
