"""Formulas of calculated indicators: read, checked and computed without ever running code.

    sum     = product {("+" | "-") product}
    product = factor {("×" | "÷") factor}
    factor  = "-" factor | "(" sum ")" | number | name

`*` and `/` stand for × and ÷. A name is the code letter of another indicator of the same measure
(A, B … Z, AA). Full-width characters and small letters are taken as what they mean. Arithmetic is
Decimal; division by zero and a missing number make the whole unknown, which is None.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

from django.utils.translation import gettext as _

LONGEST = 200
DEEPEST = 20  # brackets and minus signs within each other
SCALE = Decimal("0.0001")
MOST = Decimal(10) ** 16  # what a column of 20 digits with 4 decimals holds
DIGITS = 100
# What is left of a divisor that is zero, as in 1 ÷ 3 × 3 − 1; no figure is that small.
NOTHING = Decimal(1).scaleb(-50)

_TOKEN = re.compile(r"(?P<number>[0-9]{1,15}(?:\.[0-9]{1,6})?)|(?P<name>[A-Z]{1,2})|[-+×÷()]")
_SAME = str.maketrans({"*": "×", "/": "÷", "−": "-", "–": "-", "—": "-", "∗": "×", "∕": "÷"})


class FormulaError(ValueError):
    """What is wrong with a formula, as a sentence for the person who wrote it."""


class Operation(NamedTuple):
    """Two parts joined by `+`, `-`, `×` or `÷`; minus one part is 0 − part."""

    sign: str
    left: "Node"
    right: "Node"


Node = Decimal | str | Operation


class Token(NamedTuple):
    kind: str  # number, name, sign
    text: str


def letter(ordinal: int) -> str:
    """The code letter of the n-th indicator: A … Z, AA, AB … ZZ."""
    first, last = divmod(ordinal - 1, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def parse(text: str) -> Node:
    """The formula as a tree; FormulaError where it is none."""
    if len(text) > LONGEST:
        raise FormulaError(_("算式最多%(count)d個字。") % {"count": LONGEST})
    reader = _Reader(list(_tokens(text)))
    if reader.next is None:
        raise FormulaError(_("算式是空的。"))
    node = reader.sum(0)
    if reader.next is not None:
        raise FormulaError(_("「%(text)s」不該在這裡。") % {"text": reader.next.text})
    return node


def names(node: Node) -> set[str]:
    """Code letters that the formula asks for."""
    if isinstance(node, Operation):
        return names(node.left) | names(node.right)
    return {node} if isinstance(node, str) else set()


def plain(text: str) -> str:
    """The formula as it is kept: one blank around signs, × and ÷."""
    parts = [
        f" {token.text} " if token.text in ("+", "-", "×", "÷") else token.text
        for token in _tokens(text)
    ]
    return "".join(parts).replace("  ", " ").replace("( ", "(").strip()


def renamed(text: str, letters: Mapping[str, str]) -> str:
    """The formula with other code letters; KeyError for one that `letters` doesn't know."""
    return plain(
        " ".join(
            letters[token.text] if token.kind == "name" else token.text for token in _tokens(text)
        )
    )


def evaluate(node: Node, values: Mapping[str, Decimal | None]) -> Decimal | None:
    """The value to four decimals; None where a number is missing, a divisor is zero, or the result
    is too large to be kept.
    """
    with localcontext(prec=DIGITS):
        found = _compute(node, values)
        if found is None or abs(found) >= MOST:
            return None
        return found.quantize(SCALE, ROUND_HALF_UP)


def circle(uses: Mapping[str, set[str]]) -> list[str]:
    """A way round where formulas ask for each other (["A", "B", "A"]); empty where there is none.

    `uses` is {letter: letters that its formula asks for}; letters without a formula may be missing.
    """
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(uses.get(name, ())):
            if found := walk(other, [*way, name]):
                return found
        done.add(name)
        return []

    for name in sorted(uses):
        if found := walk(name, []):
            return found
    return []


def _tokens(text: str) -> Iterator[Token]:
    text = unicodedata.normalize("NFKC", text).upper().translate(_SAME)
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        found = _TOKEN.match(text, place)
        if found is None:
            raise FormulaError(
                _("看不懂「%(text)s」：算式只能有指標代號、數字、＋－×÷和括號。")
                % {"text": text[place]}
            )
        yield Token(found.lastgroup or "sign", found.group())
        place = found.end()


class _Reader:
    """Reads tokens from the left; each method takes what it is named after."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def next(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, *signs: str) -> str:
        """The next token where it is one of these signs, else ""."""
        token = self.next
        if token is None or token.kind != "sign" or token.text not in signs:
            return ""
        self.place += 1
        return token.text

    def sum(self, depth: int) -> Node:
        node = self.product(depth)
        while sign := self.take("+", "-"):
            node = Operation(sign, node, self.product(depth))
        return node

    def product(self, depth: int) -> Node:
        node = self.factor(depth)
        while sign := self.take("×", "÷"):
            node = Operation(sign, node, self.factor(depth))
        return node

    def factor(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise FormulaError(_("括號或負號太多層，最多%(count)d層。") % {"count": DEEPEST})
        if self.take("-"):
            return Operation("-", Decimal(0), self.factor(depth + 1))
        if self.take("("):
            node = self.sum(depth + 1)
            if not self.take(")"):
                raise FormulaError(_("少了一個右括號。"))
            return node
        token = self.next
        if token is None:
            raise FormulaError(_("算式沒有寫完。"))
        if token.kind == "sign":
            raise FormulaError(_("「%(text)s」前面少了數字或指標代號。") % {"text": token.text})
        self.place += 1
        return Decimal(token.text) if token.kind == "number" else token.text


def _compute(node: Node, values: Mapping[str, Decimal | None]) -> Decimal | None:
    if isinstance(node, str):
        return values.get(node)
    if not isinstance(node, Operation):
        return node
    left, right = _compute(node.left, values), _compute(node.right, values)
    if left is None or right is None:
        return None
    match node.sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "×":
            return left * right
        case _:
            return left / right if abs(right) > NOTHING else None
