"""Formulas of calculated indicators: what is read, what is refused, and what comes out."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan import formula


def value(text: str, **values) -> Decimal | None:
    known = {name: None if number is None else Decimal(number) for name, number in values.items()}
    return formula.evaluate(formula.parse(text), known)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A + B × 2", "16"),
        ("(A + B) × 2", "20"),
        ("A − B − 1", "-3"),
        ("A ÷ B ÷ 2", "0.3333"),
        ("-A + 10", "6"),
        ("--A", "4"),
        ("2×-B", "-12"),
        ("ａ ＋ ｂ", "10"),
        ("A*B/2", "12"),
        ("（A＋B）÷３", "3.3333"),
        ("A ÷ B × 100", "66.6667"),
        ("0.5×a", "2"),
    ],
)
def test_signs_bind_as_in_school(text, expected):
    assert value(text, A="4", B="6") == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A ÷ B", {"A": "1", "B": "0"}),
        ("A ÷ (B − B)", {"A": "1", "B": "7"}),
        ("A ÷ B", {"A": "1", "B": None}),
        ("A + B", {"A": "1"}),
        ("A × 0 + B", {"A": "1"}),
        ("0 ÷ (A ÷ 3 × 3 − A)", {"A": "1"}),
        ("A × A", {"A": "9999999999999999"}),
    ],
)
def test_what_cannot_be_known_is_unknown(text, values):
    assert value(text, **values) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "A +", "+ A", "A B", "2 A", "A)", "(A", "()", "A ÷÷ B", "A ^ 2", "ABC", "A.B",
        "__import__('os')", "A; B", "甲 + 1", "1.2.3", "A" + "+A" * 120, "(" * 30 + "A" + ")" * 30,
        "-" * 30 + "A", "1e9", "A if B else C", "A²²²+!",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(text):
    with pytest.raises(formula.FormulaError) as refusal:
        formula.parse(text)
    assert str(refusal.value).endswith("。")


def test_names_and_spelling():
    assert formula.names(formula.parse("(A + aa) ÷ B")) == {"A", "AA", "B"}
    assert formula.plain("(a+ B)*2/ －c") == "(A + B) × 2 ÷ - C"
    assert formula.renamed("A ÷ B × 100", {"A": "B", "B": "A"}) == "B ÷ A × 100"
    with pytest.raises(KeyError):
        formula.renamed("A + C", {"A": "B"})
    assert [formula.letter(n) for n in (1, 26, 27, 52, 53)] == ["A", "Z", "AA", "AZ", "BA"]


def test_circles_are_named():
    assert formula.circle({"A": {"B"}, "B": {"C"}, "C": {"A"}}) == ["A", "B", "C", "A"]
    assert formula.circle({"A": {"A"}}) == ["A", "A"]
    assert formula.circle({"A": {"B", "C"}, "B": {"C"}}) == []


# --- against another arithmetic -------------------------------------------------------------------
NAMES = ("A", "B", "C")
NUMBERS = st.decimals(-10000, 10000, places=4, allow_nan=False)


def exactly(node: formula.Node, values: dict[str, Decimal]) -> Fraction | None:
    if isinstance(node, str):
        return Fraction(values[node])
    if isinstance(node, Decimal):
        return Fraction(node)
    left, right = exactly(node.left, values), exactly(node.right, values)
    if left is None or right is None or (node.sign == "÷" and right == 0):
        return None
    return {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "×": lambda: left * right,
        "÷": lambda: left / right,
    }[node.sign]()


def texts() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(NAMES) | st.integers(0, 999).map(str) | st.just("0.25")
    return st.recursive(
        leaves,
        lambda inner: (
            st.tuples(inner, st.sampled_from("+-×÷"), inner).map(" ".join)
            | inner.map(lambda text: f"({text})")
            | inner.map(lambda text: f"-({text})")
        ),
        max_leaves=8,
    ).filter(lambda text: len(text) <= formula.LONGEST)


@given(texts(), st.fixed_dictionaries(dict.fromkeys(NAMES, NUMBERS)))
def test_it_computes_what_fractions_compute(text, values):
    try:
        node = formula.parse(text)
    except formula.FormulaError:
        assert text.count("(") > formula.DEEPEST
        return
    found, exact = formula.evaluate(node, values), exactly(node, values)
    if exact is None:
        assert found is None
        return
    if abs(exact) >= formula.MOST - 1:
        return
    assert found is not None
    assert abs(Fraction(found) - exact) <= Fraction(1, 10**4) / 2 + Fraction(1, 10**30)


@given(texts())
def test_its_spelling_means_the_same(text):
    try:
        node = formula.parse(text)
    except formula.FormulaError:
        return
    assert formula.parse(formula.plain(text)) == node


@given(st.text(max_size=60))
def test_no_text_does_anything_but_be_read_or_refused(text):
    with suppress(formula.FormulaError):
        formula.parse(text)
