"""Load a plan's facts from `fixtures/`, from another folder, or from one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from plan.actions.load_plan import load_plan, preview
from plan.fixture_files.entry import FixtureError
from plan.fixture_files.read import read
from plan.models import PrintedFigure
from plan.printed_sums import mismatches


class Command(BaseCommand):
    # Checking every URL would take longer than the command itself; the server does that.
    requires_system_checks = []
    help = (
        "載入計畫：fixtures/ 的資料夾、YAML 檔，或 export_plan 印出的 JSON；印出改變的內容，"
        "與加不起來的原文數字。"
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "source", nargs="?", type=Path, metavar="FILE", help="檔案或資料夾；預設是 fixtures/"
        )
        parser.add_argument("--dry-run", action="store_true", help="只印出會改變什麼")

    def handle(self, *args, source, dry_run, **options):
        try:
            facts = read(source)
            run = preview if dry_run else load_plan
            changes = run(facts, by="system:load_plan")
        except FixtureError as error:
            raise CommandError(str(error)) from None
        for change in changes:
            self.stdout.write(str(change))
        summary = f"共 {len(changes)} 項改變" if changes else "沒有改變"
        self.stdout.write(f"{facts.slug} 第 {facts.version} 版：{summary}")
        figures = facts.figures
        if figures is None:
            figures = PrintedFigure.objects.filter(plan__slug=facts.slug)
        if found := mismatches(figures):
            self.stdout.write(f"原文數字有 {len(found)} 處加不起來，照印的載入：")
            for one in found:
                self.stdout.write(f"  {one}")
