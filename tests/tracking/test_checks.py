"""What blocks a submission and what is only worth a second look: pure, without a database."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import LATE, WHOLE
from tracking.checks import Actual, Money, ReportData, problems, warnings
from tracking.enums import LATE_LIGHTS, Light
from tracking.parts import FIELDS, WRITABLE_FIELDS, part_of

TODAY = date(2023, 2, 1)
LEAD = {"role": "lead", "coordinating": True, "today": TODAY}
LATE_WHOLE = {**LATE, "catch_up_on": date(2023, 6, 30)}


def keys(**fields) -> set[str]:
    return set(problems(ReportData(**{**LEAD, **fields})))


@pytest.mark.parametrize("fields", [WHOLE, LATE_WHOLE])
def test_a_whole_report_has_no_problem(fields):
    assert keys(**fields) == set()


def test_a_blank_report_owes_what_its_role_owes():
    assert keys() == {"light", "completion", "work_done"}
    assert keys(coordinating=False) == {"light", "work_done"}
    assert keys(coordinating=False, role="partner") == {"work_done"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # The four that real systems make.
        ({**LATE_WHOLE, "cause": ""}, {"cause"}),
        ({**WHOLE, "cause": "site"}, {"cause"}),
        ({**WHOLE, "completion": 100}, {"completed_on"}),
        ({**WHOLE, "money": (Money("a", 10, 11),)}, {"money_0_spent_thousand"}),
        # Their kin.
        ({**LATE_WHOLE, "obstacle": "", "response": ""}, {"obstacle", "response"}),
        ({**LATE_WHOLE, "catch_up_on": None}, {"catch_up_on"}),
        ({**WHOLE, "completed_on": date(2022, 12, 1)}, {"completed_on"}),
        ({**WHOLE, "completion": 100, "completed_on": date(2023, 2, 2)}, {"completed_on"}),
        ({**WHOLE, "light": Light.DONE}, {"completion"}),
        ({**WHOLE, "nothing_reason": "沒有預算。"}, {"nothing_reason"}),
        ({**WHOLE, "money": (Money("a", 10, 10), Money("b", 5, None))}, {"money_1_spent_thousand"}),
        # Nothing to report needs a reason and says nothing else.
        ({"nothing_to_report": True}, {"nothing_reason"}),
        ({"nothing_to_report": True, "nothing_reason": "本年度未編預算。"}, set()),
        (
            {"nothing_to_report": True, "nothing_reason": "無。", "work_done": "有。"},
            {"nothing_to_report"},
        ),
    ],
)
def test_contradictions_stand_at_their_field(fields, expected):
    assert keys(**fields) == expected


@pytest.mark.parametrize(
    ("actual", "note", "due", "asked"),
    [
        (None, "", True, True),
        (None, "統計尚未公布。", True, False),
        (Decimal(0), "", True, False),
        (None, "", False, False),
    ],
)
def test_an_indicator_wants_a_number_or_why_there_is_none(actual, note, due, asked):
    row = Actual(7, "人次", actual, note, due)
    assert keys(**WHOLE, actuals=(row,)) == ({"indicator_7_actual"} if asked else set())


@given(
    light=st.sampled_from(["", *Light.values]),
    completion=st.none() | st.integers(0, 100),
    cause=st.sampled_from(["", "site"]),
)
def test_late_and_cause_go_together_whatever_else_is_said(light, completion, cause):
    found = keys(light=light, completion=completion, cause=cause, work_done="做了。")
    assert ("cause" in found) == ((light in LATE_LIGHTS) != bool(cause))


def test_warnings_block_nothing():
    data = ReportData(**LEAD, **{**WHOLE, "benefit": "", "next_steps": ""})
    assert problems(data) == {}
    assert set(warnings(data)) == {"benefit", "next_steps", "money", "evidence"}


def test_done_says_what_will_follow():
    data = ReportData(
        **LEAD, **{**WHOLE, "light": Light.DONE, "completion": 100, "completed_on": TODAY}
    )
    assert problems(data) == {}
    assert "不適用" in warnings(data)["light"][0]


def test_every_field_and_every_key_of_a_problem_has_one_part():
    assert len(WRITABLE_FIELDS) == len(set(WRITABLE_FIELDS))
    assert {part_of(name) for name in WRITABLE_FIELDS} == set(FIELDS)
    assert part_of("indicator_7_actual") == "indicators"
    assert part_of("money_0_source") == part_of("money") == "money"
    assert part_of("evidence") == "evidence"
