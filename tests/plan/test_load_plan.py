"""Loading a plan: what a run changes, that a second changes nothing, and what is refused."""

import json
import time
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command

from config.kit.errors import NotAllowed
from ministries.models import AuditEvent, Ministry, Succession
from plan.actions.load_plan import load_plan, preview
from plan.enums import VersionState
from plan.fixture_files.entry import FixtureError
from plan.fixture_files.read import read, read_text
from plan.models import Assignment, CellEntry, Goal, Measure, Plan, PlanVersion, Strategy
from tests.plan.samples import copy_fixtures, facts, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def bodies():
    Ministry.objects.create(code="a", short_name="甲部", full_name="甲部")
    Ministry.objects.create(code="b", short_name="乙會", full_name="乙委員會")
    Ministry.objects.create(code="c", short_name="丙署", full_name="丙署")


@pytest.fixture
def approved(bodies):
    load_plan(facts(tree()), by="tester")
    return PlanVersion.objects.get()


@pytest.fixture
def draft(bodies):
    load_plan(facts({**tree(), "state": "draft"}), by="tester")
    return PlanVersion.objects.get()


def strategy(values: dict, index: int = 0) -> dict:
    return values["goals"][0]["sub_goals"][0]["strategies"][index]


# --- the real plan ------------------------------------------------------------------------------
def test_real_plan(capsys):
    started = time.perf_counter()
    call_command("load_plan")
    assert time.perf_counter() - started < 3
    assert "新增分工 1.1.1.1 教育部／科技部、經濟部\n" in capsys.readouterr().out
    version = PlanVersion.objects.get()
    assert version.state == VersionState.APPROVED
    assert [
        getattr(version, level).count()
        for level in ("goals", "sub_goals", "strategies", "measures")
    ] == [4, 15, 44, 134]
    assert Assignment.objects.count() == 416
    assert Assignment.objects.filter(ministry__short_name="經濟部").count() == 82
    assert set(Assignment.objects.values_list("basis", "since", "until")) == {
        ("計畫表 7", None, None)
    }
    assert version.plan.participants.count() == 22
    assert list(
        version.plan.participants.filter(counted=False).values_list(
            "ministry__short_name", flat=True
        )
    ) == ["國發基金"]
    assert version.plan.objectives.count() == 29
    assert version.plan.printed_figures.filter(table__in="1234568").count() == 314
    assert Succession.objects.count() == 11
    assert Ministry.objects.get(code="most").until == date(2022, 7, 27)
    cell = Strategy.objects.get(code="1.3.2")
    assert (cell.cell, cell.note) == ("教育部／國發會、內政部及各相關部會", "及各相關部會")
    assert list(cell.entries.order_by("role", "order").values_list("ministry__code", "role")) == [
        ("moe", "lead"),
        ("ndc", "partner"),
        ("moi", "partner"),
    ]
    call_command("load_plan")
    first, heading, *told = capsys.readouterr().out.splitlines()
    assert first == "nstp-110-113 第 1 版：沒有改變"
    assert heading == "原文數字有 5 處加不起來，照印的載入："
    assert [line.strip() for line in told] == [
        "表 1「2016」，民國 105 年：印的合計是 5,418 新臺幣億元，各項相加是 5,417 新臺幣億元",
        "表 1「2018」，民國 107 年：印的合計是 6,160 新臺幣億元，各項相加是 6,159 新臺幣億元",
        "表 2「2017 年度法定預算數」，民國 106 年：印的合計是 110,521,442 新臺幣千元，"
        "各項相加是 110,521,443 新臺幣千元",
        "表 2，民國 106 年：內文是 1,083 億元，表裡的合計是 1,105.2 億元",
        "表 2，民國 107 年：內文是 1,218 億元，表裡的合計是 1,186.6 億元",
    ]


def test_loading_asks_few_questions(django_assert_max_num_queries):
    source = read()
    # Most of them: eleven successions, each recorded by the action that refuses overlaps and looks
    # for open drafts that would be left without a body.
    with django_assert_max_num_queries(135):
        load_plan(source, by="tester")
    with django_assert_max_num_queries(40):
        assert load_plan(source, by="tester") == []


# --- a small plan -------------------------------------------------------------------------------
def test_first_load_and_second(bodies):
    changes = load_plan(facts(tree()), by="tester")
    assert [str(change) for change in changes] == [
        "新增計畫 small",
        "新增版本 1",
        "新增目標 1",
        "新增子目標 1.1",
        "新增策略 1.1.1",
        "新增策略 1.1.2",
        "新增措施 1.1.1.1",
        "新增措施 1.1.1.2",
        "新增措施 1.1.2.1",
        "新增表 7 參與部會 1.1.1 甲部／乙會",
        "新增表 7 參與部會 1.1.2 甲部、乙會",
        "新增分工 1.1.1.1 甲部／乙會",
        "新增分工 1.1.1.2 甲部／乙會",
        "新增分工 1.1.2.1 甲部、乙會",
    ]
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor) == ("plan.load", "tester")
    assert event.after == {
        "source": "small.json",
        "version": 1,
        "added": 14,
    }
    assert load_plan(facts(tree()), by="tester") == []
    assert AuditEvent.objects.count() == 1


def test_only_administrators_load(bodies):
    with pytest.raises(NotAllowed):
        load_plan(facts(tree()), by=AnonymousUser())
    assert not Plan.objects.exists()


def test_preview_changes_nothing(bodies):
    assert len(preview(facts(tree()))) == 14
    assert not Plan.objects.exists()
    assert not AuditEvent.objects.exists()


def test_folder_with_own_ministries(tmp_path):
    folder = copy_fixtures(tmp_path)
    file = folder.parent / "ministries.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("short_name: 國科會", "short_name: 國科委"),
        encoding="utf-8",
    )
    load_plan(read(folder), by="tester")
    assert Ministry.objects.get(code="nstc").short_name == "國科委"
    assert [str(change) for change in load_plan(read(), by="tester")] == [
        "部會 nstc 簡稱：「國科委」→「國科會」"
    ]
    event = AuditEvent.objects.get(verb="ministry.change")
    assert (event.before, event.after) == ({"short_name": "國科委"}, {"short_name": "國科會"})


def test_a_plan_without_sub_goals_fits(bodies):
    values = tree()
    values["claim"]["sub_goals"] = 0
    sub_goal = values["goals"][0]["sub_goals"][0]
    sub_goal["implicit"] = True
    sub_goal["code"] = "1"
    load_plan(facts(values), by="tester")
    assert PlanVersion.objects.get().sub_goals.get().implicit


# --- approved versions --------------------------------------------------------------------------
def test_approved_wording_changes_and_is_audited(approved):
    lineage = Measure.objects.get(code="1.1.2.1").lineage
    values = tree()
    strategy(values, 1)["measures"][0]["name"] = "巡山護林"
    assert [str(change) for change in load_plan(facts(values), by="tester")] == [
        "措施 1.1.2.1 名稱：「巡山」→「巡山護林」"
    ]
    measure = Measure.objects.get(code="1.1.2.1")
    assert (measure.name, measure.lineage) == ("巡山護林", lineage)
    event = AuditEvent.objects.get(verb="measure.change")
    assert event.target == f"plan.measure:{measure.pk}"
    assert (event.before, event.after) == ({"name": "巡山"}, {"name": "巡山護林"})


def add_measure(values):
    values["claim"]["measures"] = 4
    strategy(values)["measures"].append(
        {"code": "1.1.1.3", "name": "新的", "leads": ["甲部"], "partners": []}
    )


def drop_measure(values):
    values["claim"]["measures"] = 2
    strategy(values)["measures"].pop()


def swap_measures(values):
    strategy(values)["measures"].reverse()


def swap_roles(values):
    strategy(values)["measures"][0].update(leads=["乙會"], partners=["甲部"])


def drop_partner(values):
    strategy(values).update(partners=[], cell="甲部")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (add_measure, "1.1.1.3"),
        (drop_measure, "1.1.1.2"),
        (swap_measures, "1.1.1.2"),
        (swap_roles, "1.1.1.1"),
        (drop_partner, "1.1.1"),
    ],
)
def test_approved_structure_is_refused(approved, change, place):
    values = tree()
    change(values)
    strategy(values, 1)["name"] = "這個名字也不能進去"
    with pytest.raises(FixtureError, match="滾動修正") as caught:
        load_plan(facts(values), by="tester")
    assert (caught.value.file, caught.value.place) == ("small.json", place)
    assert load_plan(facts(tree()), by="tester") == []


def test_later_transfers_are_left_alone(approved):
    old = Assignment.objects.get(measure__code="1.1.1.1", role="lead")
    Assignment.objects.filter(pk=old.pk).update(until=date(2032, 1, 1))
    Assignment.objects.create(
        measure=old.measure,
        ministry=Ministry.objects.get(code="c"),
        role="lead",
        order=1,
        since=date(2032, 1, 1),
        basis="某令",
    )
    assert load_plan(facts(tree()), by="tester") == []
    assert Assignment.objects.filter(measure=old.measure).count() == 3


def test_new_and_superseded_versions_are_refused(approved):
    with pytest.raises(FixtureError, match="滾動修正"):
        load_plan(facts({**tree(), "version": 2}), by="tester")
    PlanVersion.objects.update(state=VersionState.SUPERSEDED)
    with pytest.raises(FixtureError, match="已被取代"):
        load_plan(facts(tree()), by="tester")


# --- drafts -------------------------------------------------------------------------------------
def test_a_draft_follows_the_file(draft):
    values = tree()
    measures = strategy(values)["measures"]
    measures.reverse()
    measures[0].update(leads=["乙會"], partners=[])
    measures.append({"code": "1.1.1.9", "name": "新的", "leads": ["甲部"], "partners": []})
    strategy(values, 1)["measures"] = []
    assert {str(change) for change in load_plan(facts(values), by="tester")} == {
        "措施 1.1.1.2 順序：「2」→「1」",
        "措施 1.1.1.2 全計畫順序：「2」→「1」",
        "措施 1.1.1.1 順序：「1」→「2」",
        "措施 1.1.1.1 全計畫順序：「1」→「2」",
        "新增措施 1.1.1.9",
        "移除措施 1.1.2.1",
        "分工 1.1.1.2：「甲部／乙會」→「乙會」",
        "新增分工 1.1.1.9 甲部",
    }
    assert list(Measure.objects.values_list("code", "ordinal", "position")) == [
        ("1.1.1.2", 1, 1),
        ("1.1.1.1", 2, 2),
        ("1.1.1.9", 3, 3),
    ]
    assert load_plan(facts(values), by="tester") == []


# --- broken files -------------------------------------------------------------------------------
def no_lead(values):
    strategy(values)["measures"][1]["leads"] = []


def unknown(values):
    strategy(values, 1)["leads"] = ["丁局"]


def twice(values):
    strategy(values)["measures"][0]["partners"] = ["甲部"]


def same_code(values):
    strategy(values)["measures"][1]["code"] = "1.1.1.1"


def wrong_branch(values):
    strategy(values)["measures"][1]["code"] = "1.1.2.2"


def too_few(values):
    strategy(values)["measures"].pop()


def too_many_units(values):
    strategy(values)["partners"].append("丙署")


def misspelled(values):
    strategy(values)["partner"] = []


def no_name(values):
    del strategy(values)["name"]


def too_long(values):
    strategy(values)["name"] = "長" * 201


def not_a_list(values):
    strategy(values)["measures"] = {"code": "1.1.1.1"}


def no_goals(values):
    values["goals"] = []


def backwards(values):
    values["end_year"] = 119


def version_zero(values):
    values["version"] = 0


def before_the_republic(values):
    values["start_year"] = 0


def after_its_second_century(values):
    values["end_year"] = 201


def other_cell(values):
    strategy(values)["cell"] = "甲部、乙會"


def other_order(values):
    strategy(values, 1)["leads"].reverse()


def no_slug(values):
    del values["plan"]


def unfit_slug(values):
    values["plan"] = "small/plan"


def unfit_code(values):
    strategy(values)["measures"][1]["code"] = "1.1.1.2 二"


def null_character(values):
    strategy(values)["measures"][0]["name"] = "建立\0種子庫"


def half_a_character(values):
    strategy(values)["measures"][0]["leads"] = ["甲\ud800部"]


@pytest.mark.parametrize(
    ("breaking", "message"),
    [
        (no_lead, "small.json：1.1.1.2：沒有主辦部會"),
        (unknown, "small.json：1.1.2：不認得部會「丁局」"),
        (twice, "small.json：1.1.1.1：部會「甲部」列了兩次"),
        (same_code, "small.json：1.1.1.1：措施編號 1.1.1.1 重複"),
        (wrong_branch, "small.json：1.1.2.2：措施編號 1.1.2.2 不在 1.1.1 之下"),
        (too_few, "small.json：goals：計畫自述有 3 個措施，檔案裡有 2 個"),
        (too_many_units, "small.json：goals：計畫自述有 2 個部會署及單位，檔案裡有 3 個"),
        (misspelled, "small.json：1.1.1：不認得「partner」"),
        (no_name, "small.json：1.1.1：少了「name」"),
        (too_long, "small.json：1.1.1：「name」超過 200 個字"),
        (not_a_list, "small.json：1.1.1：「measures」應該是清單"),
        (no_goals, "small.json：goals：沒有任何目標"),
        (backwards, "small.json：最上層：起始年在結束年之後"),
        (version_zero, "small.json：最上層：「version」應該是 1 到 9999 的整數"),
        (before_the_republic, "small.json：最上層：「start_year」應該是 1 到 200 的整數"),
        (after_its_second_century, "small.json：最上層：「end_year」應該是 1 到 200 的整數"),
        (
            other_cell,
            "small.json：1.1.1：「cell」是「甲部、乙會」，主辦與協辦卻是「甲部／乙會」",
        ),
        (
            other_order,
            "small.json：1.1.2：「cell」是「甲部、乙會及各相關部會」，主辦與協辦卻是「乙會、甲部」",
        ),
        (no_slug, "small.json：最上層：少了「plan」"),
        (unfit_slug, "small.json：最上層：「plan」只能有英文字母、數字、連字號與底線"),
        (
            unfit_code,
            "small.json：1.1.1.2 二：「code」只能有英文字母、數字、點與連字號",
        ),
        (null_character, "small.json：1.1.1.1：「name」含有控制字元"),
        (half_a_character, "small.json：1.1.1.1：「leads」含有控制字元"),
    ],
)
def test_broken_file_is_refused_whole(bodies, breaking, message):
    values = tree()
    breaking(values)
    with pytest.raises(FixtureError) as caught:
        load_plan(facts(values), by="tester")
    assert str(caught.value) == message
    assert not Plan.objects.exists()


def test_counts_of_a_loaded_plan_hold_for_a_bare_tree(approved):
    values = {key: tree()[key] for key in ("plan", "version", "goals")}
    too_few(values)
    with pytest.raises(FixtureError, match="計畫自述有 3 個措施，檔案裡有 2 個"):
        load_plan(facts(values), by="tester")


def test_a_bare_tree_of_an_unknown_plan_is_refused(bodies):
    values = {key: tree()[key] for key in ("plan", "version", "goals")}
    with pytest.raises(FixtureError, match="計畫「small」還沒有載入"):
        load_plan(facts(values), by="tester")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("x.json", '{\n"plan": }', "x.json：第 2 行：不是 JSON（Expecting value）"),
        ("x.json", '{"plan": "a", "plan": "b"}', "x.json：「plan」寫了兩次"),
        ("x.yaml", "plan: small\nversion: 1\n  goals: x", "x.yaml：第 3 行：不是 YAML（mapping "),
        ("x.yaml", "plan: small\nplan: other\n", "x.yaml：第 2 行：「plan」寫了兩次"),
        ("x.yaml", "plan: a\n[b, c]: 1\n", "x.yaml：第 2 行：不是 YAML（"),
        ("x.yaml", "plan: !!int abc\n", "x.yaml：最上層：讀不下去（"),
        ("x.json", "[" * 100_000, "x.json：最上層：讀不下去（"),
        ("x.json", '{"version": ' + "9" * 5000 + "}", "x.json：最上層：讀不下去（"),
        ("x.yaml", "- a\n- b\n", "x.yaml：第 1 行：最上層應該是「鍵: 值」"),
        ("x.yaml", "plan: small\nversion: one\ngoals: []", "x.yaml：第 1 行：「version」應該是 1"),
        (
            "x.yaml",
            "plan: s\nversion: 1\ngoals:\n- code: 1\n  name: a\n  sub_goals:\n  - code: 1.10\n",
            "x.yaml：第 7 行，1.10：少了「name」",
        ),
    ],
)
def test_unreadable_text_is_refused_with_its_line(file, text, message):
    with pytest.raises(FixtureError) as caught:
        read_text(file, text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("nstp-110-113/tree.yaml", "[教育部]\n", "[教育不]\n", "不認得部會「教育不」"),
        ("nstp-110-113/tree.yaml", "code: 1.1.1.2\n", "code: 1.1.1.1\n", "編號 1.1.1.1 重複"),
        ("nstp-110-113/plan.yaml", "measures: 134", "measures: 135", "計畫自述有 135 個措施"),
        ("nstp-110-113/bodies.yaml", "{ministry: moj}", "{ministry: mojo}", "不認得部會「mojo」"),
        ("nstp-110-113/bodies.yaml", "counted: false", "counted: true", "個部會署及單位"),
        ("nstp-110-113/tables/table-8.yaml", ', "0.7"]', "]", "應有 5 格，寫了 4 格"),
        ("nstp-110-113/tables/table-8.yaml", '"0.7"', '"0,x"', "「0,x」不是數字"),
        ("nstp-110-113/tables/table-8.yaml", '"0.7"', '"NaN"', "「NaN」不是可以記下的數字"),
        ("nstp-110-113/tables/table-8.yaml", '"0.7"', '"1e99"', "「1e99」不是可以記下的數字"),
        ("nstp-110-113/tables/table-8.yaml", '"0.7"', f'"{"0" * 41}"', "有一格超過 40 個字"),
        ("ministries.yaml", "code: moj,", '"code": "mo j",', "「code」只能有英文字母、數字"),
        ("nstp-110-113/tables/table-6.yaml", 'number: "6"', 'number: "5"', "表 5 有兩個檔案"),
        ("ministries.yaml", "code: moc,", "code: moe,", "部會「moe」列了兩次"),
        ("ministries.yaml", "since: 2018-04-28", "since: 2018-04-31", "應該是 2021-01-31 這樣"),
        ("ministries.yaml", "since: 2014-03-03", "since: 2024-03-03", "終止日要在成立日之後"),
        ("successions.yaml", "kind: merged", "kind: swallowed", "「kind」應該是 renamed、merged"),
        ("successions.yaml", "predecessor: coa", "predecessor: coal", "不認得部會「coal」"),
        ("successions.yaml", "coa, successor: moa", "moda, successor: dcs", "會成為循環"),
        ("successions.yaml", "predecessor: coa", "predecessor: most", "不能再有一個後繼部會"),
    ],
)  # fmt: skip
def test_broken_fixture_is_refused_with_file_and_line(tmp_path, name, old, new, message):
    folder = copy_fixtures(tmp_path)
    file = folder.parent / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FixtureError, match=message) as caught:
        load_plan(read(folder), by="tester")
    if "自述" in str(caught.value):  # a count belongs to no line
        assert caught.value.file == str(folder)
    else:
        assert caught.value.file == str(file)
        assert caught.value.place.startswith("第 ")
    assert not Plan.objects.exists()
    assert not Ministry.objects.exists()


def test_a_loaded_body_keeps_to_its_successions(tmp_path):
    folder = copy_fixtures(tmp_path)
    load_plan(read(folder), by="tester")
    file = folder.parent / "ministries.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("until: 2023-08-01", "until: 2024-01-01"), encoding="utf-8")
    with pytest.raises(FixtureError, match="農委會的終止日是113-01-01，和生效日112-08-01不同"):
        load_plan(read(folder), by="tester")
    assert Ministry.objects.get(code="coa").until == date(2023, 8, 1)


def test_command_refuses_with_file_place_and_reason(tmp_path, bodies):
    file = tmp_path / "mine.json"
    values = tree()
    no_lead(values)
    file.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("load_plan", str(file))
    assert str(caught.value) == f"{file}：1.1.1.2：沒有主辦部會"
    with pytest.raises(CommandError, match="讀不到檔案"):
        call_command("load_plan", str(tmp_path / "absent.json"))


def test_dry_run_writes_nothing(tmp_path, bodies, capsys):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(tree()), encoding="utf-8")
    call_command("load_plan", str(file), "--dry-run")
    assert "新增措施 1.1.1.1" in capsys.readouterr().out
    assert not Goal.objects.exists()


def test_a_part_of_a_folder_stands_for_the_folder(tmp_path):
    folder = copy_fixtures(tmp_path)
    load_plan(read(folder / "tree.yaml"), by="tester")
    assert CellEntry.objects.count() == sum(
        len(row.leads) + len(row.partners) for _, row in read().strategies()
    )
