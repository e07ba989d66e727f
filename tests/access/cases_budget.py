"""What is asked of each address of the budget path: the public reads and works out, whoever is
signed in saves, and only the owner deletes.
"""

from plan.actions import scenarios
from plan.models import Scenario, Series
from reports.forms.budget import own_path
from reports.pages.budget import money
from tests.access.cases_reports import Case
from tests.reports.money_world import make_money
from tests.world import World


def with_money(*args: object) -> object:
    def place(world: World) -> list:
        if not Series.objects.filter(code="budget-planned").exists():
            make_money(world.plan)
        return list(args)

    return place


def saved(world: World) -> list:
    """A scenario that the officer of 甲部 saved."""
    with_money()(world)
    row = Scenario.objects.first()
    if row is None:
        given = own_path(money.read(world.plan))
        row = scenarios.save(world.plan, name="一個情境", note="", by=world.officer_a, **given)
    return [row.address]


CASES: dict[str, dict[str, Case]] = {
    "budget": {"": Case(with_money())},
    "budget-figure": {"": Case(with_money())},
    "budget-gerd-figure": {"": Case(with_money())},
    "budget-table": {
        form: Case(with_money(part, form)) for part, form in (("path", "csv"), ("gerd", "ods"))
    },
    "budget-compare": {"": Case(with_money())},
    "budget-compare-figure": {"": Case(with_money())},
    "budget-compare-table": {"": Case(with_money("csv"))},
    "budget-save": {"": Case(with_money(), post=lambda world: {"name": "另一個情境"})},
    "budget-scenario": {"": Case(saved)},
    "budget-delete": {"": Case(saved)},
}
