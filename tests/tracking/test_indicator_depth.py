"""Indicators in depth: parts, formulas, corrections, new definitions, and the next plan."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kit.errors import Invalid, NotAllowed, NotNow
from plan.actions import indicator_sets as sets
from plan.actions import indicators as verbs
from plan.actions.load_plan import load_plan
from plan.enums import Accumulation, IndicatorKind, IndicatorState
from plan.fixture_files.read import read
from plan.models import Indicator, PlanVersion
from tests.world import bring, make_indicator, make_year
from tracking import checks
from tracking.actions import indicators as actions
from tracking.actions import reports, years
from tracking.enums import Part, Status
from tracking.models import IndicatorValue, Submission
from tracking.parts import data_of, indicators_of
from tracking.queries.indicators import corrections
from tracking.submitted import shown

D = Decimal
DEFINITION = {
    "name": "參訓人次",
    "unit": "人次",
    "kind": IndicatorKind.COUNT,
    "accumulation": Accumulation.YEARLY,
    "direction": "higher",
}
TARGETS = {111: {"value": D(20)}, 112: {"value": D(30)}}


@pytest.fixture
def measure(world):
    return world.measures["1.1.1.1"]


@pytest.fixture
def by_sex(world, measure, officer_a) -> Indicator:
    return make_indicator(measure, world.alpha, officer_a, dimension="性別", parts=["女", "男"])


@pytest.fixture
def rate(world, measure, officer_a, by_sex) -> Indicator:
    """B, typed; C = A ÷ B × 100, calculated."""
    make_indicator(measure, world.alpha, officer_a, ordinal=2, name="報名人次")
    return make_indicator(
        measure, world.alpha, officer_a, ordinal=3, name="錄取率", unit="%",
        kind=IndicatorKind.RATIO, formula="A ÷ B × 100",
    )  # fmt: skip


def save(report, officer, values):
    report.refresh_from_db()
    return reports.save_draft(
        report, seen_version=report.version, by=officer, fields={}, values=values
    )


def found(report) -> dict[str, list[str]]:
    report._prefetched_objects_cache = {}
    return checks.problems(data_of(report))


def actual(report, indicator) -> Decimal | None:
    row = IndicatorValue.objects.filter(report=report, indicator=indicator).first()
    return row and row.actual


# --- a dimension ----------------------------------------------------------------------------------
def test_parts_add_up_to_the_whole(world, report, officer_a, by_sex):
    key = f"indicator_{by_sex.pk}_actual"
    save(report, officer_a, {by_sex.pk: {"actual": 20, "parts": {"女": 12, "男": 7}}})
    assert found(report)[key] == ["「培訓人次」的分項合計是19，總數是20，兩者要相等。"]
    save(report, officer_a, {by_sex.pk: {"parts": {"女": 12, "男": None}}})
    assert found(report)[key] == ["「培訓人次」還有分項沒有填：男。"]
    save(report, officer_a, {by_sex.pk: {"parts": {}}})
    assert "要分項填" in found(report)[key][0]
    save(report, officer_a, {by_sex.pk: {"parts": {"女": "12", "男": "8"}}})
    assert key not in found(report)
    [row] = IndicatorValue.objects.filter(report=report)
    assert row.by_part == [("女", 12), ("男", 8)]


def test_parts_of_a_ratio_need_not_add_up(world, report, officer_a, measure):
    row = make_indicator(
        measure, world.alpha, officer_a, kind=IndicatorKind.RATIO, unit="%",
        dimension="地區", parts=["北", "南"],
    )  # fmt: skip
    save(report, officer_a, {row.pk: {"actual": 55, "parts": {"北": 60, "南": 40}}})
    assert not [key for key in found(report) if key.startswith("indicator")]


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"女": "多", "男": 1}, "part_0"),
        ({"女": 1, "男": D("1.5")}, "part_1"),
        ({"女": 1, "男": -1}, "part_1"),
        ({"外星人": 1}, "actual"),
        ("女", "actual"),
    ],
)
def test_strange_parts_are_refused(report, officer_a, by_sex, parts, key):
    with pytest.raises(Invalid) as refusal:
        save(report, officer_a, {by_sex.pk: {"actual": 2, "parts": parts}})
    assert set(refusal.value.errors) == {f"indicator_{by_sex.pk}_{key}"}


def test_parts_are_kept_with_the_submission(world, report, officer_a, by_sex):
    save(report, officer_a, {by_sex.pk: {"actual": 20, "parts": {"女": 12, "男": 8}}})
    report.refresh_from_db()
    row = world.bring(report, Status.ACCEPTED)
    copy = Submission.objects.get(report=row)
    assert copy.content["values"] == [
        {"indicator": by_sex.pk, "actual": "20.0000", "note": "", "parts": {"女": "12", "男": "8"}}
    ]


def test_others_read_the_parts_that_were_submitted(world, report, officer_a, by_sex):
    save(report, officer_a, {by_sex.pk: {"actual": 20, "parts": {"女": 12, "男": 8}}})
    report.refresh_from_db()
    row = world.bring(report, Status.UNDER_REVIEW)
    row = reports.return_report(
        row, seen_version=row.version, by=world.reviewer, parts={Part.INDICATORS: "請再核對人次。"}
    )
    save(row, officer_a, {by_sex.pk: {"actual": 21, "parts": {"女": 13, "男": 8}}})
    [seen] = shown([world.report("1.1.1.1", "alpha")], world.reviewer)
    assert [value.by_part for value in seen.values.all()] == [[("女", 12), ("男", 8)]]


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"dimension": "性別"}, "parts"),
        ({"dimension": "性別", "parts": ["女"]}, "parts"),
        ({"dimension": "性別", "parts": ["女", "女"]}, "parts"),
        ({"parts": ["女", "男"]}, "dimension"),
        ({"dimension": "性別", "parts": ["女", "男"], "kind": "yes_no"}, "dimension"),
        ({"formula": "A"}, "formula"),
        ({"formula": "B + 1"}, "formula"),
        ({"formula": "A + Q"}, "formula"),
        ({"formula": "A +"}, "formula"),
        ({"formula": "2 × 3"}, "formula"),
        ({"formula": "A", "kind": "yes_no"}, "formula"),
    ],
)
def test_definitions_that_cannot_be(world, measure, officer_a, fields, key):
    if fields.get("formula") == "A":
        fields = (
            {**fields, "dimension": "性別", "parts": ["女", "男"]} if len(fields) == 1 else fields
        )
    make_indicator(measure, world.alpha, officer_a)
    with pytest.raises(Invalid) as refusal:
        verbs.propose(
            measure, world.alpha, by=officer_a, targets=TARGETS, **{**DEFINITION, **fields}
        )
    assert key in refusal.value.errors


# --- calculated -----------------------------------------------------------------------------------
def test_what_is_calculated_is_not_typed(report, officer_a, rate):
    a, b = Indicator.objects.exclude(pk=rate.pk).order_by("ordinal")
    save(report, officer_a, {a.pk: {"actual": 12}, b.pk: {"actual": 18}})
    assert actual(report, rate) == D("66.6667")
    save(report, officer_a, {b.pk: {"actual": 0}})
    assert actual(report, rate) is None
    key = f"indicator_{rate.pk}_note"
    assert "算不出來" in found(report)[key][0]
    save(report, officer_a, {rate.pk: {"note": "沒有人報名。"}})
    assert key not in found(report)
    with pytest.raises(Invalid) as refusal:
        save(report, officer_a, {b.pk: {"actual": 24}, rate.pk: {"actual": 99}})
    assert refusal.value.errors[f"indicator_{rate.pk}_actual"]
    assert actual(report, b) == 0
    save(report, officer_a, {b.pk: {"actual": 24}, rate.pk: {"actual": 50}})
    assert actual(report, rate) == 50


def test_a_formula_approved_after_the_last_save_is_worked_out_on_submission(
    world, report, officer_a, by_sex
):
    save(report, officer_a, {by_sex.pk: {"actual": 20, "parts": {"女": 12, "男": 8}}})
    double = make_indicator(
        report.measure, world.alpha, officer_a, ordinal=2, name="兩倍", formula="A × 2"
    )
    report.refresh_from_db()
    bring(report, Status.SUBMITTED, officer=officer_a, window=world.window_a,
          reviewer=world.reviewer)  # fmt: skip
    assert actual(report, double) == 40


def test_formulas_cannot_ask_for_each_other(world, measure, officer_a):
    make_indicator(measure, world.alpha, officer_a)
    b = verbs.propose(
        measure, world.alpha, by=officer_a, targets=TARGETS,
        **{**DEFINITION, "name": "二", "formula": "a*2"},
    )  # fmt: skip
    assert (b.letter, b.formula) == ("B", "A × 2")
    c = verbs.propose(
        measure, world.alpha, by=officer_a, targets=TARGETS,
        **{**DEFINITION, "name": "三", "formula": "B + 1"},
    )  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        verbs.change(
            b, seen_revision=b.revision, by=officer_a, targets=TARGETS,
            **{**DEFINITION, "name": "二", "formula": "C × 2"},
        )  # fmt: skip
    assert refusal.value.errors["formula"] == ["算式互相用到對方，算不出來：B → C → B。"]
    assert c.formula == "B + 1"


# --- corrections ----------------------------------------------------------------------------------
@pytest.fixture
def two_years(world, measure, officer_a):
    """A running total, 10 at the end of 110 and 22 at the end of 111, both accepted."""
    row = make_indicator(
        measure, world.alpha, officer_a, accumulation=Accumulation.CUMULATIVE, ordinal=1
    )
    early = make_year(world.plan, world.collator, 110)
    for year, number in ((early, 10), (world.year, 22)):
        report = world.report("1.1.1.1", "alpha", year)
        save(report, officer_a, {row.pk: {"actual": number}})
        report.refresh_from_db()
        world.bring(report, Status.UNDER_REVIEW)
    return row, early


def test_correcting_a_year_tells_what_changes_in_the_later_ones(
    client, world, officer_a, two_years
):
    row, early = two_years
    first = world.report("1.1.1.1", "alpha", early)
    first = reports.return_report(
        first, seen_version=first.version, by=world.reviewer,
        parts={Part.INDICATORS: "110年少算一場，請更正。"},
    )  # fmt: skip
    save(first, officer_a, {row.pk: {"actual": 15}})
    client.force_login(officer_a)
    page = client.get(reverse("report-edit", args=[first.pk])).content.decode()
    assert "111年當年增加的由12變為7。" in page
    assert "應是27；要由那一年的報告更正" in page
    first.refresh_from_db()
    world.bring(first, Status.ACCEPTED)
    later = world.report("1.1.1.1", "alpha")
    assert actual(later, row) == 22
    page = client.get(reverse("report", args=[later.pk])).content.decode()
    assert "比前一次的累計值增加7" in page
    assert "實績的更正" in page
    assert "110年度第2次送出" in page
    [one] = corrections(later, indicators_of(later))
    assert (one.year, one.number, one.before, one.after) == (110, 2, 10, 15)


def test_the_public_does_not_read_what_was_corrected(client, world, two_years):
    _row, early = two_years
    for year in (early, world.year):
        report = world.report("1.1.1.1", "alpha", year)
        reports.accept(report, seen_version=report.version, by=world.reviewer)
    client.force_login(world.officer_b)
    page = client.get(reverse("report", args=[world.report("1.1.1.1", "alpha").pk]))
    assert "實績的更正" not in page.content.decode()
    assert "比前一次的累計值增加12" in page.content.decode()


# --- frozen once approved -------------------------------------------------------------------------
def redefine(row, officer, **more):
    given = {"from_year": 112, "seen_revision": row.revision, "targets": {112: {"value": D(40)}}}
    fields = {**DEFINITION, "name": "參訓人數（112年起）", "unit": "人"}
    return actions.redefine(row, by=officer, **{**given, **fields, **more})


def test_an_approved_definition_is_replaced_from_a_later_year(world, measure, officer_a, reviewer):
    row = make_indicator(
        measure, world.alpha, officer_a, targets={110: 10, 111: 20, 112: 30, 113: 40}
    )
    with pytest.raises(NotNow):
        verbs.change(row, seen_revision=row.revision, by=officer_a, targets=TARGETS, **DEFINITION)
    with pytest.raises(Invalid, match="最早從112年起"):
        redefine(row, officer_a, from_year=111)
    with pytest.raises(Invalid) as refusal:
        redefine(row, officer_a, targets=TARGETS)
    assert set(refusal.value.errors) == {"target_111"}
    with pytest.raises(NotAllowed):
        redefine(row, world.officer_b)
    new = redefine(row, officer_a)
    row.refresh_from_db()
    assert (row.until_year, row.targets.count(), new.letter) == (None, 4, "B")
    with pytest.raises(NotNow):
        redefine(row, officer_a)
    actions.approve(new, by=reviewer)
    row.refresh_from_db()
    assert (row.name, row.unit, row.until_year) == ("培訓人次", "人次", 111)
    assert sorted(row.targets.values_list("year", flat=True)) == [110, 111]
    changes = row.target_changes.order_by("year")
    assert [(one.year, one.before["value"], one.after) for one in changes] == [
        (112, "30", {}),
        (113, "40", {}),
    ]
    assert list(indicators_of(world.report("1.1.1.1", "alpha"))) == [row]
    with pytest.raises(Invalid):
        verbs.change_target(row, year=112, value=D(5), reason="原目標又要了一次。", by=officer_a)
    next_year = make_year(world.plan, world.collator, 112)
    assert list(indicators_of(world.report("1.1.1.1", "alpha", next_year))) == [new]


def test_a_year_that_opened_meanwhile_stops_the_approval(world, measure, officer_a, reviewer):
    new = redefine(make_indicator(measure, world.alpha, officer_a), officer_a)
    make_year(world.plan, world.collator, 112)
    with pytest.raises(Invalid, match="113年起"):
        actions.approve(new, by=reviewer)
    new.refresh_from_db()
    assert new.state == IndicatorState.PROPOSED
    assert new.replaces.until_year is None


def test_the_page_of_a_new_definition(client, world, measure, officer_a):
    row = make_indicator(measure, world.alpha, officer_a)
    make_indicator(measure, world.alpha, officer_a, ordinal=2, name="兩倍", formula="A × 2")
    client.force_login(officer_a)
    url = reverse("indicator-redefine", args=[row.pk])
    page = client.get(url).content.decode()
    assert "培訓人次（112年起）" in page
    assert "B　兩倍" in page
    given = {
        **DEFINITION, "ministry": world.alpha.pk, "seen_revision": row.revision, "from_year": 112,
        "value_112": "9", "dimension": "性別", "parts": "女\r\n男\r\n",
    }  # fmt: skip
    assert client.post(url, {**given, "name": row.name}).status_code == 422
    assert client.post(url, {**given, "name": "新的"}).status_code == 302
    assert Indicator.objects.get(name="新的").parts == ["女", "男"]
    assert "自112年起用這個定義" in client.get(
        reverse("indicator-list", args=["1.1.1.1"])
    ).content.decode()  # fmt: skip


# --- the next plan --------------------------------------------------------------------------------
@pytest.fixture
def successor(world) -> PlanVersion:
    load_plan(read(Path(__file__).parents[1] / "plan" / "successor.yaml"), by="system:tests")
    return PlanVersion.objects.get(plan__slug="small-next")


def test_a_set_is_copied_as_proposals(world, measure, officer_a, rate, successor, reviewer):
    other = world.measures["1.1.1.2"]
    make_indicator(other, world.alpha, officer_a, name="留下的")
    [first, second] = sets.steps(world.alpha, world.version, successor)
    assert (first.measure, len(first.indicators), second.measure) == (measure, 3, other)
    new = sets.counterparts(world.alpha, successor)[0]
    make_indicator(new, world.alpha, officer_a, name="報名人次")
    made = sets.copy_set(
        world.alpha, world.version, successor,
        chosen={measure.pk: new.pk, other.pk: None}, by=officer_a,
    )  # fmt: skip
    # The rate asks for one that is there already under another letter, so it isn't copied.
    assert [(row.name, row.letter, row.parts, row.state) for row in made] == [
        ("培訓人次", "B", ["女", "男"], "proposed")
    ]
    assert not made[0].targets.exists()
    with pytest.raises(Invalid, match="年度目標"):
        actions.approve(made[0], by=reviewer)


def test_letters_follow_the_copies(world, measure, officer_a, rate, successor):
    new = sets.counterparts(world.alpha, successor)[0]
    make_indicator(new, world.alpha, officer_a, name="原有的")
    made = sets.copy_set(
        world.alpha, world.version, successor, chosen={measure.pk: new.pk}, by=officer_a
    )
    assert [(row.letter, row.formula) for row in made] == [
        ("B", ""),
        ("C", ""),
        ("D", "B ÷ C × 100"),
    ]


def test_only_its_officers_copy_a_set_and_only_to_its_own_measures(
    world, measure, officer_a, by_sex, successor
):
    foreign = successor.measures.exclude(
        pk__in=[row.pk for row in sets.counterparts(world.alpha, successor)]
    ).first()
    own = sets.counterparts(world.alpha, successor)[0]
    given = [world.alpha, world.version, successor]
    with pytest.raises(NotAllowed):
        sets.copy_set(*given, chosen={measure.pk: own.pk}, by=world.officer_b)
    with pytest.raises(Invalid):
        sets.copy_set(*given, chosen={measure.pk: foreign.pk}, by=officer_a)
    with pytest.raises(Invalid):
        sets.copy_set(*given, chosen={}, by=officer_a)


def test_the_page_shows_what_has_no_counterpart(
    client, world, measure, officer_a, by_sex, successor
):
    today = timezone.localdate()
    days = {"opens_on": today, "due_on": today, "closes_on": today + timedelta(days=9)}
    year = years.add_year(successor.plan, year=114, by=world.collator, **days)
    years.open_year(year, by=world.collator)
    client.force_login(officer_a)
    url = reverse("indicator-copy")
    assert "小計畫後續" in client.get(url).content.decode()
    asked = f"{url}?ministry={world.alpha.pk}&source={world.version.pk}&target={successor.pk}"
    page = client.get(asked).content.decode()
    assert "沒有對應，不複製" in page or "1個指標可以複製" in page
    own = sets.counterparts(world.alpha, successor)[0]
    box = f"to_{measure.pk}"
    again = client.post(asked, {box: own.pk, "preview": "1"}).content.decode()
    assert "1個指標可以複製" in again
    assert Indicator.objects.count() == 1
    assert client.post(asked, {box: "999999"}).status_code == 422
    assert client.post(asked, {box: own.pk}).status_code == 302
    assert Indicator.objects.filter(measure=own).count() == 1
    assert "已經有同名的指標" in client.post(asked, {box: own.pk}).content.decode()
