"""What is frozen: every duty of every year, as it stood, and nothing of the rows' own."""

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from ministries.enums import SuccessionKind
from ministries.models import Ministry, Succession
from plan.enums import VersionState
from plan.models import Goal, Measure, Plan, PlanVersion, PrintedFigure, Strategy, SubGoal
from reports import freeze
from reports.enums import LineKind, ReviewKind
from reports.models import Review
from tests.kept import kept
from tests.world import MONEY, WHOLE, make_indicator, make_year
from tracking.actions import evidence, lights, reports
from tracking.enums import FilingState, Light, Status
from tracking.models import Evidence, IndicatorValue, MoneyLine, ProgressReport, Receipt, Submission

pytestmark = pytest.mark.django_db


@kept
def review(world) -> Review:
    return Review.objects.create(
        plan=world.plan, kind=ReviewKind.OTHER, title="年度評估", first_year=111, last_year=111
    )


def lines_of(review: Review, **options) -> dict[str, freeze.Line]:
    return {line.key: line for line in freeze.gather(review, **options).lines}


# --- reports --------------------------------------------------------------------------------------
def test_an_accepted_report_is_copied_whole(world, review):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, light=Light.ON_TRACK)
    row = world.report("1.1.1.1", "alpha")
    line = lines_of(review)["111/1.1.1.1/alpha"]
    assert (line.kind, line.year, line.measure_code) == ("report", 111, "1.1.1.1")
    content = line.content
    assert content["measure"] == {
        "code": "1.1.1.1",
        "name": "培育種子師資",
        "lineage": str(row.measure.lineage),
    }
    assert content["ministry"] == {
        "code": "alpha",
        "short_name": "甲部",
        "full_name": "行政院甲部",
    }
    assert (content["role"], content["coordinating"], content["late"]) == ("lead", True, False)
    assert {name: content[name] for name in WHOLE} == WHOLE
    assert content["money"] == MONEY
    assert content["filed_on"] == content["accepted_on"] == timezone.localdate().isoformat()
    assert content["completed_on"] is None


def with_children(world) -> ProgressReport:
    """An accepted report of 甲部 with a value, money and two pieces of evidence."""
    report = world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    indicator = make_indicator(world.measures["1.1.1.1"], world.alpha, world.officer_a)
    report.values.create(indicator=indicator, actual=Decimal("15"), note="含線上")
    for title in ("乙", "甲"):
        report.evidence.create(title=title, url="https://a.test", added_by=world.officer_a)
    return report


def test_every_field_that_a_report_holds_is_in_the_line(world, review):
    """A question added to the form later must not be forgotten here."""
    with_children(world)
    content = lines_of(review)["111/1.1.1.1/alpha"].content
    own = {"id", "reporting_year", "measure", "ministry", "ministry_name", "status", "version",
           "submissions", "returned_parts", "correction_due_on", "filed_at", "accepted_at",
           "saved_at", "saved_by", "exempt_reason", "role", "coordinating", "carried",
           "corrects", "extended_until", "opened_for", "unlogged"}  # fmt: skip
    assert _names(ProgressReport) - own <= content.keys()
    for name, model, left in (
        ("money", MoneyLine, {"id", "report", "ordinal"}),
        ("evidence", Evidence, {"id", "report", "file", "added_by", "added_at", "removed_at"}),
        # Parts are there only where an indicator has some; see below.
        ("values", IndicatorValue, {"id", "report", "parts"}),
    ):
        assert _names(model) - left <= content[name][0].keys()


def _names(model) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def test_indicators_come_with_target_and_actual(world, review):
    with_children(world)
    (row,) = lines_of(review)["111/1.1.1.1/alpha"].content["values"]
    assert row == {
        "owner": "alpha",
        "indicator": "培訓人次",
        "unit": "人次",
        "kind": "count",
        "accumulation": "yearly",
        "direction": "higher",
        "target": "20.0000",
        "low": None,
        "high": None,
        "actual": "15.0000",
        "note": "含線上",
    }


def test_parts_and_a_formula_are_frozen_only_where_they_are(world, review, officer_a):
    with_children(world)
    before = lines_of(review)["111/1.1.1.1/alpha"].digest
    row = world.measures["1.1.1.1"].indicators.get()
    row.dimension, row.parts = "性別", ["女", "男"]
    row.save()
    row.values.update(parts={"女": "9", "男": "6"})
    line = lines_of(review)["111/1.1.1.1/alpha"]
    assert line.digest != before
    assert line.content["values"][0]["dimension"] == "性別"
    assert line.content["values"][0]["parts"] == {"女": "9", "男": "6"}
    assert "formula" not in line.content["values"][0]
    row.dimension, row.parts = "", []
    row.save()
    row.values.update(parts={})
    assert lines_of(review)["111/1.1.1.1/alpha"].digest == before


def test_a_target_without_an_answer_is_an_unknown_actual(world, review):
    make_indicator(world.measures["1.1.1.1"], world.alpha, world.officer_a)
    (row,) = lines_of(review)["111/1.1.1.1/alpha"].content["values"]
    assert (row["target"], row["actual"]) == ("20.0000", None)
    # Nobody is asked for what is not approved, or has no target that year.
    world.measures["1.1.1.1"].indicators.update(state="proposed")
    assert lines_of(review)["111/1.1.1.1/alpha"].content["values"] == []


def test_evidence_says_what_it_is_and_not_where_it_lies(world, review):
    report = world.report("1.1.1.1", "alpha")
    report = evidence.add_link(
        report,
        seen_version=report.version,
        by=world.officer_a,
        url="https://example.test/a",
        title="成果網頁",
        public=True,
    )
    report = world.report("1.1.1.1", "alpha")
    world.bring(report, Status.ACCEPTED)
    (row,) = lines_of(review)["111/1.1.1.1/alpha"].content["evidence"]
    assert row == {
        "title": "成果網頁",
        "url": "https://example.test/a",
        "sha256": "",
        "size": None,
        "media_type": "",
        "public": True,
    }


def test_a_report_keeps_the_name_under_which_it_was_filed(world, review):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    Ministry.objects.filter(code="alpha").update(full_name="新名字", short_name="新")
    names = lines_of(review)["111/1.1.1.1/alpha"].content["ministry"]
    assert names["full_name"] == "行政院甲部"


# --- gaps -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "in_days", "state"),
    [
        (Status.DRAFT, 0, FilingState.NOT_DUE),
        (Status.DRAFT, 31, FilingState.OVERDUE),
        (Status.SIGNING, 0, FilingState.NOT_DUE),
        (Status.SIGNING, 31, FilingState.OVERDUE),
        (Status.SUBMITTED, 31, FilingState.WAITING),
        (Status.UNDER_REVIEW, 31, FilingState.WAITING),
        (Status.RETURNED, 14, FilingState.RETURNED),
        (Status.RETURNED, 15, FilingState.OVERDUE),
        (Status.NOT_APPLICABLE, 31, FilingState.NOT_APPLICABLE),
    ],
)
def test_what_was_not_accepted_is_a_gap_with_its_state(world, review, status, in_days, state):
    world.bring(world.report("1.1.1.1", "alpha"), status)
    day = timezone.localdate() + timedelta(days=in_days)
    line = lines_of(review, today=day)["111/1.1.1.1/alpha"]
    assert (line.kind, line.content["state"]) == (LineKind.GAP, state)
    assert WHOLE["work_done"] not in str(line.content)
    reason = "本年度不列管。" if state == FilingState.NOT_APPLICABLE else ""
    assert line.content["reason"] == reason


def test_a_correction_enters_once_it_is_accepted_without_what_it_removed(world, review):
    report = world.report("1.1.1.1", "alpha")
    add = {"by": world.officer_a, "url": "https://e.test/"}
    old = evidence.add_link(report, seen_version=report.version, title="舊名冊", **add)
    report = world.bring(world.report("1.1.1.1", "alpha"), Status.UNDER_REVIEW)
    parts = {"progress": "請寫出人次。", "evidence": "名冊缺頁。"}
    report = reports.return_report(
        report, seen_version=report.version, by=world.reviewer, parts=parts
    )
    report = reports.save_draft(
        report, seen_version=report.version, by=world.officer_a, fields={"work_done": "補了人次。"}
    )
    report = evidence.remove(old, seen_version=report.version, by=world.officer_a)
    evidence.add_link(report, seen_version=report.version, title="新名冊", **add)

    line = lines_of(review)["111/1.1.1.1/alpha"]
    assert (line.kind, line.content["state"]) == (LineKind.GAP, FilingState.RETURNED)
    for text in ("補了人次", "名冊", WHOLE["work_done"]):
        assert text not in str(line.content)

    report = world.report("1.1.1.1", "alpha")
    report = reports.submit(report, seen_version=report.version, by=world.officer_a)
    report = reports.sign_off(report, seen_version=report.version, by=world.window_a)
    report = reports.start_review(report, seen_version=report.version, by=world.reviewer)
    reports.accept(report, seen_version=report.version, by=world.reviewer)
    content = lines_of(review)["111/1.1.1.1/alpha"].content
    assert content["work_done"] == "補了人次。"
    assert [row["title"] for row in content["evidence"]] == ["新名冊"]


def test_nothing_to_report_is_an_accepted_report(world, review):
    said = {name: "" if isinstance(value, str) else None for name, value in WHOLE.items()}
    said |= {"nothing_to_report": True, "nothing_reason": "次年度起配合。", "light": ""}
    world.bring(world.report("1.1.1.1", "beta"), Status.ACCEPTED, **said)
    line = lines_of(review)["111/1.1.1.1/beta"]
    assert line.kind == LineKind.REPORT
    assert line.content["nothing_reason"] == "次年度起配合。"


def test_a_year_that_was_not_opened_is_all_gaps(world):
    wider = Review.objects.create(
        plan=world.plan, kind=ReviewKind.OTHER, title="二年", first_year=110, last_year=111
    )
    found = lines_of(wider)
    assert len(found) == 2 * ProgressReport.objects.count()
    line = found["110/2.1.1.1/beta"]
    assert line.content["state"] == FilingState.NOT_DUE
    assert line.content["reason"] == freeze.NOT_OPENED
    # 丙署 merged into 乙部: one duty of one body, as lead.
    assert line.content["role"] == "lead"
    assert "110/2.1.1.1/gamma" not in found


def test_every_duty_is_one_line_in_the_order_of_the_tree(world, review):
    assert [line.key for line in freeze.gather(review).lines] == [
        "111/1.1.1.1/alpha",
        "111/1.1.1.1/beta",
        "111/1.1.1.2/alpha",
        "111/1.1.1.2/beta",
        "111/1.1.1.2/science",
        "111/1.1.2.1/science",
        "111/1.1.2.1/alpha",
        "111/2.1.1.1/beta",
    ]


# --- head -----------------------------------------------------------------------------------------
def test_the_head_holds_the_tree_and_what_lines_share(world, review):
    lights.set_light(
        world.measures["1.1.2.1"],
        world.year,
        light=Light.FAR_BEHIND,
        reason="指標不符",
        by=world.reviewer,
    )
    PrintedFigure.objects.bulk_create(
        PrintedFigure(plan=world.plan, table=table, row="r", row_ordinal=row, column="c",
                      column_ordinal=1, year=year, unit="億元", printed="x", value=value)
        for table, row, year, value in (("8", 1, 111, 1307), ("8", 2, 111, 205441),
                                        ("8", 3, 111, Decimal("0.64")), ("柒", 1, 110, 1141))
    )  # fmt: skip
    head = freeze.gather(review).head
    assert head["plan"] == {
        "slug": "small",
        "name": "小計畫",
        "first_year": 110,
        "last_year": 113,
    }
    assert head["version"]["number"] == 1
    assert head["years"] == [111]
    first = head["tree"][0]["sub_goals"][0]["strategies"][0]
    assert (first["code"], first["cell"]) == ("1.1.1", "甲部／乙部")
    measure = first["measures"][1]
    assert (measure["leads"], measure["partners"]) == (["alpha", "beta"], ["science"])
    last = head["tree"][1]["sub_goals"][0]["strategies"][0]["measures"][0]
    assert (last["leads"], last["partners"]) == (["beta"], [])
    assert head["ministries"]["beta"] == {
        "short_name": "乙部",
        "full_name": "行政院乙部",
        "before": ["gamma"],
    }
    assert head["overrides"] == {"111": {"1.1.2.1": {"light": "far_behind", "reason": "指標不符"}}}
    assert head["figures"] == {
        "table_8": [{"year": 111, "budget": "1307.0000", "gdp": "205441.0000", "ratio": "0.6400"}],
        "statutory_110": "1141.0000",
    }
    parts = {part["part"]: part for part in head["form"]}
    assert parts["progress"]["label"] == "執行情形"
    assert {"name": "work_done", "label": "執行情形"} in parts["progress"]["fields"]


def test_the_language_of_the_person_does_not_matter(world, review):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED, light=Light.BEHIND,
                cause="procurement", obstacle="流標", response="重招",
                catch_up_on=timezone.localdate() + timedelta(days=90))  # fmt: skip
    before = freeze.gather(review)
    with translation.override("en"):
        assert freeze.gather(review).digest == before.digest
    assert before.lines[0].content["cause_name"] == "採購與發包延宕"


# --- versions -------------------------------------------------------------------------------------
def revise(world, *, renumbered: dict[str, str], left_out: tuple[str, ...] = ()) -> PlanVersion:
    """A second version in force: the tree copied with its lineage, some codes new, some gone."""
    old = world.version
    PlanVersion.objects.filter(pk=old.pk).update(state=VersionState.SUPERSEDED)
    new = PlanVersion.objects.create(
        plan=world.plan, number=2, title="修正本", state=VersionState.APPROVED, based_on=old,
        level_names=old.level_names,
    )  # fmt: skip
    copies: dict = {}
    for model, parent in ((Goal, None), (SubGoal, "goal"), (Strategy, "sub_goal"),
                          (Measure, "strategy")):  # fmt: skip
        for row in model.objects.filter(version=old):
            was, duties = row.pk, []
            if model is Measure:
                if row.code in left_out:
                    continue
                duties = list(row.assignments.all())
                row.code = renumbered.get(row.code, row.code)
            if parent:
                setattr(row, f"{parent}_id", copies[parent, getattr(row, f"{parent}_id")])
            row.pk, row.version = None, new
            row._state.adding = True
            row.save()
            copies[model.__name__.lower().replace("subgoal", "sub_goal"), was] = row.pk
            for duty in duties:
                duty.pk, duty.measure = None, row
                duty._state.adding = True
                duty.save()
    return new


def test_reports_of_an_older_version_stand_under_the_code_in_force(world, review):
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    revise(world, renumbered={"1.1.1.1": "1.1.1.2", "1.1.1.2": "1.1.1.1"})
    frozen = freeze.gather(review)
    found = {line.key: line for line in frozen.lines}
    assert found["111/1.1.1.1/alpha"].content["measure"]["name"] == "建置共用平臺"
    assert found["111/1.1.1.1/alpha"].kind == LineKind.REPORT
    assert found["111/1.1.1.2/alpha"].kind == LineKind.GAP
    assert len(found) == ProgressReport.objects.count()
    assert frozen.head["version"]["number"] == 2


def test_a_measure_that_a_revision_ended_keeps_its_reports(world, review):
    world.bring(world.report("1.1.1.2", "alpha"), Status.ACCEPTED)
    revise(world, renumbered={"1.1.1.1": "1.1.1.2"}, left_out=("1.1.1.2",))
    frozen = freeze.gather(review)
    found = {line.key: line for line in frozen.lines}
    # The code is another measure's by now.
    assert found["111/1.1.1.2@1/alpha"].kind == LineKind.REPORT
    measures = frozen.head["tree"][0]["sub_goals"][0]["strategies"][0]["measures"]
    assert [(row["code"], row["ended"]) for row in measures] == [
        ("1.1.1.2", False),
        ("1.1.1.2@1", True),
    ]


def test_a_duty_with_reports_under_two_versions_counts_once(world, review):
    report = world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    new = revise(world, renumbered={})
    twin = ProgressReport.objects.get(pk=report.pk)
    twin.pk, twin.status = None, Status.DRAFT
    twin.measure = Measure.objects.get(version=new, code="1.1.1.1")
    twin._state.adding = True
    twin.save()
    lines = [line for line in freeze.gather(review).lines if line.key == "111/1.1.1.1/alpha"]
    assert [line.kind for line in lines] == [LineKind.REPORT]


def test_a_plan_without_a_version_in_force_is_read_from_its_draft(world, review):
    PlanVersion.objects.update(state=VersionState.DRAFT)
    assert len(freeze.gather(review).lines) == ProgressReport.objects.count()


# --- digests --------------------------------------------------------------------------------------
def test_digests_are_sha_256_of_what_they_stand_for(world, review):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    frozen = freeze.gather(review)
    for line in frozen.lines:
        text = json.dumps(line.content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert line.digest == hashlib.sha256(text.encode()).hexdigest()
    assert len(frozen.digest) == 64


def test_rows_numbered_anew_give_the_same_digest(world, review):
    """The same reports, deleted and written again under other ids, in another order."""
    with_children(world)
    before = freeze.gather(review)
    rows = list(ProgressReport.objects.order_by("-pk"))
    names = ("values", "evidence", "money_lines")
    children = {
        row.pk: [list(getattr(row, name).order_by("-pk")) for name in names] for row in rows
    }
    assert any(children.values())
    # Receipts are never deleted by our own code; here somebody goes past it.
    Receipt.objects.all()._raw_delete("default")
    for row in rows:
        was = row.pk
        Submission.objects.filter(report=was).delete()
        for group in children[was]:
            type(group[0]).objects.filter(report=was).delete() if group else None
        ProgressReport.objects.get(pk=was).events.all().delete()
        ProgressReport.objects.filter(pk=was).delete()
        row.pk = was + 10_000
        ProgressReport.objects.bulk_create([row])
        for child in (child for group in children[was] for child in group):
            child.pk, child.report_id = None, row.pk
            child._state.adding = True
            child.save()
    after = freeze.gather(review)
    assert [line.key for line in after.lines] == [line.key for line in before.lines]
    assert after.digest == before.digest


class Undo(Exception):
    pass


def test_two_databases_give_the_same_digest(db):
    """The real plan loaded and seeded twice; ids and the moment differ."""
    digests = []
    for title in ("一", "二"):
        with pytest.raises(Undo), transaction.atomic():
            # So that even a database that counts from 1 again gives other ids.
            for number in range(len(digests)):
                Ministry.objects.create(code=f"m{number}", short_name="m", full_name="m")
                Plan.objects.create(slug=f"p{number}", name="p", start_year=1, end_year=2)
            call_command("load_plan", stdout=StringIO())
            call_command(
                "seed_demo", years="110", plan="nstp-110-113", complete=True, stdout=StringIO()
            )
            review = Review.objects.create(
                plan=Plan.objects.get(slug="nstp-110-113"),
                kind=ReviewKind.OTHER,
                title=title,
                first_year=110,
                last_year=110,
            )
            digests.append(freeze.gather(review, today=date(2026, 1, 1)).digest)
            raise Undo
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda world: ProgressReport.objects.filter(light=Light.ON_TRACK).update(benefit="更多"),
        lambda world: MoneyLine.objects.update(spent_thousand=1),
        lambda world: Measure.objects.filter(code="1.1.1.1").update(name="培育教師"),
        lambda world: Review.objects.update(rules=Review.objects.get().rules | {"threshold": "70"}),
        lambda world: Succession.objects.create(
            predecessor=world.alpha, successor=world.gamma, on=date(2022, 1, 1),
            kind=SuccessionKind.RENAMED, legal_basis="t"),
    ],
)  # fmt: skip
def test_another_input_or_rule_gives_another_digest(world, review, change):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    before = freeze.gather(review).digest
    change(world)
    assert freeze.gather(Review.objects.get()).digest != before


def test_what_is_not_asked_for_does_not_touch_the_digest(world, review):
    world.bring(world.report("1.1.1.1", "alpha"), Status.ACCEPTED)
    before = freeze.gather(review).digest
    other = make_year(world.plan, world.collator, 112)
    world.bring(world.report("1.1.1.1", "alpha", other), Status.ACCEPTED)
    Review.objects.update(title="另一個名稱", version=9)
    assert freeze.gather(Review.objects.get()).digest == before


# --- cost -----------------------------------------------------------------------------------------
def test_the_number_of_queries_does_not_grow(world, review, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        freeze.gather(review)
    assert len(few) <= 20
    for code, ministry in (("1.1.1.1", "alpha"), ("1.1.1.2", "alpha"), ("1.1.2.1", "science")):
        world.bring(world.report(code, ministry), Status.ACCEPTED)
        make_indicator(world.measures[code], world.ministries[ministry], world.officer_a)
    with django_assert_num_queries(len(few)):
        freeze.gather(review)
