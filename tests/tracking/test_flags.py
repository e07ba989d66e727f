"""What a machine notices in a report: each rule by itself, at its boundary and by property."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking import flags as rules
from tracking.enums import Part
from tracking.flag_rows import Flag, Limits, Measured, Other, Said, Spent, Year
from tracking.flags import flags
from tracking.likeness import nearly_same, repeated, same_share

# A year of which nothing is to be said.
QUIET = {"evidence": 1, "money": (Spent(source="甲", allocated=1, spent=1),)}
LONG = "協助一家業者導入智慧設備並完成驗收。"
# 20 clauses of five characters, each unlike the others.
CLAUSES = [f"{one}辦一場，" for one in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"]


def year(number: int = 111, **fields) -> Year:
    return Year(year=number, **{**QUIET, **fields})


def measured(**fields) -> Measured:
    return Measured(**{"name": "人次", "actual": Decimal(10), "place": "indicator-1", **fields})


def found(flags_found) -> list[tuple[str, str]]:
    return [(flag.rule, flag.text) for flag in flags_found]


def test_a_quiet_year_has_no_flags():
    assert flags(year(), year(110)) == []


def test_flags_come_in_the_order_of_the_parts():
    this = Year(year=111, late=True, texts={"next_steps": LONG})
    parts = [flag.part for flag in flags(this, year(110, texts={"next_steps": LONG}))]
    assert parts == [Part.PROGRESS, Part.NEXT_YEAR, Part.MONEY, Part.EVIDENCE]


# --- state ----------------------------------------------------------------------------------------
def test_late_rests_on_two_days():
    this = year(late=True, due_on="112-02-28", filed_on="112-03-02")
    (flag,) = rules.late(this)
    assert flag.basis == (Said("期限", "112-02-28"), Said("送出", "112-03-02"))
    assert list(rules.late(year())) == []


def test_nothing_to_report_after_a_year_with_something():
    last = year(110, texts={"work_done": "辦了三場。"})
    (flag,) = rules.nothing(year(nothing_to_report=True), last)
    assert flag.basis == (Said("110年", "辦了三場。"), Said("111年", "無事項"))
    assert list(rules.nothing(year(nothing_to_report=True), year(110, nothing_to_report=True))) == (
        []
    )
    assert list(rules.nothing(year(nothing_to_report=True), None)) == []


@pytest.mark.parametrize(
    ("this", "last", "light", "expected"),
    [
        (39, 40, "on_track", ["累計完成度由40%降為39%"]),
        (40, 40, "on_track", ["完成度停在40%，燈號卻不是落後"]),
        (40, 40, "behind", []),
        (41, 40, "on_track", []),
        (100, 100, "ahead", []),
        (99, 50, "done", ["燈號是已完成，完成度不到100%"]),
        (100, 50, "done", []),
        (None, 50, "done", []),
        (40, None, "on_track", []),
    ],
)
def test_completion(this, last, light, expected):
    now = year(completion=this, light=light)
    assert [flag.text for flag in rules.completion(now, year(110, completion=last))] == expected


@pytest.mark.parametrize(
    ("last", "this", "noticed"),
    [
        ("behind", "on_track", True),
        ("far_behind", "done", True),
        ("behind", "far_behind", False),
        ("on_track", "ahead", False),
        ("behind", "stopped", False),
    ],
)
def test_a_light_that_turned_good(last, this, noticed):
    assert bool(list(rules.better(year(light=this), year(110, light=last)))) is noticed


# --- texts ----------------------------------------------------------------------------------------
def changed(count: int) -> str:
    """CLAUSES with the last `count` of them replaced."""
    return "".join(CLAUSES[: 20 - count] + ["完全不同，"] * count)


def test_identical_but_for_blanks_is_identical():
    last = year(110, texts={"benefit": "受訓者在原校開課。"})
    (flag,) = rules.same_as_last(year(texts={"benefit": "受訓者\n在原校 開課。"}), last, Limits())
    assert (flag.rule, flag.part, flag.place) == ("same", Part.PROGRESS, "benefit")
    assert flag.text == "與去年一字未改"
    assert [said.label for said in flag.basis] == ["110年", "111年"]


@pytest.mark.parametrize(("count", "noticed"), [(1, True), (2, True), (3, False)])
def test_nearly_identical_from_ninety_per_cent_on(count, noticed):
    """Two of twenty clauses changed leave exactly 90 % of the characters."""
    old = "".join(CLAUSES)
    last = year(110, texts={"work_done": old})
    seen = list(rules.same_as_last(year(texts={"work_done": changed(count)}), last, Limits()))
    assert bool(seen) is noticed
    if count == 2:
        assert seen[0].text == "與去年有90%相同"


def test_the_limit_of_likeness_is_a_setting():
    old, new = "".join(CLAUSES), changed(4)
    share = int(same_share(new, old))
    assert nearly_same(new, old, share) is not None
    assert nearly_same(new, old, share + 1) is None


def test_short_texts_are_not_nearly_the_same():
    assert nearly_same("辦理三場培訓。", "辦理三場訓練。", 50) is None


def test_whole_sentences_that_stand_again():
    last = year(110, texts={"work_done": LONG + "另辦三場說明會，邀請地方政府參加並交換意見。"})
    this = year(
        texts={"work_done": LONG + "今年改以線上方式辦理，共有一千二百人次報名，滿意度提高。"}
    )
    assert found(rules.same_as_last(this, last, Limits())) == [("repeated", "有1句與去年一字未改")]
    assert repeated("短句。", "短句。") == []


def test_empty_texts_are_no_copies():
    empty = year(texts={"work_done": "", "benefit": " \n"})
    assert list(rules.same_as_last(empty, empty, Limits())) == []


def test_the_same_text_for_another_measure():
    other = Other(report=7, code="1.1.1.2", text=LONG)
    (flag,) = rules.same_elsewhere(year(texts={"response": LONG + " "}), [other])
    assert (flag.rule, flag.part, flag.report, flag.code) == (
        "elsewhere",
        Part.LATENESS,
        7,
        "1.1.1.2",
    )
    assert flag.basis[0] == Said("1.1.1.2", LONG)
    near = Other(report=7, code="1.1.1.2", text=LONG + "了")
    short = Other(report=7, code="1.1.1.2", text="持續辦理。")
    assert list(rules.same_elsewhere(year(texts={"response": LONG}), [near])) == []
    assert list(rules.same_elsewhere(year(texts={"response": "持續辦理。"}), [short])) == []


TEXT = st.text(alphabet="甲乙丙，。1a \n", max_size=60)


@given(TEXT, TEXT)
def test_a_share_is_between_none_and_all(new, old):
    assert 0 <= same_share(new, old) <= 100


@given(TEXT)
def test_a_text_is_wholly_like_itself(text):
    assert same_share(text, text) == 100


@given(TEXT, TEXT, st.integers(1, 100))
def test_what_counts_as_nearly_the_same_reaches_the_limit(new, old, limit):
    """The quick look at the number of characters never refuses what the comparison would find."""
    share = nearly_same(new, old, limit)
    bare_new, bare_old = "".join(new.split()), "".join(old.split())
    wanted = min(len(bare_new), len(bare_old)) >= 12 and same_share(bare_new, bare_old) >= limit
    assert (share is not None) is wanted


@given(TEXT)
def test_an_unchanged_text_is_always_noticed_unless_empty(text):
    seen = flags(year(texts={"benefit": text}), year(110, texts={"benefit": text}))
    assert bool(seen) is bool(text.split())


# --- figures --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("light", "attained", "noticed"),
    [
        ("on_track", [80], False),
        ("on_track", ["79.9"], True),
        ("ahead", [100], False),
        ("ahead", ["99.9"], True),
        ("done", [99], True),
        ("behind", [40], False),
        ("behind", [39], True),
        ("far_behind", [0], False),
        ("stopped", [0], False),
        ("", [0], False),
        ("on_track", [None], False),
        # Each counts at most 100: 300 and 50 make 75.
        ("on_track", [300, 50], True),
        ("on_track", [100, 60, None], False),
    ],
)
def test_a_light_better_than_the_indicators(light, attained, noticed):
    rows = tuple(measured(attainment=None if one is None else Decimal(one)) for one in attained)
    seen = list(rules.light_above_indicators(year(light=light, measured=rows), Limits()))
    assert bool(seen) is noticed


def test_a_light_rests_on_its_band_and_the_mean():
    this = year(light="on_track", measured=(measured(attainment=Decimal("66.66")),))
    (flag,) = rules.light_above_indicators(this, Limits())
    assert flag.basis == (Said("燈號", "符合（80%以上）"), Said("指標平均達成率", "66.7%"))
    assert flag.place == "indicator-1"


@pytest.mark.parametrize(
    ("history", "actual", "noticed"),
    [
        # The line of 10 and 20 stands at 30; half of that is 15.
        ({109: 10, 110: 20}, 45, False),
        ({109: 10, 110: 20}, 46, True),
        ({109: 10, 110: 20}, 15, False),
        ({109: 10, 110: 20}, 14, True),
        # One year makes no line.
        ({110: 20}, 400, False),
        ({}, 400, False),
        # A year is missing in between: 10, ·, 30 stands at 40.
        ({108: 10, 110: 30}, 60, False),
        ({108: 10, 110: 30}, 61, True),
        # Level at zero: anything is off it.
        ({109: 0, 110: 0}, 0, False),
        ({109: 0, 110: 0}, 1, True),
        # Another sign than last year's needs no line.
        ({110: 5}, -1, True),
        ({110: -5}, 1, True),
        ({110: 5}, 0, False),
    ],
)
def test_an_actual_off_its_trend(history, actual, noticed):
    past = tuple((at, Decimal(value)) for at, value in history.items())
    this = year(measured=(measured(actual=Decimal(actual), history=past),))
    assert bool(list(rules.off_trend(this, Limits()))) is noticed


def test_a_trend_rests_on_the_line_and_the_actual():
    past = ((109, Decimal(10)), (110, Decimal(20)))
    this = year(measured=(measured(actual=Decimal(90), history=past),))
    (flag,) = rules.off_trend(this, Limits())
    assert flag.basis == (Said("依前幾年的直線", "30"), Said("111年", "90"))


@given(
    st.integers(-1000, 1000),
    st.integers(-50, 50),
    st.lists(st.integers(100, 112), min_size=2, max_size=6, unique=True),
)
def test_what_lies_on_a_line_is_on_its_trend(start, slope, years):
    past = tuple((at, Decimal(start + slope * at)) for at in years)
    expected = rules.line_at(past, 113)
    assert abs(expected - (start + slope * 113)) < Decimal("1e-15")


@given(st.lists(st.tuples(st.just(110), st.integers()), max_size=3))
def test_a_single_year_has_no_line(points):
    assert rules.line_at([(at, Decimal(value)) for at, value in points], 111) is None


def test_zero_two_years_running():
    again = measured(actual=Decimal(0), history=((110, Decimal(0)),))
    assert found(rules.zero_again(year(measured=(again,)))) == [("zero", "「人次」連續兩年為0")]
    earlier = measured(actual=Decimal(0), history=((109, Decimal(0)),))
    assert list(rules.zero_again(year(measured=(earlier,)))) == []


def test_a_target_that_was_changed():
    row = measured(target_was="20", target_is="15")
    (flag,) = rules.targets(year(measured=(row,)))
    assert flag.basis == (Said("原目標", "20"), Said("新目標", "15"))


@pytest.mark.parametrize(("spent", "noticed"), [(100, False), (101, True), (None, False)])
def test_money_above_its_allocation(spent, noticed):
    this = year(money=(Spent(source="公務預算", allocated=100, spent=spent, place="money-1"),))
    seen = list(rules.overspent(this))
    assert bool(seen) is noticed
    if noticed:
        assert seen == [
            Flag(
                "overspent",
                Part.MONEY,
                "「公務預算」支用比分配多1千元",
                (Said("分配", "100千元"), Said("支用", "101千元")),
                "money-1",
            )
        ]


def test_what_is_missing_stands_beside_last_year():
    row = measured(actual=None, history=((110, Decimal(7)),))
    this = Year(year=111, measured=(row,))
    last = year(110, evidence=3)
    assert [(flag.text, flag.basis) for flag in rules.missing(this, last)] == [
        ("「人次」沒有實績", (Said("110年", "7"), Said("111年", "—"))),
        ("沒有填經費", (Said("110年", "1筆"), Said("111年", "0筆"))),
        ("沒有佐證資料", (Said("110年", "3筆"), Said("111年", "0筆"))),
    ]
    assert list(rules.missing(Year(year=111, nothing_to_report=True), None)) == []


def test_each_flag_has_a_name_for_the_filter():
    names = {
        flag.rule
        for flag in flags(
            Year(
                year=111, late=True, light="done", completion=10, measured=(measured(actual=None),)
            ),
            year(110, light="behind", completion=20),
        )
    }
    assert names == {"late", "completion", "better", "missing"}
    assert names <= set(rules.RULES)
