"""The facts in `fixtures/`: they agree with the plan's own claim, and with arithmetic."""

from collections import Counter
from decimal import Decimal

import pytest

from plan.document.division import split_cell
from plan.fixture_files.check import check
from plan.fixture_files.facts import PlanFacts
from plan.fixture_files.read import read


@pytest.fixture(scope="module")
def facts() -> PlanFacts:
    return read()


def test_tree_has_the_claimed_shape(facts):
    assert (facts.slug, facts.version) == ("nstp-110-113", 1)
    assert (facts.about.start_year, facts.about.end_year) == (110, 113)
    assert facts.about.claim == {
        "goals": 4,
        "sub_goals": 15,
        "strategies": 44,
        "measures": 134,
        "units": 21,
    }
    assert Counter(strategy.code[0] for _, strategy in facts.strategies()) == {
        "1": 9,
        "2": 8,
        "3": 13,
        "4": 14,
    }
    assert Counter(measure.code[0] for _, measure in facts.measures()) == {
        "1": 37,
        "2": 25,
        "3": 39,
        "4": 33,
    }


def test_facts_agree_with_each_other(facts):
    names = {row.short_name: row.code for row in facts.ministries}
    uncounted = [row.ministry for row in facts.participants if not row.counted]
    assert uncounted == ["ndf"]
    assert len(facts.participants) == 22
    check(facts, names, names.values(), facts.about.claim, uncounted)


def test_assignments_per_ministry(facts):
    counts = Counter(
        name for _, measure in facts.measures() for name in (*measure.leads, *measure.partners)
    )
    assert counts.total() == 416
    assert counts == {
        "經濟部": 82,
        "科技部": 72,
        "教育部": 54,
        "內政部": 30,
        "原能會": 22,
        "環保署": 19,
        "國發會": 18,
        "交通部": 17,
        "農委會": 16,
        "海委會": 13,
        "衛福部": 13,
        "文化部": 10,
        "金管會": 9,
        "勞動部": 8,
        "行政院科技會報辦公室": 7,
        "通傳會": 6,
        "中研院": 4,
        "國防部": 4,
        "法務部": 4,
        "行政院資安處": 4,
        "國發基金": 2,
        "外交部": 2,
    }


def test_leads_and_partners_are_read_from_the_cell(facts):
    for _, strategy in facts.strategies():
        assert split_cell(strategy.cell) == (
            list(strategy.leads),
            list(strategy.partners),
            strategy.note,
        ), strategy.code


def test_names_are_kept_as_printed(facts):
    names = {measure.code: measure.name for _, measure in facts.measures()}
    assert names["3.1.2.2"] == "聯盟資安業者，打造建決方案試煉創新體系"
    assert names["3.1.2.4"] == "打造臺灣成為國際資安創新 HUB，對接國際體系"
    assert names["3.1.4.1"] == "整合資源建全金融創新環境"
    assert names["3.2.3.2"] == "結合產業落實創新循環新材技術應用通路與出海口之開拓"
    strategies = {strategy.code: strategy for _, strategy in facts.strategies()}
    assert strategies["1.3.2"].note == "及各相關部會"
    assert [code for code, row in strategies.items() if row.uncertain] == ["3.1.4"]
    assert strategies["3.1.4"].leads == ("金管會", "農委會", "內政部", "交通部", "文化部")


def test_bodies_of_chapter_six(facts):
    full_names = {row.code: row.full_name for row in facts.ministries}
    assert len(facts.bodies) == 29
    assert all(full_names[body.ministry] == body.name for body in facts.bodies)
    assert (facts.bodies[0].name, facts.bodies[-1].name) == (
        "中央研究院",
        "國家運輸安全調查委員會",
    )


def test_successions(facts):
    edges = [(e.predecessor, e.successor, e.on.isoformat(), e.kind) for e in facts.successions]
    assert edges == [
        ("asc", "ttsb", "2019-08-01", "renamed"),
        ("most", "nstc", "2022-07-27", "renamed"),
        ("bost", "nstc", "2022-07-27", "merged"),
        ("dcs", "moda", "2022-08-27", "merged"),
        ("ncc", "moda", "2022-08-27", "partial_transfer"),
        ("ndc", "moda", "2022-08-27", "partial_transfer"),
        ("moea", "moda", "2022-08-27", "partial_transfer"),
        ("motc", "moda", "2022-08-27", "partial_transfer"),
        ("coa", "moa", "2023-08-01", "renamed"),
        ("epa", "moenv", "2023-08-22", "renamed"),
        ("aec", "nusc", "2023-09-27", "renamed"),
    ]
    until = {row.code: row.until for row in facts.ministries}
    for edge in facts.successions:
        whole = edge.kind in ("renamed", "merged")
        assert until[edge.predecessor] == (edge.on if whole else None), edge
    # Article 1 of its organic act (2023-06-21).
    assert facts.successions[-1].note == "改為相當中央三級獨立機關"


def figures(facts, table):
    return [figure for figure in facts.figures if figure.table == table]


def test_tables_have_the_printed_size(facts):
    sizes = Counter(figure.table for figure in facts.figures if figure.table.isascii())
    assert sizes == {
        "1": 5 * 8,
        "2": 37 * 3,
        "3": 7 * 9,
        "4": 7 * 3,
        "5": 17 * 2,
        "6": 5 * 6,
        "8": 3 * 5,
    }


def test_table_2_is_one_off_in_2017_as_printed(facts):
    rows = figures(facts, "2")
    assert len({figure.ministry for figure in rows if figure.ministry}) == 36
    totals = {figure.year: figure.value for figure in rows if figure.row == "合計"}
    sums = Counter()
    for figure in rows:
        if figure.row != "合計":
            sums[figure.year] += figure.value or 0
    assert {year: totals[year] - sums[year] for year in totals} == {106: -1, 107: 0, 108: 0}
    assert totals[106] == 110_521_442


def test_table_1_is_off_by_one_in_two_years_as_printed(facts):
    amounts = {}
    for figure in figures(facts, "1"):
        if figure.unit == "新臺幣億元":
            amounts.setdefault(figure.year, []).append(figure.value)
    assert {year: row[-1] - sum(row[:-1]) for year, row in amounts.items()} == {
        104: 0,
        105: 1,
        106: 0,
        107: 1,
        108: 0,
    }


def test_table_8_as_printed(facts):
    rows = figures(facts, "8")
    assert {f.year: f.printed for f in rows if f.row == "占比"} == {
        111: "0.64",
        112: "0.66",
        113: "0.68",
        114: "0.69",
        115: "0.7",
    }
    assert {f.year: f.value for f in rows if f.row == "整體科技預算"} == {
        111: 1307,
        112: 1383,
        113: 1453,
        114: 1504,
        115: 1557,
    }
    assert {f.unit for f in rows if f.row == "占比"} == {"%"}


def test_cells_without_a_number_have_no_value(facts):
    empty = [f for f in facts.figures if f.value is None]
    assert {f.printed for f in empty} == {"-", ""}
    changes = {f.printed: f.value for f in figures(facts, "4") if f.column == "19～18 變動"}
    assert changes["+4"] == Decimal(4)
    assert changes["-2"] == Decimal(-2)
