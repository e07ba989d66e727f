"""A code is taken as the app shows it, with a blank, and as an input method types it."""

import pytest
from django.test import Client

from tests.ministries.conftest import PASSWORD
from tests.ministries.second_factors import code_of, second_step, set_up_app
from tests.ministries.test_sign_in import sign_in, signed_in

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    "typed", [lambda code: f" {code[:3]} {code[3:]} ", lambda code: code.translate(WIDE)]
)
def test_a_code_may_be_typed_as_it_is_shown(people, settings, typed):
    settings.SECOND_FACTOR_FOR = ["reviewer"]
    sign_in(first := Client(), people.reviewer.email)
    secret, _unused = set_up_app(first)
    sign_in(other := Client(), people.reviewer.email, PASSWORD)
    assert not signed_in(other)
    second_step(other, typed(code_of(secret, 1)))
    assert signed_in(other)
