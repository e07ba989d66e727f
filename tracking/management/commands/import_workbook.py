"""Read a filled spreadsheet back: what it would change, and with --apply write it."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ministries import audit
from ministries.models import User
from tracking.workbook.apply import Outcome, apply, may_bring_back, preview
from tracking.workbook.gather import filler
from tracking.workbook.package import MOST_BYTES
from tracking.workbook.whose import NotThere, find

BY = "system:import_workbook"


class Command(BaseCommand):
    requires_system_checks = []
    help = "讀回填好的試算表：逐格列出會改變什麼、衝突與錯誤；加--apply才寫入。"

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help=".ods或.xlsx")
        parser.add_argument("--ministry", required=True, help="部會代碼或簡稱")
        parser.add_argument("--year", required=True, type=int, help="民國年")
        parser.add_argument("--plan", metavar="SLUG", help="計畫代碼；預設是最新的計畫")
        parser.add_argument(
            "--by", metavar="EMAIL", help="以哪位承辦人的名義；預設是這個部會的第一位承辦人"
        )
        parser.add_argument("--apply", action="store_true", help="寫入；沒有就只列出來")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args, file, ministry, year, plan, by, **options):
        try:
            body, of_year = find(ministry, year, plan)
        except NotThere as error:
            raise CommandError(str(error)) from None
        person = User.objects.filter(email=by).first() if by else filler(body)
        if person is None or not person.is_authenticated:
            raise CommandError(f"沒有帳號{by}" if by else f"{body.short_name}沒有承辦人")
        verdict = may_bring_back(person, body)
        if not verdict:
            raise CommandError(str(verdict.reason))
        try:
            with file.open("rb") as source:
                content = source.read(MOST_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file}：讀不到檔案（{error.strerror}）") from None
        act = apply if options["apply"] else preview
        outcome = act(content, body, of_year, by=person)
        if options["apply"]:
            # What it wrote stands under the person's name, who need not have been there.
            told = {"file": file.name, "in_name_of": person.email, "cells": len(outcome.changes)}
            audit.record("workbook.import", of_year, by=BY, ministry=body, after=told)
        if options["format"] == "json":
            self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False, indent=2))
        else:
            self.tell(outcome, applied=options["apply"])

    def tell(self, outcome: Outcome, *, applied: bool) -> None:
        for one in outcome.changes:
            self.stdout.write(f"{one.sheet} {one.cell}　{one.code}　{one.label}：{_turns(one)}")
        for one in outcome.conflicts:
            self.stdout.write(
                f"衝突 {one.sheet} {one.cell}　{one.code}　{one.label}："
                f"檔案「{one.new}」，現在「{one.old}」"
            )
        for one in outcome.errors:
            self.stdout.write(f"錯誤 {one.sheet} {one.cell}　{one.code}　{one.message}")
        verb = "改了" if applied else "會改"
        self.stdout.write(
            f"讀了{outcome.rows}列，{verb}{len(outcome.changes)}格，"
            f"衝突{len(outcome.conflicts)}格，錯誤{len(outcome.errors)}處"
        )


def _turns(one) -> str:
    return f"「{one.old}」→「{one.new}」"
