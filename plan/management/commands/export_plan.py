"""Print the version in force as JSON, in the form that load_plan takes back."""

import json

from django.core.management.base import BaseCommand, CommandError

from ministries import audit
from plan.export import NoPlanError, export_plan, find_version


class Command(BaseCommand):
    # Checking every URL would take longer than the command itself; the server does that.
    requires_system_checks = []
    help = "把核定的計畫版本印成 JSON；load_plan 可以原樣讀回。"

    def add_arguments(self, parser):
        parser.add_argument("--plan", metavar="SLUG", help="計畫代碼；預設是最新的計畫")

    def handle(self, *args, plan, **options):
        try:
            version = find_version(plan)
        except NoPlanError as error:
            raise CommandError(str(error)) from None
        told = {"plan": version.plan.slug, "version": version.number}
        audit.record("export.take", version, by="system:export_plan", after=told)
        self.stdout.write(json.dumps(export_plan(version), ensure_ascii=False, indent=2))
