"""Write the workflow tables of reports and reviews into docs/, or check that they are fresh."""

from collections.abc import Callable, Mapping
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from reports import diagram as of_reviews
from tracking import diagram as of_reports

DOCUMENTS: Mapping[Path, Callable[[], str]] = {
    Path("docs") / "workflow.md": of_reports.document,
    Path("docs") / "workflow-review.md": of_reviews.document,
}


class Command(BaseCommand):
    help = "Writes docs/workflow.md and docs/workflow-review.md from the workflow tables."
    requires_system_checks = []  # it reads tables and writes files

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail if a file is stale"
        )

    def handle(self, *args, check: bool, **options) -> None:
        for target, document in DOCUMENTS.items():
            path = settings.BASE_DIR / target
            with translation.override("zh-hant"):
                text = document()
            if check:
                if not path.is_file() or path.read_text(encoding="utf-8") != text:
                    raise CommandError(f"{target} is stale; run manage.py workflow_diagram.")
                continue
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.stdout.write(str(target))
