"""Write a ministry's reports of one year as a spreadsheet, as the page hands it out."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ministries import audit
from tracking.workbook.files import KINDS
from tracking.workbook.gather import filler, gather
from tracking.workbook.whose import NotThere, find


class Command(BaseCommand):
    requires_system_checks = []
    help = "把一個部會一年的全部報告寫成試算表，附說明、下拉選單與去年的內容。"

    def add_arguments(self, parser):
        parser.add_argument("ministry", metavar="MINISTRY", help="部會代碼或簡稱，例如moe")
        parser.add_argument("year", type=int, metavar="YEAR", help="民國年，例如111")
        parser.add_argument("file", type=Path, metavar="FILE", help=".ods或.xlsx")
        parser.add_argument("--plan", metavar="SLUG", help="計畫代碼；預設是最新的計畫")

    def handle(self, *args, ministry, year, file, plan, **options):
        kind = KINDS.get(file.suffix.lower().removeprefix("."))
        if kind is None:
            raise CommandError(f"{file}：檔名要是.ods或.xlsx")
        try:
            body, of_year = find(ministry, year, plan)
        except NotThere as error:
            raise CommandError(str(error)) from None
        book = gather(body, of_year, filler(body))
        try:
            with file.open("wb") as target:
                kind.write(target, book)
        except OSError as error:
            raise CommandError(f"{file}：寫不進去（{error.strerror}）") from None
        told = {"file": file.name, "year": year}
        audit.record("export.take", of_year, by="system:export_workbook", ministry=body, after=told)
        self.stdout.write(f"{file}：{body.short_name} {year}年度{len(book.rows['reports'])}件")
