"""`manage.py seed_demo --years 110-111 [--busy] [--review]`: people, filings, what happens beside
them, and a review to try out.
"""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from plan.models import Plan, PlanVersion
from reports.demo import seed_review
from reports.demo.review import years_of_review
from tracking.demo import seed, seed_happenings, seed_plans
from tracking.demo.people import account_lines


class Command(BaseCommand):
    help = (
        "Make marked demo people and filings. All years but the last are accepted and released, "
        "the last is open. --busy adds requests, corrections, dissent, messages and a handover, "
        "--review a mid-term review under way. What exists is left alone; a second run changes "
        "nothing."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--years", help="ROC years, such as 110-111 or 110")
        parser.add_argument("--plan", help="slug of the plan; needed only where there are several")
        parser.add_argument(
            "--complete",
            action="store_true",
            help="every report of every year is accepted, the last year's too; long narratives",
        )
        parser.add_argument(
            "--scale",
            type=int,
            default=1,
            metavar="N",
            help="N times the reports: demo bodies repeat every duty (for measuring)",
        )
        parser.add_argument(
            "--plans",
            type=int,
            default=1,
            metavar="N",
            help="N plans: marked copies beside the plan, all their years filled (for measuring)",
        )
        parser.add_argument(
            "--busy",
            action="store_true",
            help="also what happens beside the filings of the open year: requests for more time, "
            "corrections, dissent, messages, receipts, a handover",
        )
        parser.add_argument(
            "--review",
            action="store_true",
            help="also a mid-term review of the plan's first two years, in the experts' hands",
        )
        parser.add_argument(
            "--list-accounts", action="store_true", help="print the demo accounts, if there are any"
        )

    def handle(
        self, *, years, plan, complete, scale, plans, busy, review, list_accounts, **options
    ) -> None:
        if years:
            chosen = self._plan(plan)
            if scale < 1:
                raise CommandError("--scale: give a whole number from 1 on.")
            if plans < 1 or (plans > 1 and scale > 1):
                raise CommandError("--plans: give a whole number from 1 on, and not with --scale.")
            numbers = _years(years, chosen)
            needed = years_of_review(chosen)
            if review and not set(needed) <= set(numbers):
                raise CommandError(f"--review needs --years {needed[0]}-{needed[-1]} or more.")
            today = timezone.localdate()
            seeded = seed(chosen, numbers, today=today, complete=complete, scale=scale)
            if seeded.reports:
                named = "、".join(f"{year}年度" for year in seeded.years or numbers)
                self.stdout.write(
                    f"示範資料：{named}，{seeded.reports}件報告，{seeded.indicators}個指標。"
                )
            else:
                self.stdout.write("示範資料已經存在，沒有更動。")
            if plans > 1:
                copies = seed_plans(chosen, plans, today=today)
                self.stdout.write(f"示範計畫：新增{copies}個，連同原計畫共{plans}個。")
            if busy and seed_happenings(chosen, today=today):
                self.stdout.write("示範往來：展延、更正、不同意見、留言、收據與交接。")
            if review:
                made = seed_review(chosen, today=today)
                self.stdout.write(
                    f"示範評估：{made.title}。" if made else "期中評估已經存在，沒有更動。"
                )
        elif not list_accounts:
            raise CommandError("Give --years (such as 110-111) or --list-accounts.")
        if list_accounts:
            for line in account_lines():
                self.stdout.write(line)

    def _plan(self, slug: str | None) -> Plan:
        plans = Plan.objects.filter(versions__in=PlanVersion.objects.in_force())
        found = list(plans.filter(slug=slug) if slug else plans)
        if len(found) == 1:
            return found[0]
        if not found:
            raise CommandError("No plan with a version in force: run load_plan first.")
        raise CommandError("Several plans: name one with --plan.")


def _years(text: str, plan: Plan) -> list[int]:
    first, _, last = text.partition("-")
    try:
        years = list(range(int(first), int(last or first) + 1))
    except ValueError:
        years = []
    if not years or not set(years) <= set(plan.years):
        raise CommandError(
            f"--years {text}: give ROC years of the plan, {plan.start_year}-{plan.end_year}."
        )
    return years
