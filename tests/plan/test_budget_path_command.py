"""`manage.py budget_path`: what it prints of the plan, and what it refuses."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from plan.actions.load_plan import load_plan
from plan.fixture_files.read import read
from plan.models import Plan
from tests.kept import kept

SLUG = "nstp-110-113"


@kept
def loaded() -> Plan:
    load_plan(read(), by="system:tests")
    return Plan.objects.get(slug=SLUG)


def printed(**options) -> str:
    out = StringIO()
    call_command("budget_path", plan=SLUG, stdout=out, **options)
    return out.getvalue()


def answer(**options) -> dict:
    return json.loads(printed(format="json", **options), parse_float=Decimal)


def test_the_plan_s_own_path(loaded):
    found = answer()
    assert set(found) == {"years", "required_budget", "required_growth"}
    assert found["years"] == [
        {
            "year": 110, "budget": 1141, "gdp": Decimal("201412.7450980392156862745098039216"),
            "ratio": "0.5665", "basis": "statutory", "vintage": "計畫表8，由 111 年以 2% 回推",
        },
        *(
            {
                "year": year, "budget": budget, "gdp": gdp, "ratio": ratio, "basis": "planned",
                "vintage": "計畫表8",
            }
            for year, budget, gdp, ratio in (
                (111, 1307, 205441, "0.6362"),
                (112, 1383, 209550, "0.6600"),
                (113, 1453, 213741, "0.6798"),
                (114, 1504, 218016, "0.6899"),
                (115, 1557, 222376, "0.7002"),
            )
        ),
    ]  # fmt: skip
    assert found["required_budget"] == Decimal("1556.632")
    assert f"{found['required_growth']:.6f}" == "4.466632"


def test_growth_of_gdp_applies_from_the_year_after_111(loaded):
    found = answer(gdp_growth="3.5", target="0.7", target_year="115")
    assert [row["ratio"] for row in found["years"]] == [
        "0.5665", "0.6362", "0.6504", "0.6602", "0.6603", "0.6605",
    ]  # fmt: skip
    assert found["years"][0]["gdp"] == answer()["years"][0]["gdp"], "110 rests on the plan's 2 %"
    assert found["years"][2]["gdp"] == Decimal("212631.435")
    assert found["required_budget"] == Decimal("1650.237909399804375")
    growth = found["required_growth"]
    assert abs(1307 * (1 + growth / 100) ** 4 - found["required_budget"]) < Decimal("1e-9")


def test_growth_year_by_year_keeps_its_last_number(loaded):
    found = answer(gdp_growth="4, 3", target_year="115")["years"]
    steps = [found[place + 1]["gdp"] / found[place]["gdp"] for place in range(1, 5)]
    assert [f"{step:.4f}" for step in steps] == ["1.0400", "1.0300", "1.0300", "1.0300"]


def test_years_beyond_the_plan_have_gdp_and_no_budget(loaded):
    found = answer(target_year="117")
    last = found["years"][-1]
    assert (last["year"], last["budget"], last["ratio"]) == (117, None, None)
    assert last["gdp"] == Decimal("222376") * Decimal("1.0404")
    assert found["required_budget"] == last["gdp"] * Decimal("0.007")


def test_the_first_year_as_target_needs_no_growth(loaded):
    found = answer(target_year="111")
    assert found["required_budget"] == Decimal("1438.087")
    assert found["required_growth"] is None


def test_text_shows_how_110_was_derived(loaded):
    text = printed()
    assert "110 年的 GDP：205,441 ÷ (1 + 2%) = 201,412.75 億元" in text
    assert "115 年要占 0.7%，需要 1,556.63 億元。" in text
    assert "由 111 年的預算起，每年須增 4.4666%。" in text
    assert "照規劃，115 年達到。" in text
    assert "照規劃，到 117 年還不到。" in printed(gdp_growth="3.5", target_year="117")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"plan": "none"}, "沒有計畫「none」。有的是：nstp-110-113。"),
        ({"target_year": "110"}, "目標年不能早於起點111年，你填的是110年。"),
        ({"target_year": "soon"}, "--target-year：填 200 以前的民國年，例如 115。"),
        ({"target_year": "99999"}, "--target-year：填 200 以前的民國年，例如 115。"),
        ({"gdp_growth": "-100"}, "--gdp-growth：每年成長要大於−100%，你填的是-100%。"),
        ({"gdp_growth": "many"}, "--gdp-growth：「many」不是數字。"),
        ({"gdp_growth": "nan"}, "--gdp-growth：「nan」不是數字。"),
        ({"target": "0"}, "目標占比要大於0，你填的是0%。"),
        ({"target": "0.7,0.8"}, "--target：只能填一個數字。"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(loaded, options, words):
    with pytest.raises(CommandError) as caught:
        call_command("budget_path", **{"plan": SLUG, **options})
    assert str(caught.value) == words


def test_without_a_plan_or_its_figures_it_says_so(db):
    with pytest.raises(CommandError, match="還沒有載入任何計畫"):
        call_command("budget_path", plan=SLUG)
    Plan.objects.create(slug=SLUG, name="空計畫", start_year=110, end_year=113)
    with pytest.raises(CommandError, match="沒有規劃的科技預算"):
        call_command("budget_path", plan=SLUG)
