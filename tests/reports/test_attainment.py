"""The arithmetic of a review: literal examples, and what must hold for any plan."""

import copy
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import attainment
from reports.calculation import default_rules
from reports.explained import explain

YEARS = (110, 111, 112, 113)


@dataclass
class FakeLine:
    year: int
    measure_code: str
    ministry_code: str
    content: dict
    kind: str = "report"
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = f"{self.year}/{self.measure_code}/{self.ministry_code}"


def value(actual, target, **more) -> dict:
    return {
        "owner": "moe",
        "indicator": "培育人數",
        "unit": "人",
        "kind": "quantity",
        "accumulation": "yearly",
        "direction": "higher",
        "target": target,
        "low": None,
        "high": None,
        "actual": actual,
        "note": "",
        **more,
    }


def told(code="1.1.1.1", year=113, ministry="moe", *, values=(), coordinating=True, **more):
    """An accepted report."""
    content = {
        "role": "lead",
        "light": "on_track",
        "completion": 80,
        "cause": "",
        "sub_cause": "",
        "coordinating": coordinating,
        "values": list(values),
        **more,
    }
    return FakeLine(year, code, ministry, content)


def gap(code="1.1.1.1", year=113, ministry="moe", state="overdue", *, values=(), **more):
    content = {"role": "lead", "coordinating": True, "state": state, "values": list(values), **more}
    return FakeLine(year, code, ministry, content, kind="gap")


NAMES = {"goal": "目標", "sub_goal": "子目標", "strategy": "策略", "measure": "措施"}


def head(*codes: str, ministries: dict | None = None, overrides: dict | None = None) -> dict:
    """A tree for measures such as 1.2.3.4, in their order."""
    goals: dict[str, dict] = {}
    for code in codes or ("1.1.1.1",):
        a, b, c, _d = code.split(".")
        goal = goals.setdefault(a, {})
        goal.setdefault(f"{a}.{b}", {}).setdefault(f"{a}.{b}.{c}", []).append({"code": code})
    tree = [
        {
            "code": goal,
            "sub_goals": [
                {
                    "code": sub_goal,
                    "implicit": False,
                    "strategies": [
                        {"code": strategy, "measures": measures}
                        for strategy, measures in strategies.items()
                    ],
                }
                for sub_goal, strategies in sub_goals.items()
            ],
        }
        for goal, sub_goals in goals.items()
    ]
    return {"tree": tree, "ministries": ministries or {}, "overrides": overrides or {}}


def measure(*lines, rules=None, **about) -> dict:
    found = attainment.standing(head(**about), rules or default_rules(), lines)
    return found["measures"]["1.1.1.1"]


# --- indicators -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("about", "years", "reached"),
    [
        # Sum of yearly values: (40 + 60) ÷ (50 + 150).
        ({}, {110: ("40", "50"), 111: ("60", "150")}, "50.0000"),
        # The last of cumulative ones: 90 ÷ 120.
        ({"accumulation": "cumulative"}, {110: ("60", "50"), 111: ("90", "120")}, "75.0000"),
        # The mean of ratios: (30 + 50) ÷ 2 over (40 + 60) ÷ 2.
        ({"kind": "ratio"}, {110: ("30", "40"), 111: ("50", "60")}, "80.0000"),
        # Yes and no, as 1 and 0: one year of two.
        ({"kind": "yes_no"}, {110: ("1", "1"), 111: ("0", "1")}, "50.0000"),
        # Lower is better: 30 ÷ 40.
        ({"direction": "lower"}, {110: ("20", "15"), 111: ("20", "15")}, "75.0000"),
        # More than the target counts as 100.
        ({}, {110: ("400", "50")}, "100.0000"),
        # A third, rounded.
        ({}, {110: ("1", "3")}, "33.3333"),
        # One unknown year that is needed: unknown; not needed: known.
        ({}, {110: (None, "50"), 111: ("60", "60")}, None),
        ({"accumulation": "cumulative"}, {110: (None, "50"), 111: ("60", "60")}, "100.0000"),
        ({"accumulation": "cumulative"}, {110: ("50", "50"), 111: (None, "60")}, None),
        # A year without a target is not asked for.
        ({}, {110: ("500", None), 111: ("30", "60")}, "50.0000"),
        ({}, {110: ("500", None)}, None),
        # A share of nothing has no meaning.
        ({}, {110: ("5", "0")}, None),
    ],
)
def test_an_indicator_over_the_years(about, years, reached):
    lines = [
        told(year=year, values=[value(actual, target, **about)])
        for year, (actual, target) in years.items()
    ]
    assert attainment.indicators_of(lines)[0]["attainment"] == reached
    node = measure(*lines)
    assert node["attainment"] == reached
    assert node["basis"] == "indicators"
    assert node["indicators"] == {"known": int(reached is not None), "unknown": int(not reached)}


@pytest.mark.parametrize(("actual", "reached"), [("90", "100.0000"), ("80", "0.0000")])
def test_an_indicator_within_a_range(actual, reached):
    row = value(actual, None, direction="within", kind="ratio", low="85", high="95")
    assert measure(told(values=[row]))["attainment"] == reached


def test_a_missing_report_makes_a_sum_unknown():
    lines = [
        told(year=112, values=[value("50", "50")]),
        gap(year=113, values=[value(None, "60")]),
    ]
    node = measure(*lines)
    assert (node["attainment"], node["unknown"]) == (None, 1)


def test_an_indicator_goes_on_under_a_renamed_ministry():
    lines = [
        told(year=112, ministry="most", values=[value("40", "50", owner="most")]),
        told(year=113, ministry="nstc", values=[value("60", "50", owner="most")]),
    ]
    assert len(attainment.indicators_of(lines)) == 1
    assert measure(*lines)["attainment"] == "100.0000"


def test_a_measure_is_the_mean_of_its_known_indicators():
    rows = [
        value("50", "100"),
        value("100", "100", indicator="場次"),
        value(None, "5", indicator="家數"),
    ]
    node = measure(told(values=rows))
    assert node["attainment"] == "75.0000"
    assert node["indicators"] == {"known": 2, "unknown": 1}
    assert (node["known"], node["unknown"]) == (1, 0)


def test_partners_indicators_count_too():
    lines = [
        told(values=[value("50", "100")]),
        told(ministry="moea", coordinating=False, role="partner",
             values=[value("100", "100", owner="moea")]),
    ]  # fmt: skip
    assert measure(*lines)["attainment"] == "75.0000"


# --- lights ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("light", "points", "band", "below"),
    [
        ("done", "100.0000", "met", False),
        ("ahead", "100.0000", "met", False),
        ("on_track", "85.0000", "met", False),
        ("behind", "55.0000", "missed", True),
        ("far_behind", "25.0000", "missed", True),
        ("not_due", None, None, False),
        ("", None, None, False),
    ],
)
def test_without_indicators_the_last_light_gives_the_points(light, points, band, below):
    node = measure(told(year=112, light="ahead"), told(year=113, light=light))
    assert (node["attainment"], node["band"], node["below"]) == (points, band, below)
    assert node["basis"] == ("light" if light else None)
    assert node["light"] == (light or None)


def test_the_worst_lead_decides_and_partners_never():
    lines = [
        told(),
        told(ministry="moea", coordinating=False, light="behind", completion=5),
        told(ministry="moi", coordinating=False, role="partner", light="far_behind"),
    ]
    node = measure(*lines)
    assert (node["light"], node["completion"]) == ("behind", 80)


def test_with_a_lead_missing_the_light_is_unknown():
    node = measure(told(), gap(ministry="moea", coordinating=False))
    assert (node["light"], node["attainment"], node["unknown"]) == ("incomplete", None, 1)


def test_the_reviewers_light_counts():
    overrides = {"113": {"1.1.1.1": {"light": "far_behind", "reason": "指標不符"}}}
    assert measure(told(), overrides=overrides)["attainment"] == "25.0000"


def test_what_was_done_stays_done():
    lines = [told(year=111, light="done", completion=100)]
    lines += [gap(year=year, state="not_applicable") for year in (112, 113)]
    node = measure(*lines)
    assert (node["light"], node["completion"], node["attainment"]) == ("done", 100, "100.0000")


def test_what_a_body_before_it_had_done_stays_done():
    lines = [
        told(year=110, ministry="most", light="done", completion=100),
        gap(year=113, ministry="nstc", state="not_applicable"),
    ]
    named = {"nstc": {"before": ["most"]}}
    assert measure(*lines, ministries=named)["light"] == "done"


# --- kept out -------------------------------------------------------------------------------------
def test_stopped_and_not_applicable_are_kept_out_and_counted_apart():
    codes = ("1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4")
    lines = [
        told("1.1.1.1", light="behind"),
        told("1.1.1.2", light="stopped", values=[value("1", "100")]),
        gap("1.1.1.3", state="not_applicable"),
        gap("1.1.1.4", state="overdue"),
    ]
    found = attainment.standing(head(*codes), default_rules(), lines)
    for node in (found["strategies"]["1.1.1"], found["goals"]["1"], found["plan"]):
        assert node["attainment"] == "55.0000"
        assert (node["known"], node["unknown"], node["excluded"]) == (1, 1, 2)
    assert found["measures"]["1.1.1.2"]["stopped"]
    assert not found["measures"]["1.1.1.3"]["stopped"]
    assert attainment.unknown_share(found["plan"]) == Decimal("50")


def test_not_applicable_in_the_last_year_leaves_the_year_before():
    node = measure(told(year=112, light="ahead"), gap(year=113, state="not_applicable"))
    assert (node["light"], node["attainment"], node["excluded"]) == ("ahead", "100.0000", 0)


@pytest.mark.parametrize("state", ["overdue", "returned", "waiting", "not_due"])
def test_no_kind_of_gap_is_a_zero(state):
    node = measure(gap(state=state))
    assert (node["attainment"], node["band"], node["below"]) == (None, None, False)
    assert node["unknown"] == 1


def test_a_measure_without_any_line_is_unknown():
    assert measure()["unknown"] == 1


# --- means ----------------------------------------------------------------------------------------
def test_means_go_up_level_by_level():
    codes = ("1.1.1.1", "1.1.1.2", "1.1.2.1", "1.2.1.1", "2.1.1.1")
    lights = ("done", "behind", "on_track", "far_behind", "ahead")
    lines = [told(code, light=light) for code, light in zip(codes, lights, strict=True)]
    found = attainment.standing(head(*codes), default_rules(), lines)
    assert found["strategies"]["1.1.1"]["attainment"] == "77.5000"  # (100 + 55) ÷ 2
    assert found["sub_goals"]["1.1"]["attainment"] == "81.2500"  # (77.5 + 85) ÷ 2
    assert found["goals"]["1"]["attainment"] == "53.1250"  # (81.25 + 25) ÷ 2
    assert found["plan"]["attainment"] == "76.5625"  # (53.125 + 100) ÷ 2
    assert [found["goals"]["1"][name] for name in ("known", "unknown", "band")] == [
        4,
        0,
        "missed",
    ]
    assert attainment.of(found, "strategy", "1.1.2") == found["strategies"]["1.1.2"]
    assert attainment.of(found, "plan") == found["plan"]


def test_weights_are_by_code():
    rules = default_rules()
    rules["weights"] = {"1.1.1.1": {"weight": "3", "reason": "經費占四分之三"}}
    lines = [told("1.1.1.1", light="done"), told("1.1.1.2", light="far_behind")]
    found = attainment.standing(head("1.1.1.1", "1.1.1.2"), rules, lines)
    assert found["strategies"]["1.1.1"]["attainment"] == "81.2500"  # (3 × 100 + 25) ÷ 4


def test_what_has_no_weight_is_no_zero():
    rules = default_rules()
    rules["weights"] = {"1.1.1.1": {"weight": "0", "reason": "試辦"}}
    found = attainment.standing(head(), rules, [told()])
    assert found["strategies"]["1.1.1"]["attainment"] is None


def test_a_weight_of_a_goal_without_sub_goals_weighs_the_goal_alone():
    """Its implicit sub-goal bears the same code."""
    tree = head()
    goal = tree["tree"][0]
    goal["sub_goals"][0] |= {"code": goal["code"], "implicit": True}
    rules = default_rules() | {"weights": {goal["code"]: {"weight": "0", "reason": "試辦"}}}
    found = attainment.standing(tree, rules, [told()])
    assert found["goals"][goal["code"]]["attainment"] == "85.0000"
    assert found["plan"]["attainment"] is None


@pytest.mark.parametrize(
    ("points", "band", "below"),
    [("80", "met", False), ("79.9999", "partly", False), ("60", "partly", False),
     ("59.9999", "missed", True), ("0", "missed", True)],
)  # fmt: skip
def test_bands_and_threshold_begin_at_their_number(points, band, below):
    rules = default_rules()
    rules["light_points"]["on_track"] = points
    node = measure(told(), rules=rules)
    assert (node["band"], node["below"]) == (band, below)


def test_differences_name_what_moved():
    lines = [told("1.1.1.1"), told("2.1.1.1")]
    tree = head("1.1.1.1", "2.1.1.1")
    before = attainment.standing(tree, default_rules(), lines)
    assert attainment.differences(before, before) == []
    after = attainment.standing(tree, default_rules(), [told("1.1.1.1", light="behind"), lines[1]])
    moved = attainment.differences(before, after)
    assert [(row["level"], row["code"]) for row in moved] == [
        ("plan", ""),
        ("goal", "1"),
        ("sub_goal", "1.1"),
        ("strategy", "1.1.1"),
        ("measure", "1.1.1.1"),
    ]
    assert moved[-1]["after"]["attainment"] == "55.0000"
    fewer = attainment.standing(head("1.1.1.1"), default_rules(), lines[:1])
    gone = [row for row in attainment.differences(before, fewer) if row["after"] is None]
    assert [row["code"] for row in gone] == ["2", "2.1", "2.1.1", "2.1.1.1"]


# --- what must hold for any plan ------------------------------------------------------------------
LIGHTS = ("far_behind", "behind", "on_track", "ahead", "done", "not_due", "stopped", "")
STATES = ("overdue", "returned", "waiting", "not_due", "not_applicable")
AMOUNTS = st.none() | st.decimals(0, 10_000, places=2).map(str)
CODES = [f"{a}.{b}.{c}.{d}" for a in "12" for b in "12" for c in "1" for d in "12"]


@st.composite
def a_line(draw, code: str, year: int, ministry: str):
    role = draw(st.sampled_from(["lead", "lead", "partner"]))
    names = draw(st.lists(st.sampled_from(["甲", "乙"]), unique=True, max_size=2))
    about = {
        "甲": {},
        "乙": {"kind": "ratio", "direction": "lower"},
    }
    rows = [
        value(draw(AMOUNTS), draw(AMOUNTS), indicator=name, owner=ministry, **about[name])
        for name in names
    ]
    if draw(st.booleans()):
        light = draw(st.sampled_from(LIGHTS))
        return told(code, year, ministry, role=role, light=light, values=rows,
                    coordinating=role == "lead")  # fmt: skip
    for row in rows:
        row["actual"] = None
    return gap(code, year, ministry, draw(st.sampled_from(STATES)), role=role, values=rows)


@st.composite
def plans(draw):
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, min_size=1))
    lines = [
        draw(a_line(code, year, ministry))
        for code in codes
        for year in draw(st.lists(st.sampled_from(YEARS), unique=True, max_size=2))
        for ministry in draw(st.lists(st.sampled_from(["moe", "moea"]), unique=True))
    ]
    return sorted(codes), lines


WEIGHTS = st.dictionaries(
    st.sampled_from([*CODES, "1", "2", "1.1", "1.2", "1.1.1"]),
    st.decimals("0.1", 10, places=2).map(lambda weight: {"weight": str(weight), "reason": "r"}),
)


def nodes(found: dict) -> list[dict]:
    levels = ("goals", "sub_goals", "strategies", "measures")
    return [found["plan"], *(node for level in levels for node in found[level].values())]


@settings(deadline=None)
@given(plans(), WEIGHTS)
def test_figures_stay_between_0_and_100_and_counts_add_up(plan, weights):
    codes, lines = plan
    found = attainment.standing(head(*codes), default_rules() | {"weights": weights}, lines)
    for node in nodes(found):
        if node["attainment"] is not None:
            assert 0 <= Decimal(node["attainment"]) <= 100
            assert node["known"] > 0
            assert node["band"] is not None
        else:
            assert node["known"] == 0
            assert not node["below"]
        explain(node, NAMES)
    counted = [found["plan"][name] for name in ("known", "unknown", "excluded")]
    assert sum(counted) == len(codes)


@settings(deadline=None)
@given(plans(), st.randoms())
def test_the_order_of_lines_and_parts_does_not_matter(plan, random):
    codes, lines = plan
    shuffled, mixed = list(codes), list(lines)
    random.shuffle(shuffled)
    random.shuffle(mixed)
    one = attainment.standing(head(*codes), default_rules(), lines)
    other = attainment.standing(head(*shuffled), default_rules(), mixed)
    assert one == other


@settings(deadline=None)
@given(plans(), WEIGHTS, st.sampled_from(["2", "0.5", "7", "1000"]))
def test_only_the_proportion_of_weights_matters(plan, weights, factor):
    codes, lines = plan
    all_codes = {".".join(code.split(".")[:depth]) for code in codes for depth in (1, 2, 3, 4)}
    every = {code: weights.get(code, {"weight": "1", "reason": "r"}) for code in all_codes}
    scaled = {
        code: {"weight": str(Decimal(entry["weight"]) * Decimal(factor)), "reason": "r"}
        for code, entry in every.items()
    }
    one, other = (
        attainment.standing(head(*codes), default_rules() | {"weights": used}, lines)
        for used in (every, scaled)
    )
    assert one == other


@settings(deadline=None)
@given(plans())
def test_unknown_and_excluded_measures_never_move_a_mean(plan):
    """Without the measures that have no figure every mean is what it was."""
    codes, lines = plan
    found = attainment.standing(head(*codes), default_rules(), lines)
    known = [code for code in codes if found["measures"][code]["attainment"] is not None]
    if not known:
        assert found["plan"]["attainment"] is None
        return
    fewer = attainment.standing(
        head(*known), default_rules(), [line for line in lines if line.measure_code in known]
    )
    for level in ("goals", "sub_goals", "strategies", "measures"):
        for code, node in fewer[level].items():
            assert node["attainment"] == found[level][code]["attainment"]
    assert fewer["plan"]["attainment"] == found["plan"]["attainment"]


@settings(deadline=None)
@given(plans())
def test_nothing_is_written_into_what_was_given(plan):
    codes, lines = plan
    given = (head(*codes), default_rules(), lines)
    kept = copy.deepcopy(given)
    attainment.standing(*given)
    assert given == kept


# --- in words -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "words"),
    [
        (told(values=[value("1", "2")]), "1個指標達成度的平均"),
        (told(values=[value("1", "2"), value(None, "2", indicator="乙")]), "另有1個未知"),
        (told(values=[value(None, "2")]), "都還不知道"),
        (told(), "燈號換算"),
        (told(light="not_due"), "不換算成分數"),
        (told(light=""), "也沒有燈號"),
        (told(light="stopped"), "已終止"),
        (gap(state="not_applicable"), "不適用"),
    ],
)
def test_the_rule_stands_beside_the_figure(line, words):
    assert words in explain(measure(line), NAMES)


def test_the_rule_of_a_mean_says_what_is_left_out():
    lines = [told("1.1.1.1"), gap("1.1.1.2"), told("1.1.1.3", light="stopped")]
    found = attainment.standing(head("1.1.1.1", "1.1.1.2", "1.1.1.3"), default_rules(), lines)
    words = explain(found["strategies"]["1.1.1"], NAMES)
    assert words == (
        "各措施達成度的加權平均；1項措施有數字，1項未知（50.0%），不列入平均，"
        "1項終止或不適用，另計。"
    )
    assert "各目標" in explain(found["plan"], NAMES)
    nothing = attainment.standing(head(), default_rules(), [gap()])
    assert "未知" in explain(nothing["goals"]["1"], NAMES)
    out = attainment.standing(head(), default_rules(), [told(light="stopped")])
    assert "終止" in explain(out["goals"]["1"], NAMES)
    rules = default_rules() | {"weights": {"1.1.1.1": {"weight": "0", "reason": "試辦"}}}
    lines = [told("1.1.1.1"), gap("1.1.1.2")]
    light = attainment.standing(head("1.1.1.1", "1.1.1.2"), rules, lines)["strategies"]["1.1.1"]
    assert explain(light, NAMES) == "有數字的措施權重都是0，所以是未知。"


def test_the_rule_names_levels_as_the_plan_does():
    names = {"goal": "主軸", "strategy": "路徑", "measure": "行動"}
    goal = attainment.standing(head(), default_rules(), [told()])["goals"]["1"]
    assert explain(goal, names, "strategy") == "各路徑達成度的加權平均；1項行動有數字。"
    stopped = measure(told(light="stopped"))
    assert explain(stopped, names) == "這項行動已終止，不列入平均。"
