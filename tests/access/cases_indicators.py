"""What is asked of the pages on which a definition is replaced and a set is copied."""

from plan.models import Indicator
from tests.access.cases_reports import PROPOSAL, Case, approved_indicator, nothing

CASES = {
    "indicator-redefine": {
        "": Case(
            approved_indicator,
            post=lambda world: {
                **{key: value for key, value in PROPOSAL.items() if key != "value_111"},
                "ministry": world.alpha.pk,
                "seen_revision": Indicator.objects.get(name="核定的指標").revision,
                "from_year": 112,
                "value_112": "5",
            },
        )
    },
    "indicator-copy": {"": Case(nothing)},
}
