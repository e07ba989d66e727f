"""One content has one text, and one digest."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.canonical import (
    CanonicalEncoder,
    canonical,
    date_text,
    decimal_text,
    digest,
    digest_of_lines,
)

CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_the_text_is_sorted_without_blanks_and_in_its_own_characters():
    assert canonical({"b": [1, None, True], "a": "堃"}) == '{"a":"堃","b":[1,null,true]}'


def test_the_digest_is_sha_256_of_the_text():
    assert digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()
    assert len(digest("")) == 64


@given(st.dictionaries(st.text(), CONTENT))
def test_the_order_of_keys_does_not_matter(content):
    backwards = dict(reversed(content.items()))
    assert digest(content) == digest(backwards)
    assert CanonicalEncoder().encode(content) == canonical(content)


def test_the_order_of_lines_does():
    assert digest_of_lines([("a", "1"), ("b", "2")]) != digest_of_lines([("b", "2"), ("a", "1")])


@pytest.mark.parametrize("content", [date(2022, 1, 1), Decimal("1"), {1, 2}, b"x"])
def test_what_has_no_one_text_is_refused(content):
    with pytest.raises(TypeError):
        canonical(content)


def test_no_number_without_an_end():
    with pytest.raises(ValueError):
        canonical(float("nan"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("2"), "2.0000"),
        (Decimal("2.50"), "2.5000"),
        (0, "0.0000"),
        (Decimal("1E+3"), "1000.0000"),
        (Decimal("-0.00004"), "0.0000"),
        (None, None),
    ],
)
def test_numbers_have_a_fixed_scale(value, text):
    assert decimal_text(value) == text


def test_dates_are_iso():
    assert date_text(date(2022, 7, 27)) == "2022-07-27"
    assert date_text(None) is None
