"""Money of a small plan: table 8 in short, a statutory budget before it, research apart."""

from decimal import Decimal

from plan.enums import BudgetBasis, GdpStatus, SeriesSubject, Special
from plan.models import Plan, Series, SeriesValue

PLANNED = {111: "1307", 112: "1383", 113: "1453", 114: "1504", 115: "1557"}
GDP = {111: "205441", 112: "209550", 113: "213741", 114: "218016", 115: "222376"}


def add_series(plan: Plan, code: str, subject: str, values: dict[int, str], **more) -> Series:
    given = {"name": code, "unit": "億元", "source": "測試", **more}
    series = Series.objects.create(plan=plan, code=code, subject=subject, **given)
    for year, amount in values.items():
        SeriesValue.objects.create(
            series=series, year=year, amount=Decimal(amount), entered_by="system:tests"
        )
    return series


def make_money(plan: Plan) -> None:
    """Under the codes that the plan's own fixtures use."""
    printed = {"table": "8", "page": 160}
    add_series(
        plan, "budget-planned", SeriesSubject.BUDGET, PLANNED, basis=BudgetBasis.PLANNED, **printed
    )
    add_series(plan, "gdp-table-8", SeriesSubject.GDP, GDP, status=GdpStatus.FORECAST, **printed)
    add_series(
        plan, "budget-110-statutory", SeriesSubject.BUDGET, {110: "1141"},
        basis=BudgetBasis.STATUTORY, table="柒", page=160,
    )  # fmt: skip
    research = {"unit": "%", "table": "3"}
    add_series(plan, "gerd-tw", SeriesSubject.GERD_RATIO, {107: "3.35"}, **research)
    add_series(plan, "gerd-kr", SeriesSubject.GERD_RATIO, {107: "4.53"}, of="韓國", **research)


def make_later(plan: Plan) -> None:
    """What became known later: a draft with a gap, a statutory one, and another vintage of GDP."""
    add_series(
        plan, "later-draft", SeriesSubject.BUDGET, {111: "1264", 113: "1569"},
        basis=BudgetBasis.DRAFT, special=Special.EXCLUDED,
    )  # fmt: skip
    add_series(
        plan, "later-statutory", SeriesSubject.BUDGET, {111: "121500000"}, unit="千元",
        basis=BudgetBasis.STATUTORY, special=Special.INCLUDED,
    )  # fmt: skip
    add_series(
        plan, "gdp-later", SeriesSubject.GDP, {111: "226800", 113: "245000"},
        name="主計總處", status=GdpStatus.REVISED, vintage="2023-11-28",
    )  # fmt: skip
