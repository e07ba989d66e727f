"""schemathesis asks the API what its description allows and much that it doesn't, and checks that
every answer is one that is described; against the WSGI application, in the small world.

Each operation is asked by everybody and with a token that may write. `--deep` asks more.
"""

import contextlib
from datetime import timedelta

import pytest
import schemathesis
from django.db import transaction
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup

from config.wsgi import application
from ministries.actions.tokens import create_token
from ministries.enums import TokenScope

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

load_all_checks()
# A code that no row bears is well formed, and refused all the same; what everybody may read needs
# no authentication.
LEFT_OUT = {"positive_data_acceptance", "ignored_auth"}
ASKED = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]
SCHEMA = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
SCHEMA.app = application
OPERATIONS = {result.ok().label: result.ok() for result in SCHEMA.get_all_operations()}
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


@pytest.fixture
def tokens(published_world, one_connection) -> list[str | None]:
    """Nobody's, and one of a reviewer."""
    _row, secret = create_token(
        name="schemathesis",
        scopes=TokenScope.values,
        expires_on=timezone.localdate() + timedelta(days=2),
        by=published_world.reviewer,
    )
    return [None, secret]


def ask(operation, tokens: list[str | None], examples: int) -> None:
    """Some questions as they are described and as many that break the description."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=QUIET,
        phases=[Phase.explicit, Phase.generate],
    )
    def question(case) -> None:
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            with transaction.atomic():
                case.call_and_validate(headers=headers, checks=ASKED)
                transaction.set_rollback(True)

    for mode in GenerationMode:
        with contextlib.suppress(Unsatisfiable):  # nothing breaks what has no parameters
            given(case=operation.as_strategy(generation_mode=mode))(question)()


def failures(tokens: list[str | None], examples: int) -> list[str]:
    """All operations in one world: to make it takes longer than to ask."""
    found = []
    for label, operation in OPERATIONS.items():
        try:
            ask(operation, tokens, examples)
        except (FailureGroup, Failure) as failure:
            found.append(f"{label}: {failure}")
    return found


def test_every_answer_is_one_that_is_described(tokens):
    assert failures(tokens, examples=3) == []


@pytest.mark.deep
def test_every_answer_to_many_questions_is_described(tokens):
    assert failures(tokens, examples=40) == []
