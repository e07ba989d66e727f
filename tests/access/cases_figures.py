"""What is asked of each address of figures: one series with the value of one year."""

from decimal import Decimal

from plan.actions import figures
from plan.enums import SeriesSubject
from plan.models import Series, SeriesValue
from tests.access.cases_reports import PLAIN, Case, nothing
from tests.world import World

CODE, YEAR = "trees", 111
GIVEN = {
    "code": CODE,
    "subject": SeriesSubject.OTHER,
    "name": "苗木",
    "unit": "株",
    "source": "苗圃",
}


def a_value(world: World) -> SeriesValue:
    """The value of the year, entered by the administrator; each case is taken back after it."""
    series = Series.objects.filter(code=CODE).first()
    if series is not None:
        return series.values.get()
    series = figures.add_series(world.plan, **GIVEN, by=world.administrator)
    return figures.enter(series, YEAR, Decimal(5), by=world.administrator)


def of_series(*rest: object) -> object:
    return lambda world: [a_value(world).series.code, *rest]


CASES: dict[str, dict[str, Case]] = {
    "figures": {"": PLAIN},
    "figures-csv": {"": PLAIN},
    "figures-ods": {"": PLAIN},
    "figures-mismatches": {"": PLAIN},
    "figures-import": {"": PLAIN},
    "series": {"": Case(of_series())},
    "series-figure": {"": Case(of_series())},
    "series-add": {
        "": Case(nothing, post=lambda world: {**GIVEN, "code": "more", "plan": world.plan.pk})
    },
    "series-enter": {
        "": Case(of_series(), post=lambda world: {"year": YEAR + 1, "amount": "6"})
    },
    "series-correct": {
        "": Case(
            of_series(YEAR),
            post=lambda world: {
                "seen": a_value(world).pk, "amount": "6", "reason": "苗圃重新數過一次，多一株。",
            },
        )
    },
}  # fmt: skip
