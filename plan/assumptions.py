"""What people assume of budgets and GDP, as they type it: reads numbers and says what is wrong.

A growth is one number, or several with commas between: a year each, the last one from then on.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from config.kit.errors import Invalid
from plan.budget_path import (
    BadAssumption,
    BudgetLine,
    GdpLine,
    Growth,
    Scenario,
    with_year_before,
)
from plan.enums import BudgetWay

LAST_YEAR = 200  # ROC year; nobody plans for later ones
MOST_GROWTH = 1000  # per cent
_MOST_YEARS = 30
_NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,6})?")
_BETWEEN = re.compile(r"[,，、;；\s]+")


# --- reading --------------------------------------------------------------------------------------
def read_numbers(text: str) -> list[Decimal]:
    """`5`, `5, 4.5, 4` or `5、4` as decimals. Raises ValidationError."""
    parts = [part for part in _BETWEEN.split(text.replace("−", "-").replace("%", "")) if part]
    if not parts:
        raise ValidationError(_("填一個數字，或用逗號分開、依年序的幾個數字。"))
    if len(parts) > _MOST_YEARS:
        raise ValidationError(_("最多填%(count)d年的數字。") % {"count": _MOST_YEARS})
    for part in parts:
        if not _NUMBER.fullmatch(part):
            raise ValidationError(_("「%(text)s」不是數字。") % {"text": part[:40]})
    return [Decimal(part) for part in parts]


def read_growth(text: str) -> Growth:
    """Yearly growth in per cent, above −100. Raises ValidationError."""
    numbers = read_numbers(text)
    for number in numbers:
        if number <= -100:
            raise ValidationError(explain(BadAssumption("growth", "growth", number)))
        if number > MOST_GROWTH:
            raise ValidationError(_("成長率最多%(most)s%%。") % {"most": MOST_GROWTH})
    return numbers[0] if len(numbers) == 1 else numbers


def read_amounts(text: str) -> list[Decimal]:
    """Budgets in 億元 by year, above zero. Raises ValidationError."""
    numbers = read_numbers(text)
    for number in numbers:
        if number <= 0:
            raise ValidationError(explain(BadAssumption("fixed", "amount", number)))
    return numbers


def validate_growth(text: str) -> None:
    """For a model's or a form's field."""
    read_growth(text)


def validate_amounts(text: str) -> None:
    """For a model's or a form's field."""
    read_amounts(text)


def read_origin(text: str) -> tuple[str, int]:
    """`budget-planned:111` as the code of a line and a ROC year. Raises ValidationError."""
    code, _colon, year = text.partition(":")
    if not code or not year.isdecimal() or len(year) > 3:
        raise ValidationError(_("起點不明。"))
    return code, int(year)


def validate_origin(text: str) -> None:
    """For a model's or a form's field."""
    read_origin(text)


# --- putting together -----------------------------------------------------------------------------
def assemble(
    given: Mapping, budgets: list[BudgetLine], gdp: list[GdpLine], planned: BudgetLine | None
) -> Scenario:
    """The scenario that these parameters of `plan.models.Scenario` describe, on these lines.

    Raises Invalid with the errors by field.
    """
    code, start = read_origin(given["origin"])
    line = next((one for one in budgets if one.code == code), None)
    if line is None or start not in line.amounts:
        raise Invalid({"origin": [_("起點的預算已經不在了，請重新選一個。")]})
    vintage = next((one for one in gdp if one.code == given["gdp"]), None)
    if vintage is None:
        raise Invalid({"gdp": [_("這一版GDP已經不在了，請重新選一個。")]})
    amounts = with_year_before(vintage)
    if start not in amounts:
        words = _("這一版GDP沒有%(year)s年的數，請換一版GDP或換一個起點。")
        raise Invalid({"gdp": [words % {"year": start}]})
    way, fixed = given["way"], {}
    if way == BudgetWay.PLANNED:
        fixed = dict(planned.amounts) if planned else {}
    elif way == BudgetWay.FIXED:
        if not given["fixed"]:
            raise Invalid({"fixed": [_("填起點次年起每年的預算，依年序，以逗號分開。")]})
        fixed = dict(enumerate(read_amounts(given["fixed"]), start=start + 1))
    try:
        return Scenario(
            start=start,
            budget=line.amounts[start],
            gdp=amounts,
            gdp_growth=read_growth(given["gdp_growth"]),
            budget_growth=read_growth(given["budget_growth"]) if way == BudgetWay.GROWTH else None,
            fixed=fixed,
            target=given["target"],
            target_year=given["target_year"],
        )
    except BadAssumption as error:
        raise Invalid({error.field: [explain(error, start=start)]}) from error


def explain(error: BadAssumption, start: int | None = None) -> str:
    """What is wrong with an assumption, as a sentence; `start` is the first year."""
    value = f"{error.value}"
    if error.code == "growth":
        return _("每年成長要大於−100%%，你填的是%(value)s%%。") % {"value": value}
    if error.code == "target":
        return _("目標占比要大於0，你填的是%(value)s%%。") % {"value": value}
    if error.code == "target_year":
        words = _("目標年不能早於起點%(start)s年，你填的是%(value)s年。")
        return words % {"start": start, "value": value}
    if error.code == "amount":
        return _("預算要大於0，你填的是%(value)s億元。") % {"value": value}
    return _("%(year)s年沒有預算或沒有GDP，不能當起點。") % {"year": value}
