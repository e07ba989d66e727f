"""What is asked of a goal's page and its charts: of a year that is not released, the public gets
none.
"""

from tests.access.cases_reports import RELEASED, Case
from tracking.enums import Status


def chart(name: str, status: str = "") -> Case:
    return Case(lambda world: ["1", name], status)


CASES: dict[str, dict[str, Case]] = {
    "goal": {"": Case(lambda world: ["1"])},
    "goal-figure": {
        "filing": chart("filing"),
        "accepted": chart("parts", Status.ACCEPTED),
        "released": chart("parts", RELEASED),
    },
}
