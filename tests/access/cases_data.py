"""What is asked of open data, of one's own tokens, and of the API's newer lists."""

from datetime import timedelta

from django.utils import timezone

from ministries.actions import tokens
from ministries.enums import TokenScope
from ministries.models import ApiToken
from tests.access.cases_figures import of_series
from tests.access.cases_reports import PLAIN, Case, approved_indicator
from tests.world import World


def a_token(world: World) -> list:
    """One of the officer of 甲部; nobody else knows that it is there."""
    row = ApiToken.objects.filter(owner=world.officer_a).first()
    if row is None:
        expires_on = timezone.localdate() + timedelta(days=30)
        row, _secret = tokens.create_token(
            name="匯出", scopes=[TokenScope.READ], expires_on=expires_on, by=world.officer_a
        )
    return [row.pk]


def no_review(world: World) -> list:
    """None is published."""
    return [1]


CASES: dict[str, dict[str, Case]] = {
    "data": {"": PLAIN},
    "data-catalog": {"": PLAIN},
    "dataset": {"": Case(lambda world: ["reports"])},
    "dataset-file": {"": Case(lambda world: ["reports", "csv"])},
    "token-list": {"": PLAIN},
    "token-create": {
        "": Case(
            lambda world: [],
            post=lambda world: {"name": "匯出", "scopes": ["read"], "days": "30"},
        )
    },
    "token-revoke": {"": Case(a_token)},
    "api-indicator-detail": {"": Case(approved_indicator)},
    "api-indicator-list": {"": PLAIN},
    "api-series-detail": {"": Case(of_series())},
    "api-series-list": {"": PLAIN},
    "api-review-detail": {"": Case(no_review)},
    "api-review-lines": {"": Case(no_review)},
    "api-review-list": {"": PLAIN},
}
