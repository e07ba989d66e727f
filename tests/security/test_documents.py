"""What docs/security says stands: no number is missing, and what is named as proof exists."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASVS = ROOT / "docs/security/asvs.md"
THREATS = ROOT / "docs/security/threat-model.md"
ROW = re.compile(r"\| ([0-9.]+) \| ([12]) \| (.+?) \| (met|not applicable|open) \| (.+) \|")
# Requirements of levels 1 and 2 in each chapter of ASVS 5.0.0.
PER_CHAPTER = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9,
               13: 13, 14: 9, 15: 13, 16: 16, 17: 7}  # fmt: skip


def rows() -> list[tuple[str, ...]]:
    lines = ASVS.read_text(encoding="utf-8").splitlines()
    found = [ROW.fullmatch(line) for line in lines if re.match(r"\| \d", line)]
    assert None not in found, "a row has a column too many, or none of the three states"
    return [one.groups() for one in found]


def test_every_requirement_of_both_levels_stands_there_once_and_in_order():
    numbers = [tuple(map(int, number.split("."))) for number, *_rest in rows()]
    assert all(before < after for before, after in pairwise(numbers))
    counted = {chapter: sum(one[0] == chapter for one in numbers) for chapter in PER_CHAPTER}
    assert counted == PER_CHAPTER
    assert len(numbers) == sum(PER_CHAPTER.values())


def test_the_sums_above_the_table_are_those_of_the_table():
    head = ASVS.read_text(encoding="utf-8").split("## 1 ")[0]
    states = [state for _number, _level, _what, state, _why in rows()]
    counted = [states.count(state) for state in ("met", "not applicable", "open")]
    assert [int(sum_) for sum_ in re.findall(r":\s(\d+)\.", head)] == counted


@pytest.mark.parametrize("document", [ASVS, THREATS], ids=lambda path: path.stem)
def test_every_file_that_is_named_exists(document):
    text = document.read_text(encoding="utf-8")
    named = set(
        re.findall(r"`([A-Za-z_][\w.-]*(?:/[\w.-]+)+|Dockerfile|requirements\.lock)`", text)
    )
    assert len(named) > 10
    assert {name for name in named if not (ROOT / name).exists()} == set()
    for target in re.findall(r"\]\(([^)h][^)]*)\)", text):
        assert (document.parent / target).exists(), target
