"""Figures: plain rows in, dicts out. What is not known is a gap, and colour is never alone."""

import json
from decimal import Decimal

import pytest

from reports.figures import attainment, bars, causes, filing, indicator, lights, money
from reports.figures.attainment import Reached
from reports.figures.causes import Cause
from reports.figures.filing import Filed
from reports.figures.lights import Part
from reports.figures.money import Spent

PARTS = [
    Part("1.1", "育才", {"far_behind": 1, "on_track": 4}),
    Part("1.2", "名稱很長" * 8, {"on_track": 2, "unknown": 1}),
]


def traces(figure: dict) -> dict[str, tuple]:
    """Name of a trace → its numbers, along the axis on which they are drawn."""
    return {
        trace["name"]: tuple(trace["x"] if trace.get("orientation") == "h" else trace["y"])
        for trace in figure["data"]
    }


# --- bars -----------------------------------------------------------------------------------------
def test_a_bar_is_a_row_of_numbers_with_words_and_a_pattern():
    assert bars.bar("甲", ["1", "2"], [3, None], "--far-f", words=["◆3", ""], pattern="/") == {
        "type": "bar",
        "orientation": "h",
        "name": "甲",
        "y": ["1", "2"],
        "x": [3, None],
        "marker": {
            "color": "--far-f",
            "line": {"color": "--ground", "width": 1},
            "pattern": {"shape": "/", "fgcolor": "--ink", "bgcolor": "--far-f", "size": 6},
        },
        "hovertemplate": "%{y}　甲 %{x:,}<extra></extra>",
        "text": ["◆3", ""],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "insidetextfont": {"color": "--ink", "size": 13},
    }


def test_rows_stand_in_the_order_given_with_their_names_above():
    layout = bars.named_rows(["2", "1"], ["甲", "乙" * 40])
    assert layout["yaxis"]["categoryarray"] == ["2", "1"]
    assert layout["yaxis"]["range"] == [1.6, -0.8]
    assert layout["yaxis"]["type"] == "category"
    assert [(note["y"], note["text"]) for note in layout["annotations"]] == [
        (0, "甲"),
        (1, "乙" * 25 + "…"),
    ]
    assert layout["height"] == 2 * 58 + 56


# --- lights ---------------------------------------------------------------------------------------
def test_lights_of_parts_are_stacked_worst_first():
    figure = lights.by_part(PARTS)
    assert traces(figure) == {"嚴重落後": (1, None), "符合": (4, 2), "未知": (None, 1)}
    assert [trace["text"] for trace in figure["data"]] == [
        ["◆1", ""],
        ["●4", "●2"],
        ["", "?1"],
    ]
    assert figure["layout"]["barmode"] == "stack"
    assert figure["layout"]["annotations"][0]["text"] == "1.1　育才"


def test_the_key_names_the_shapes_that_occur():
    assert lights.key({"on_track": 2, "far_behind": 1, "behind": 0}) == "◆嚴重落後　●符合"


def test_lights_of_years_leave_a_gap_where_nothing_is_known():
    figure = lights.by_year({110: {"behind": 2, "on_track": 1}, 111: None, 112: {"on_track": 3}})
    assert traces(figure) == {"符合": (1, None, 3), "落後": (2, None, None)}
    assert [trace["x"] for trace in figure["data"]] == [[110, 111, 112]] * 2
    assert [(note["x"], note["text"]) for note in figure["layout"]["annotations"]] == [
        (111, "沒有資料")
    ]
    assert figure["layout"]["xaxis"] == {"range": [109.4, 112.6], "tickvals": [110, 111, 112]}


# --- money ----------------------------------------------------------------------------------------
def test_money_of_years_in_hundred_millions_with_gaps():
    figure = money.by_year(
        [
            (110, Spent(250_000, 250_000, 200_000)),
            (111, Spent(100_000, 0, None)),
            (112, Spent(None, None, None)),
        ]
    )
    assert traces(figure) == {"分配": (2.5, 1.0, None), "支用": (2.0, None, None)}
    assert figure["data"][0]["text"] == ["分配<br>2.50", "分配<br>1.00", ""]
    assert figure["layout"]["yaxis"]["title"]["text"] == "億元"
    assert [note["x"] for note in figure["layout"]["annotations"]] == [112]
    assert "pattern" in figure["data"][0]["marker"], "the two differ without colour"
    assert "pattern" not in figure["data"][1]["marker"]


def test_small_sums_stay_in_thousands():
    figure = money.by_year([(110, Spent(1200, 1200, 900))])
    assert traces(figure) == {"分配": (1200.0,), "支用": (900.0,)}
    assert figure["layout"]["yaxis"]["title"]["text"] == "千元"


def test_money_of_ministries_compares_only_what_is_known():
    figure = money.by_ministry([("甲部", Spent(1500, 1200, 900)), ("乙部", Spent(800, 0, None))])
    assert traces(figure) == {"分配": (1200.0, 0.0), "支用": (900.0, None)}
    assert figure["data"][0]["text"] == ["75%", ""]
    assert figure["data"][0]["width"] > figure["data"][1]["width"]


def test_a_rate_needs_both_numbers():
    assert Spent(1500, 1200, 900).rate == 75
    assert Spent(1500, 0, 0).rate is None
    assert Spent(1500, 1500, None).rate is None


# --- attainment -----------------------------------------------------------------------------------
def test_attainment_differs_in_pattern_and_ends_at_twice_the_target():
    figure = attainment.of_indicators(
        [
            Reached("1.1.1.1", "人次", Decimal("62.5")),
            Reached("1.1.1.1", "場次", Decimal(100)),
            Reached("1.1.2.1", "件數", Decimal(640)),
        ]
    )
    assert traces(figure) == {
        "沒有達到目標": (62.5, None, None),
        "達到目標": (None, 100.0, 200),
    }
    assert figure["data"][0]["marker"]["pattern"]["shape"] == "/"
    assert "pattern" not in figure["data"][1]["marker"]
    assert figure["data"][1]["text"] == ["", "100%", "640%"]
    [line] = figure["layout"]["shapes"]
    assert (line["x0"], line["x1"]) == (100, 100)


# --- filing ---------------------------------------------------------------------------------------
def test_filing_shows_what_is_not_told_as_such():
    rows = [Filed("甲部", 4, {"overdue": 1, "accepted": 3}), Filed("乙部", 5, {"accepted": 2})]
    figure = filing.by_ministry(rows)
    assert traces(figure) == {
        "逾期未交": (1, None),
        "已接受": (3, 2),
        "不公開": (None, 3),
    }
    assert [trace.get("text") for trace in figure["data"]] == [["!1", ""], ["✓3", "✓2"], None]
    assert filing.key(rows) == "!逾期未交　✓已接受"


# --- causes ---------------------------------------------------------------------------------------
def test_causes_of_this_year_and_of_the_last():
    figure = causes.two_years([Cause("採購", 3, 1), Cause("法規", 0, 2)], 111)
    assert traces(figure) == {"111年": (3, 0), "110年": (1, 2)}
    assert figure["data"][1]["mode"] == "markers"
    alone = causes.two_years([Cause("採購", 3, None)], 110)
    assert traces(alone) == {"110年": (3,)}


# --- all of them ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "figure",
    [
        lights.by_part(PARTS),
        lights.by_year({110: {"behind": 1}, 111: None}),
        money.by_year([(110, Spent(1, 1, 1))]),
        money.by_ministry([("甲部", Spent(1, 1, 1))]),
        attainment.of_indicators([Reached("1", "甲", Decimal(50))]),
        filing.by_ministry([Filed("甲部", 1, {"accepted": 1})]),
        causes.two_years([Cause("採購", 1, 1)], 111),
        indicator.target_and_actual(
            [indicator.Point(110, Decimal(1), None, None, Decimal(1))], "件"
        ),
    ],
    ids=["parts", "years", "money", "ministries", "attainment", "filing", "causes", "indicator"],
)
def test_colours_are_tokens_and_the_whole_is_plain(figure):
    text = json.dumps(figure)
    assert "#" not in text.replace("%{", ""), "a colour of its own would not follow dark mode"
    assert "rgb" not in text
    assert set(figure) == {"data", "layout"}
    assert figure["layout"].get("showlegend") is None, "direct labels instead of a legend"
