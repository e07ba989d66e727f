"""The budget path in words: its finding, what it rests on, and numbers as tables write them."""

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _

from config.kit.forms import format_number
from plan import budget_path
from plan.assumptions import read_numbers
from plan.budget_path import Path
from plan.enums import BudgetWay
from reports.figures.budget import target_words
from reports.forms.budget import vintage_words

if TYPE_CHECKING:
    from reports.pages.budget import Budget

_FAR = 100  # years from the first one, after which no year is named


def finding(page: "Budget") -> str:
    """The h1: whether the scenario reaches its target, and what the target needs."""
    if page.path is None:
        return _("這組假設算不出路徑")
    end, scenario = page.path.at_target, page.path.scenario
    values = {
        "year": scenario.target_year,
        "target": target_words(scenario.target),
        "way": way_words(page),
        "share": share_words(end.ratio, scenario.target),
        "growth": "" if page.path.required_growth is None else growth_words(
            page.path.required_growth
        ),
    }  # fmt: skip
    if end.ratio is None:
        return _("%(way)s沒有%(year)s年的預算，算不出占GDP多少") % values
    if end.ratio >= scenario.target:
        return _("%(way)s，%(year)s年占GDP %(share)s%%，達到%(target)s%%的目標") % values
    if not values["growth"]:
        return _("%(way)s，%(year)s年占GDP %(share)s%%，不到%(target)s%%") % values
    return (
        _("要在%(year)s年到%(target)s%%，預算每年須增%(growth)s%%；%(way)s只到%(share)s%%") % values
    )


def lede(page: "Budget") -> str:
    """The answer in 億元, and on which assumptions it stands."""
    path, end = page.path, page.path.at_target
    if path.required_budget is None:
        return _("%(year)s年沒有GDP的數，算不出需要多少。") % {"year": end.year}
    values = {
        "year": end.year,
        "needed": amount(path.required_budget),
        "gap": "" if end.gap is None else amount(abs(end.gap), 1 if abs(end.gap) < 10 else 0),
        "gdp": listed(page.form.cleaned_data["gdp_growth"]),
        "reached": reached_words(page),
    }
    sentences = [
        _("GDP每年成長%(gdp)s%%時，%(year)s年到目標需要%(needed)s億元") % values,
    ]
    if end.gap is not None:
        words = _("這個情境還差%(gap)s億元") if end.gap > 0 else _("這個情境多出%(gap)s億元")
        sentences.append(words % values)
    if path.reached is None or path.reached > path.scenario.start + _FAR:
        sentences.append(values["reached"])
    elif path.reached <= path.years[-1].year:
        sentences.append(_("%(reached)s達到目標") % values)
    else:
        sentences.append(_("要到%(reached)s才達到目標") % values)
    return _("；").join(sentences) + _("。")


def chart_words(page: "Budget") -> tuple[str, str]:
    """Title, a question, and the line beneath: what is joined and what the fan is."""
    target = page.path.scenario.target if page.path else budget_path.TARGET
    title = _("政府科技預算什麼時候占GDP %(target)s%%？") % {"target": target_words(target)}
    sub = _("占GDP（%），縱軸不從零起；每條線只連同一基礎、同一GDP版次，沒有數的年留白")
    if page.fan:
        spread = format_number(page.form.cleaned_data["spread"])
        words = (
            _("扇形：預算與GDP的成長各差%(spread)s個百分點")
            if page.path.scenario.budget_growth is not None
            else _("扇形：GDP的成長差%(spread)s個百分點")
        )
        sub = _("%(first)s。%(second)s") % {"first": sub, "second": words % {"spread": spread}}
    return title, sub


def back_words(page: "Budget") -> str:
    """How the GDP of the year before the vintage was found, as a sum."""
    if page.back is None:
        return ""
    return _(
        "%(year)s年的GDP是回推的：%(vintage)s的%(next)s年%(after)s億元÷(1＋%(growth)s%%)"
        "＝%(gdp)s億元；%(vintage)s自%(next)s年起每年成長%(growth)s%%。"
    ) % {
        "year": page.back.year,
        "next": page.back.year + 1,
        "vintage": vintage_words(page.gdp_line),
        "after": amount(page.back.after),
        "growth": format_number(page.back.growth),
        "gdp": amount(page.back.gdp, 2),
    }


def gerd_words(page: "Budget") -> str:
    """The finding about national R&D: ours in its last year, and how many stand above."""
    if not page.gerd or not page.gerd[0][1]:
        return ""
    (home, ours), others = page.gerd[0], page.gerd[1:]
    year = max(ours)
    above = sum(1 for _name, shares in others if shares.get(year, 0) > ours[year])
    return _("%(year)s年%(home)s的全國研發經費占GDP %(share)s%%，列出的有%(above)s個比這高") % {
        "year": year,
        "home": home,
        "share": f"{ours[year]:.2f}",
        "above": above,
    }


def way_words(page: "Budget") -> str:
    given = page.form.cleaned_data
    if given["way"] == BudgetWay.GROWTH:
        return _("照每年增%(growth)s%%") % {"growth": listed(given["budget_growth"])}
    if given["way"] == BudgetWay.FIXED:
        return _("照自訂的預算")
    return _("照規劃")


def reached_words(page: "Budget") -> str:
    """In which year the scenario reaches its target, or that it never does."""
    path, given = page.path, page.form.cleaned_data
    if path.reached is None:
        if given["way"] == BudgetWay.GROWTH:
            return _("永遠到不了")
        known = [one.year for one in path.years if one.ratio is not None]
        return _("到%(year)s年還沒達到") % {"year": known[-1]} if known else "—"
    if path.reached > path.scenario.start + _FAR:
        return _("%(years)s年內到不了") % {"years": _FAR}
    return _("%(year)s年") % {"year": path.reached}


# --- numbers --------------------------------------------------------------------------------------
def share_words(share: Decimal | None, target: Decimal) -> str:
    """Two places; four where two would show a share as its target that is not."""
    if share is None:
        return "—"
    shown = f"{share:.2f}"
    return f"{share:.4f}" if shown == target_words(target) and share < target else shown


def listed(growth: str) -> str:
    """10、8、6 as typed with whatever between."""
    return "、".join(map(format_number, read_numbers(growth)))


def growth_words(growth: Decimal) -> str:
    return f"{growth:.1f}".replace("-", "−")


class Shown(NamedTuple):
    """A year of the scenario in words; "—" where a figure is missing."""

    year: int
    budget: str
    gdp: str
    ratio: str
    needed: str
    gap: str
    points: str
    even: str
    is_target: bool


def year_rows(path: Path) -> list[Shown]:
    """Every year of the scenario; gaps below zero mean more than the target wants."""
    towards = path.towards()
    return [
        Shown(
            one.year,
            amount(one.budget),
            amount(one.gdp),
            share_words(one.ratio, path.scenario.target),
            amount(one.needed),
            amount(one.gap, 1),
            amount(one.points, 3),
            amount(towards.get(one.year)),
            one.year == path.scenario.target_year,
        )
        for one in path.years
    ]


def amount(value: Decimal | None, places: int = 0) -> str:
    """1,650.2 with a real minus; "—" for what is missing. Never a minus before nothing."""
    if value is None:
        return "—"
    text = f"{round(value, places) + 0:,.{places}f}"
    return text.replace("-", "−")


def signed(value: Decimal) -> str:
    """+116, −43, 0."""
    text = amount(value)
    return f"+{text}" if value > 0 else text


def source_words(line: budget_path.Line, year: int) -> str:
    """計畫表8（160頁）, or what the administrator named."""
    if not line.place or year in line.sources:
        return line.source_of(year)
    words = _("計畫%(place)s（第%(page)s頁）") if line.page else _("計畫%(place)s")
    return words % {"place": line.place, "page": line.page}
