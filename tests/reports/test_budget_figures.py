"""Figures of the budget path, by equality on their dicts."""

from decimal import Decimal

from reports.figures.budget import Drawn, Fan, gerd_figure, path_figure

PLANNED = Drawn(
    "規劃", {111: Decimal("0.60"), 112: Decimal("0.64")}, basis="planned", kind="planned"
)


def test_one_line_and_its_target():
    figure = path_figure([PLANNED], None, Decimal("0.7"), 112)
    assert figure == {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": "規劃",
                "x": [111, 112],
                "y": [0.6, 0.64],
                "line": {"color": "--ink-2", "width": 2, "dash": "solid"},
                "marker": {"color": "--ink-2", "size": 9, "symbol": "circle-open"},
                "hovertemplate": "%{y:.4f}%",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "目標",
                "x": [110.6, 112],
                "y": [0.7, 0.7],
                "line": {"color": "--ink", "width": 1},
                "hoverinfo": "skip",
            },
        ],
        "layout": {
            "height": 460,
            "margin": {"l": 8, "r": 8, "t": 16, "b": 8},
            "xaxis": {"range": [110.5, 112.84], "tickvals": [111, 112]},
            "yaxis": {"title": {"text": "占GDP（%）"}, "range": [0.588, 0.712]},
            "annotations": [
                {
                    "x": 110.6,
                    "y": 0.7,
                    "text": "112年目標 0.70%",
                    "showarrow": False,
                    "xanchor": "left",
                    "yshift": 11,
                    "font": {"color": "--ink"},
                },
                {
                    "x": 112,
                    "y": 0.64,
                    "text": "規劃 0.64",
                    "showarrow": False,
                    "xanchor": "left",
                    "xshift": 9,
                    "yshift": 0,
                    "font": {"color": "--ink-2"},
                },
            ],
        },
    }


def test_a_gap_stays_a_gap_and_each_run_is_named():
    draft = Drawn("預算案", {111: Decimal("0.6"), 113: Decimal("0.65")}, basis="draft")
    figure = path_figure([draft], None, Decimal("0.7"), 113)
    assert figure["data"][0]["x"] == [111, 112, 113]
    assert figure["data"][0]["y"] == [0.6, None, 0.65]
    assert figure["data"][0]["marker"]["symbol"] == "diamond"
    named = [note["text"] for note in figure["layout"]["annotations"]]
    assert named == ["113年目標 0.70%", "預算案 0.60", "預算案 0.65"]


def test_names_at_one_place_are_pushed_apart():
    twin = Drawn("情境", PLANNED.shares, kind="scenario")
    notes = path_figure([PLANNED, twin], None, Decimal("0.7"), 112)["layout"]["annotations"]
    assert [(note["text"], note["yshift"]) for note in notes[1:]] == [
        ("規劃 0.64", 0), ("情境 0.64", -18),
    ]  # fmt: skip


def test_the_fan_is_filled_between_its_ends_where_both_are_known():
    scenario = Drawn("情境", {111: Decimal("0.6"), 112: Decimal("0.62")}, kind="scenario")
    fan = Fan(
        {111: Decimal("0.6"), 112: Decimal("0.61"), 113: None},
        {111: Decimal("0.6"), 112: Decimal("0.63")},
    )
    low, high, line, _target = path_figure([scenario], fan, Decimal("0.7"), 112)["data"]
    assert (low["x"], low["y"], "fill" in low) == ([111, 112], [0.6, 0.61], False)
    assert (high["y"], high["fill"], high["fillcolor"]) == ([0.6, 0.63], "tonexty", "--wash-2")
    assert (line["line"]["dash"], line["name"]) == ("dash", "情境")


def test_research_is_drawn_by_country_with_ours_in_the_accent():
    figure = gerd_figure(
        [("臺灣", {106: Decimal("3.19"), 107: Decimal("3.35")}), ("韓國", {107: Decimal("4.53")})],
        home="臺灣",
    )
    assert [(line["name"], line["y"], line["line"]["color"]) for line in figure["data"]] == [
        ("臺灣", [3.19, 3.35], "--accent"),
        ("韓國", [None, 4.53], "--ink-2"),
    ]
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["韓國", "臺灣"]


def test_without_lines_there_is_nothing_to_draw():
    assert path_figure([], None, Decimal("0.7"), None) == {"data": [], "layout": {}}
    assert gerd_figure([], home="") == {"data": [], "layout": {}}
