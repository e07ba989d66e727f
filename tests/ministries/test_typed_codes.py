"""A code is taken as the app shows it, as an input method types it, as a program fills it in."""

import re

import pytest
from django.test import Client
from django.urls import reverse

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


def test_a_program_may_fill_it_in(people, settings):
    """The field says what it asks for, and nothing forbids to paste (WCAG 3.3.8)."""
    settings.SECOND_FACTOR_FOR = ["reviewer"]
    sign_in(first := Client(), people.reviewer.email)
    set_up_app(first)
    other = Client()
    page = other.post(reverse("account_login"), {
        "login": people.reviewer.email, "password": PASSWORD,
    }, follow=True).content.decode()  # fmt: skip
    (field,) = re.findall(r'<input[^>]*name="code"[^>]*>', page)
    assert 'autocomplete="one-time-code"' in field
    assert not re.search(r"\bon(paste|copy|drop)=", page)
