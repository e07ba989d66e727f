"""The path to a share of GDP on the command line: years, and what a target needs."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from plan import budget_path, money
from plan.assumptions import LAST_YEAR, explain, read_growth, read_numbers
from plan.budget_path import BadAssumption, BudgetLine, GdpLine, Growth, Path, Scenario
from plan.enums import BudgetBasis
from plan.models import Plan

# A number that json is to write as it stands, with all its digits.
_MARKED = re.compile(r'"number:([^"]*)"')


class Row(NamedTuple):
    """One year of one basis on one vintage; 億元 and per cent."""

    year: int
    budget: Decimal | None
    gdp: Decimal | None
    ratio: Decimal | None
    basis: str
    vintage: str


class Command(BaseCommand):
    # Checking every URL would take longer than the command itself; the server does that.
    requires_system_checks = []
    help = (
        "印出政府科技預算占 GDP 的路徑，以及達到目標所需的預算與每年成長率。"
        "預算與 GDP 以億元計。JSON 裡 ratio 是百分比，四位小數的文字；"
        "budget、gdp、required_budget（億元）與 required_growth（每年 %）是不進位的數字，"
        "以十進位讀（如 Python 的 parse_float=Decimal）就不失一位；沒有數字的是 null。"
    )

    def add_arguments(self, parser):
        parser.add_argument("--plan", metavar="SLUG", help="計畫代碼；預設是最新的計畫")
        parser.add_argument(
            "--gdp-growth",
            metavar="PERCENT",
            help="規劃首年（111）次年起的 GDP 每年成長 %%，也可以依年序以逗號分開；"
            "預設照計畫表 8 所印的 GDP",
        )
        parser.add_argument(
            "--target", metavar="PERCENT", default=str(budget_path.TARGET),
            help="目標占比 %%；預設 %(default)s",
        )  # fmt: skip
        parser.add_argument(
            "--target-year", metavar="YEAR", help="目標年（民國）；預設是規劃的最後一年（115）"
        )
        parser.add_argument(
            "--format", choices=["text", "json"], default="text", help="預設 %(default)s"
        )

    def handle(self, *args, plan, gdp_growth, target, target_year, format, **options):
        lines = money.read(_plan(plan))
        planned, gdp = lines.planned, lines.own_gdp
        if planned is None or gdp is None:
            raise CommandError("這個計畫沒有規劃的科技預算，或沒有首年的 GDP，算不出路徑。")
        growth = _read("--gdp-growth", read_growth, gdp_growth) if gdp_growth else None
        start, last = planned.years[0], planned.years[-1]
        scenario = _scenario(
            planned, gdp, growth,
            target=_number("--target", target),
            year=_year(target_year) if target_year else last,
        )  # fmt: skip
        path = budget_path.solve(scenario, until=last)
        rows = [*_before(lines.budgets, gdp, start), *_planned(path, gdp, growth)]
        if format == "json":
            self.stdout.write(_as_json(rows, path))
        else:
            self.stdout.write("\n".join(_as_text(rows, path, gdp)))


# --- reading --------------------------------------------------------------------------------------
def _plan(slug: str | None) -> Plan:
    known = list(Plan.objects.all())
    if not known:
        raise CommandError("還沒有載入任何計畫；先執行 load_plan。")
    if slug is None:
        return known[0]
    for plan in known:
        if plan.slug == slug:
            return plan
    raise CommandError(f"沒有計畫「{slug}」。有的是：{'、'.join(one.slug for one in known)}。")


def _read(option: str, reader, text: str):
    try:
        return reader(text)
    except ValidationError as error:
        raise CommandError(f"{option}：{' '.join(error.messages)}") from None


def _number(option: str, text: str) -> Decimal:
    numbers = _read(option, read_numbers, text)
    if len(numbers) > 1:
        raise CommandError(f"{option}：只能填一個數字。")
    return numbers[0]


def _year(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_YEAR:
        raise CommandError(f"--target-year：填 {LAST_YEAR} 以前的民國年，例如 115。")
    return int(text)


def _scenario(
    planned: BudgetLine, gdp: GdpLine, growth: Growth | None, *, target: Decimal, year: int
) -> Scenario:
    """The plan's own path. GDP without a growth is as printed; beyond its last year it goes on by
    the growth on which its source builds.
    """
    start, amounts = planned.years[0], dict(gdp.amounts)
    if growth is None and gdp.assumed is not None and year > gdp.years[-1]:
        amounts = budget_path.project(amounts, gdp.years[-1], gdp.assumed, year)
    try:
        return Scenario(
            start=start,
            budget=planned.amounts[start],
            gdp=amounts,
            gdp_growth=growth,
            fixed=planned.amounts,
            target=target,
            target_year=year,
        )
    except BadAssumption as error:
        raise CommandError(explain(error, start=start)) from None


# --- rows -----------------------------------------------------------------------------------------
def _before(budgets: list[BudgetLine], gdp: GdpLine, start: int) -> Iterator[Row]:
    """Budgets of other bases from before the planned path, where GDP is known or taken back."""
    amounts, back = budget_path.with_year_before(gdp), budget_path.taken_back(gdp)
    known = [(year, line) for line in budgets for year in line.years if year < start]
    for year, line in sorted(known, key=lambda one: (one[0], one[1].code)):
        if year in amounts:
            derived = f"，由 {year + 1} 年以 {back.growth}% 回推" if back.year == year else ""
            share = budget_path.ratio(line.amounts[year], amounts[year])
            vintage = f"{_vintage(gdp)}{derived}"
            yield Row(year, line.amounts[year], amounts[year], share, line.basis, vintage)


def _planned(path: Path, gdp: GdpLine, growth: Growth | None) -> Iterator[Row]:
    start = path.scenario.start
    for one in path.years:
        vintage = _vintage(gdp)
        if growth is not None and one.year > start:
            words = growth if isinstance(growth, Decimal) else "、".join(map(str, growth))
            vintage = f"{vintage}的 {start} 年，其後每年成長 {words}%"
        elif one.year not in gdp.amounts and one.gdp is not None:
            vintage = f"{vintage}的 {gdp.years[-1]} 年，其後每年成長 {gdp.assumed}%"
        yield Row(one.year, one.budget, one.gdp, one.ratio, "planned", vintage)


def _vintage(gdp: GdpLine) -> str:
    return f"計畫{gdp.place}" if gdp.place else gdp.name


# --- output ---------------------------------------------------------------------------------------
def _as_json(rows: list[Row], path: Path) -> str:
    told = {
        "years": [
            {
                "year": row.year,
                "budget": _marked(row.budget),
                "gdp": _marked(row.gdp),
                "ratio": None if row.ratio is None else f"{row.ratio:.4f}",
                "basis": row.basis,
                "vintage": row.vintage,
            }
            for row in rows
        ],
        "required_budget": _marked(path.required_budget),
        "required_growth": _marked(path.required_growth),
    }
    return _MARKED.sub(r"\1", json.dumps(told, ensure_ascii=False, indent=2))


def _marked(value: Decimal | None) -> str | None:
    """The digits as they are: a float would keep seventeen of them."""
    if value is None:
        return None
    digits = f"{value:f}"
    return f"number:{digits.rstrip('0').rstrip('.') if '.' in digits else digits}"


def _as_text(rows: list[Row], path: Path, gdp: GdpLine) -> Iterator[str]:
    target, year = path.scenario.target, path.scenario.target_year
    yield "年度  基礎  預算（億元）   GDP（億元）  占比（%）  GDP 版次"
    for row in rows:
        budget, value = _shown(row.budget, ",.0f"), _shown(row.gdp, ",.0f")
        share = _shown(row.ratio, ".4f")
        basis = BudgetBasis(row.basis).label if row.basis else "—"
        yield f"{row.year:<6}{basis}{budget:>14}{value:>15}{share:>11}  {row.vintage}"
    back = budget_path.taken_back(gdp)
    if back and any(row.year == back.year for row in rows):
        yield (
            f"{back.year} 年的 GDP：{back.after:,} ÷ (1 + {back.growth}%) = {back.gdp:,.2f} 億元"
            f"（{_vintage(gdp)}自 {back.year + 1} 年起每年成長 {back.growth}%）"
        )
    if path.required_budget is None:
        yield f"{year} 年沒有 GDP 的數，算不出 {target}% 需要多少預算。"
        return
    yield f"{year} 年要占 {target}%，需要 {path.required_budget:,.2f} 億元。"
    if path.required_growth is not None:
        yield f"由 {path.scenario.start} 年的預算起，每年須增 {path.required_growth:.4f}%。"
    reached = path.reached
    yield f"照規劃，{reached} 年達到。" if reached else f"照規劃，到 {rows[-1].year} 年還不到。"


def _shown(value: Decimal | None, form: str) -> str:
    return "—" if value is None else format(value, form)
