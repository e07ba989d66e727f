"""Write docs/workflow.md from the tables in `tracking.workflow`, or check that it is fresh."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from tracking.diagram import document

TARGET = Path("docs") / "workflow.md"


class Command(BaseCommand):
    help = "Writes docs/workflow.md from the workflow tables."
    requires_system_checks = []  # it reads two tables and writes a file

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail if the file is stale"
        )

    def handle(self, *args, check: bool, **options) -> None:
        path = settings.BASE_DIR / TARGET
        with translation.override("zh-hant"):
            text = document()
        if check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                raise CommandError(f"{TARGET} is stale; run manage.py workflow_diagram.")
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.stdout.write(str(TARGET))
