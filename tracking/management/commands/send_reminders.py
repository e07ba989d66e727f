"""Send the reminders of a day, as beat does every morning."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracking.reminders import digest
from tracking.reminders.people import Recipients


class Command(BaseCommand):
    help = "寄出某一天的期限提醒（每天早上自動執行的就是這個）。寄過的人不會再寄一次。"

    def add_arguments(self, parser):
        parser.add_argument("--day", metavar="YYYY-MM-DD", help="哪一天的提醒；預設是今天")
        parser.add_argument("--dry-run", action="store_true", help="只列出會寄給誰、寫什麼")

    def handle(self, *args, **options):
        today = timezone.localdate()
        try:
            day = date.fromisoformat(options["day"]) if options["day"] else today
        except ValueError as error:
            raise CommandError("日期要寫成 YYYY-MM-DD，例如 2026-11-24。") from error
        if not options["dry_run"]:
            sent = digest.send(day)
            self.stdout.write(f"{day}：{sent.people} 人，{sent.items} 件。")
            return
        items = digest.due_items(day, day).get(day, [])
        told = digest.told_on(day)
        recipients = Recipients(today, [item.report for item in items])
        for one in digest.digests(items, recipients):
            state = "已經寄過" if one.person.pk in told else "會寄"
            subject, body = digest.text(one, today)
            self.stdout.write(f"{one.person.email}（{state}）\n{subject}\n\n{body}")
        if not items:
            self.stdout.write(f"{day}：沒有要寄的提醒。")
