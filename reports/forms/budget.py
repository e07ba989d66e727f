"""Forms of the budget path: the assumptions, read from an address, and the name to save them by."""

from collections.abc import Mapping
from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from config.kit.errors import Invalid
from config.kit.forms import NumberField, WholeNumberField, format_number
from config.kit.roc import format_date
from plan.assumptions import LAST_YEAR, assemble, validate_amounts, validate_growth
from plan.budget_path import TARGET, BudgetLine, GdpLine, Scenario, with_year_before
from plan.enums import BudgetBasis, BudgetWay, GdpStatus, Special
from plan.models.scenario import PARAMETERS
from plan.money import Money
from reports.forms.reviews import MarkedForm


def basis_words(line: BudgetLine) -> str:
    """法定, 法定（含前瞻特別預算）; the line's own name where it has no basis."""
    words = str(BudgetBasis(line.basis).label) if line.basis else line.name
    if line.special == Special.INCLUDED:
        return str(_("%(basis)s（含前瞻）")) % {"basis": words}
    return words


def vintage_words(line: GdpLine) -> str:
    """計畫表8, or the release: 主計總處 112-11-28修正."""
    if line.place:
        return str(_("計畫%(place)s")) % {"place": line.place}
    status = str(GdpStatus(line.status).label) if line.status else ""
    day = format_date(line.vintage) if line.vintage else ""
    return f"{line.name} {day}{status}".strip()


class AssumptionsForm(MarkedForm):
    """Bound to an address: what it leaves out is the plan's own path. `scenario` once valid."""

    origin = forms.ChoiceField(label=_("從哪一年的預算起"))
    gdp = forms.ChoiceField(label=_("GDP用哪一版"))
    gdp_growth = forms.CharField(
        label=_("GDP每年成長"), max_length=120, validators=[validate_growth]
    )
    way = forms.ChoiceField(
        label=_("預算怎麼走"), choices=BudgetWay.choices, widget=forms.RadioSelect
    )
    budget_growth = forms.CharField(
        label=_("預算每年成長"), max_length=120, validators=[validate_growth]
    )
    fixed = forms.CharField(
        label=_("逐年自訂的預算"), max_length=300, required=False, validators=[validate_amounts]
    )
    target = NumberField(label=_("目標占比"), max_digits=5, decimal_places=3, max_value=10)
    target_year = WholeNumberField(label=_("目標年"), min_value=1, max_value=LAST_YEAR)
    spread = NumberField(
        label=_("扇形：成長率各加減"), max_digits=4, decimal_places=2, min_value=0, max_value=10
    )

    def __init__(self, given: Mapping, money: Money) -> None:
        self.money = money
        self.scenario: Scenario | None = None
        super().__init__(data=_filled(given, money), auto_id="id_%s")
        self.fields["origin"].choices = [
            (f"{line.code}:{year}", f"{year}年{basis_words(line)} {amount:,f}億元")
            for line in money.budgets
            for year, amount in sorted(line.amounts.items())
            if any(year in with_year_before(gdp) for gdp in money.gdp)
        ]
        self.fields["gdp"].choices = [(line.code, vintage_words(line)) for line in money.gdp]
        for name in ("gdp_growth", "budget_growth"):
            self.fields[name].widget.attrs["inputmode"] = "decimal"

    def clean(self) -> dict:
        given = super().clean()
        if not self.errors:
            try:
                self.scenario = assemble(
                    given, self.money.budgets, self.money.gdp, self.money.planned
                )
            except Invalid as refusal:
                self.mark(refusal.errors)
        return given

    @property
    def parameters(self) -> dict:
        """What was asked for, as text, for another address of the same scenario."""
        return {name: self.data[name] for name in PARAMETERS}


def own_path(money: Money) -> dict:
    """The plan's own path as parameters. Needs `money.planned` and `money.own_gdp`."""
    planned, gdp = money.planned, money.own_gdp
    return {
        "origin": f"{planned.code}:{planned.years[0]}",
        "gdp": gdp.code,
        "gdp_growth": str(gdp.assumed if gdp.assumed is not None else 0),
        "way": BudgetWay.PLANNED.value,
        "budget_growth": "5",
        "fixed": "",
        "target": str(TARGET),
        "target_year": str(planned.years[-1]),
        "spread": "1",
    }


def _filled(given: Mapping, money: Money) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, usual in own_path(money).items():
        value = given.get(name)
        if isinstance(value, Decimal):
            value = format_number(value)
        data[name] = usual if value in (None, "") else str(value)
    return data


class SaveForm(MarkedForm):
    """A name for the scenario."""

    name = forms.CharField(label=_("名稱"), max_length=60)
    note = forms.CharField(label=_("說明"), max_length=500, required=False)
