"""Reading the published text: the traps with a text of our own, the real document where it is."""

import json
import subprocess
import sys
import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from config.kit.errors import NotAllowed
from ministries.models import AuditEvent, Ministry
from plan.actions.import_document import import_document, preview
from plan.actions.load_plan import load_plan
from plan.document.compare import Difference, Loaded, compare
from plan.document.division import split_cell
from plan.document.errors import DocumentError
from plan.document.lines import Line, chinese_number, join, paragraphs, read_lines, squeeze
from plan.document.reader import decode, read_document
from plan.document.report import as_json, as_text
from plan.export import find_version
from plan.models import Goal, Measure, MeasureItem, Objective, Plan, PrintedFigure, Strategy
from tests.plan.samples import DOCUMENT, facts, tree

LOADED = Loaded(
    names={
        "1": "種樹成林",
        "1.1": "養好苗木",
        "1.1.1": "選種育苗",
        "1.1.2": "護林",
        "1.1.1.1": "建立種子庫",
        "1.1.1.2": "推廣 5G 苗圃",
        "1.1.2.1": "巡山",
    },
    cells={"1.1.1": "甲部／乙會", "1.1.2": "甲部、乙會及各相關部會"},
    claim={"goals": 1, "sub_goals": 1, "strategies": 2, "measures": 3, "units": 2},
    objectives=["甲部", "乙會"],
    table_8={111: ("1307", "205441", "0.64"), 112: ("1383", "209550", "0.7")},
)


def line_of(text: str, document: str = DOCUMENT) -> int:
    """1-based line on which the text first stands."""
    return document[: document.index(text)].count("\n") + 1


# --- lines and paragraphs -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["種樹", "成林"], "種樹成林"),
        (["滿 3", "年後"], "滿 3 年後"),
        (["導入", "AI 技術"], "導入 AI 技術"),
        (["Global ", "Seed Code"], "Global Seed Code"),
        (["T-", "Road 通道"], "T-Road 通道"),
        (["（Seed, ", "SB）庫"], "（Seed, SB）庫"),
        (["占 20%", "以上"], "占 20%以上"),
        (["透 過 網 路 （ Web", "）巡 山"], "透過網路（Web）巡山"),
        (["甲、", "5G"], "甲、5G"),
    ],
)
def test_wrapped_lines_are_joined(lines, text):
    assert join([Line(n, line.strip(), line.endswith(" ")) for n, line in enumerate(lines)]) == text


@pytest.mark.parametrize(
    ("text", "number"), [("一", 1), ("九", 9), ("十", 10), ("十二", 12), ("二十", 20), ("卅", None)]
)
def test_chinese_numbers(text, number):
    if number is None:
        with pytest.raises(KeyError):
            chinese_number(text)
    else:
        assert chinese_number(text) == number


def test_line_numbers_count_empty_lines_and_page_numbers_vanish():
    lines = read_lines("\ufeff甲 \r\n\r\n 12 \r\n\n乙")
    assert lines == [Line(1, "甲", True), Line(5, "乙", False)]


chinese = st.text(st.sampled_from("種樹成林養好苗木，、「」（）"), min_size=1, max_size=40)


@given(st.lists(chinese, min_size=1, max_size=6), st.integers(2, 12))
def test_no_character_is_lost_by_wrapping(texts, width):
    printed = "\n\n".join(
        "\n".join(text[start : start + width] for start in range(0, len(text), width)) + " "
        for text in texts
    )
    assert [found.text for found in paragraphs(read_lines(printed))] == texts


@given(st.text())
@settings(max_examples=200)
def test_any_other_text_is_refused_and_nothing_else_happens(text):
    with pytest.raises(DocumentError):
        read_document(text)


# --- cells --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("甲部", (["甲部"], [], "")),
        ("甲部、乙會", (["甲部", "乙會"], [], "")),
        ("甲部、乙會／丙署", (["甲部", "乙會"], ["丙署"], "")),
        ("甲部／乙會、丙署及各相關部會", (["甲部"], ["乙會", "丙署"], "及各相關部會")),
    ],
)
def test_split_cell(cell, parts):
    assert split_cell(cell) == parts


# --- the small document -------------------------------------------------------------------------
@pytest.fixture(scope="module")
def document():
    return read_document(DOCUMENT)


def test_small_document_agrees_with_its_plan(document):
    assert compare(document, LOADED) == []


def test_goal_texts_end_where_the_next_thing_begins(document):
    assert [(goal.code, goal.text) for goal in document.goal_texts] == [
        ("1", "為達成此目標，先養苗，再護林。")
    ]


def test_measures(document):
    first, second, third = document.measures
    assert first.lines == (line_of("1. 建立種子庫"),)
    assert first.text == (
        "種子庫收藏各地種子，採用 4.0 版的規範；包含 I.採集、II.清洗與 III.冷藏，於 3 年內完成。\n"
        "（1） 採集\n"
        "I. 赴各縣市採集原生樹種。\n"
        "II. 登錄來源\n"
        "登錄時須註明 Global Seed Code, GSC）編碼。\n"
        "（2） 冷藏以維持活力。\n"
        "另訂管理辦法，重點如：\n"
        "（1） 溫度\n"
        "低於零下 18 度。"
    )
    assert (second.code, second.name, second.text) == (
        "1.1.1.2",
        "推廣 5G 苗圃",
        "透過網路監看苗圃。",
    )
    assert (third.code, third.text) == ("1.1.2.1", "每週巡視。")
    assert second.items == third.items == []


def test_items(document):
    items = document.measures[0].items
    assert [(item.level, item.marker, item.title, item.text) for item in items] == [
        (1, "（1）", "採集", ""),
        (2, "I.", None, "赴各縣市採集原生樹種。"),
        (2, "II.", "登錄來源", "登錄時須註明 Global Seed Code, GSC）編碼。"),
        (1, "（2）", None, "冷藏以維持活力。"),
        (1, "（1）", "溫度", "低於零下 18 度。"),
    ]
    assert items[0].line == line_of("（1） 採集")


def test_introduction_of_a_strategy_is_not_a_measure(document):
    assert [(h.code, h.introduction) for h in document.headings if h.introduction] == [
        ("1.1.1", "本策略先有一段引言。")
    ]


def test_table_7_over_two_pages(document):
    assert [(row.code, row.name, row.cell) for row in document.strategy_rows] == [
        ("1.1.1", "選種育苗", "甲部／乙會"),
        ("1.1.2", "護林", "甲部、乙會及各相關部會"),
    ]
    assert [(row.code, row.name) for row in document.measure_rows] == [
        ("1.1.1.1", "建立種子庫"),
        ("1.1.1.2", "推廣 5G 苗圃"),
        ("1.1.2.1", "巡山"),
    ]


def test_objectives_and_table_8(document):
    assert [(row.name, row.text) for row in document.objectives] == [
        ("甲部", "把樹種活，並且照顧。"),
        ("乙會", "幫忙種樹。"),
    ]
    assert [(row.year, row.budget, row.gdp, row.ratio) for row in document.table_8] == [
        (111, 1307, 205441, "0.64"),
        (112, 1383, 209550, "0.7"),
    ]


def test_windows_line_ends_and_byte_order_mark_make_no_difference(document):
    content = ("\ufeff" + DOCUMENT.replace("\n", "\r\n")).encode()
    assert read_document(decode(content)) == document


def test_counts(document):
    assert document.counts == {
        "goals": 1,
        "sub_goals": 1,
        "strategies": 2,
        "measures": 3,
        "goals_with_text": 1,
        "measures_with_text": 3,
        "strategies_with_cell": 2,
        "items": 5,
        "measures_with_items": 1,
        "titled_items": 3,
        "measures_with_titled_items": 1,
        "objectives": 2,
        "table_8": 2,
    }


# --- differences --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("old", "new", "differences"),
    [
        ("1. 巡山 \n", "1. 巡林 \n", [("1.1.2.1", "巡林", "巡山", ["1. 巡林"])]),
        ("(1) 巡 山 \n", "(1) 巡 林 \n", [("1.1.2.1", "巡林", "巡山", ["(1) 巡 林"])]),
        ("目標一「種樹成林」", "目標一「種樹」", [("1", "種樹", "種樹成林", ["目標一「種樹」"])]),
        ("1. 巡山 \n\n每週巡視。", "每週巡視。", [("1.1.2.1", None, "巡山", [])]),
        (
            "每週巡視。\n",
            "每週巡視。 \n2. 砍柴 \n不可。\n",
            [("1.1.2.2", "砍柴", None, ["2. 砍柴"])],
        ),
        (
            "甲部／乙\n會",
            "甲部／丙\n署",
            [("1.1.1", "甲部／丙署", "甲部／乙會", ["甲部／丙", "署 (2)"])],
        ),
        (
            "209,550",
            "209,551",
            [("table_8.112.gdp", "209551", "209550", ["年度 1", "整體", "GDP", "占比"])],
        ),
        ("由 2 個", "由 3 個", [("counts.units", "3", "2", ["本計畫包括"])]),
        (
            "乙會 \n\n幫",
            "丙署 \n\n幫",
            [
                ("objectives.丙署", "丙署", None, ["丙署 \n\n幫"]),
                ("objectives.乙會", None, "乙會", []),
            ],
        ),
        ("每週巡視。\n", "\n", [("1.1.2.1.text", "", None, ["1. 巡山"])]),
    ],
)
def test_a_difference_is_reported_with_its_lines(old, new, differences):
    assert DOCUMENT.count(old) == 1
    changed = DOCUMENT.replace(old, new)
    assert compare(read_document(changed), LOADED) == [
        Difference(where, here, there, tuple(line_of(start, changed) for start in starts))
        for where, here, there, starts in differences
    ]


def test_two_measures_with_one_number(document):
    changed = DOCUMENT.replace("2. 推廣 5G", "1. 推廣 5G")
    found = {(d.where, d.document, d.loaded) for d in compare(read_document(changed), LOADED)}
    assert found == {
        ("1.1.1.1", "推廣 5G 苗圃", "建立種子庫"),
        ("1.1.1.2", None, "推廣 5G 苗圃"),
    }


def test_report(document):
    difference = Difference("1", "種樹", None, (3, 5))
    report = as_json(document, [difference])
    assert list(report) == ["counts", "measures", "objectives", "table_8", "differences"]
    assert report["measures"]["1.1.1.1"]["items"][0] == {
        "level": 1,
        "marker": "（1）",
        "title": "採集",
        "text": "",
    }
    assert report["objectives"] == {"甲部": "把樹種活，並且照顧。", "乙會": "幫忙種樹。"}
    assert report["table_8"][0] == {"year": 111, "budget": 1307, "gdp": 205441, "ratio": "0.64"}
    assert report["differences"] == [
        {"where": "1", "document": "種樹", "loaded": None, "lines": [3, 5]}
    ]
    assert list(as_text(document, [difference]))[-2:] == [
        "差異：1",
        "  1：文件 「種樹」；系統 沒有（第 3、5 行）",
    ]


# --- refusals -----------------------------------------------------------------------------------
def cut_before(text: str) -> str:
    return DOCUMENT[: DOCUMENT.index(text)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "找不到任何一章的標題"),
        ("購物清單：蘋果。 \n", "找不到任何一章的標題"),
        (cut_before("肆、 "), "找不到第肆章（策略與重要措施）；最後讀到的是第參章（第 9 行）"),
        (cut_before("捌、 "), "找不到第捌章"),
        (DOCUMENT[DOCUMENT.index("貳、 ") :], "找不到第壹章"),
        (cut_before("檢討。"), "文件在句子中間中斷"),
        (DOCUMENT.replace("逐年檢討", "第一部分：逐年檢討"), "第捌章只有第一部分"),
        (DOCUMENT.replace("目標 子目標 策略", "目標"), "找不到表 7 的表頭"),
        (DOCUMENT.replace("年度 111 年 112 年", "年度"), "找不到表 8 的年度列"),
        (DOCUMENT.replace("1,307 1,383", "1,307"), "表 8「整體科技預算」應有 2 個數字"),
        (DOCUMENT.replace("占比 0.64 0.7 \n", ""), "表 8 少了「占比」"),
        (DOCUMENT.replace(" \n", "\n"), "行尾的空白都不見了"),
    ],
    ids=range(12),
)
def test_unknown_or_cut_text_is_refused(text, reason):
    with pytest.raises(DocumentError, match=reason.replace("（", "\\（")):
        read_document(text)


def test_what_is_not_text_is_refused():
    with pytest.raises(DocumentError, match="這是 PDF 檔"):
        decode(b"%PDF-1.7\n...")
    with pytest.raises(DocumentError, match="第 2 行：不是 UTF-8 文字檔"):
        decode("甲\n乙".encode()[:-1] + b"\xff")
    with pytest.raises(DocumentError, match="第 2 行：不是 UTF-8 文字檔"):
        decode("甲\n乙\0丙".encode())


@given(st.integers(0, DOCUMENT.count("\n") - 2))
def test_a_text_cut_at_any_line_is_refused(count):
    with pytest.raises(DocumentError):
        read_document("\n".join(DOCUMENT.split("\n")[:count]))


@given(st.integers(0, DOCUMENT.count("\n")), st.integers(1, 30))
@settings(max_examples=200)
def test_a_text_with_lines_missing_is_compared_or_refused(start, count):
    lines = DOCUMENT.split("\n")
    del lines[start : start + count]
    try:
        compare(read_document("\n".join(lines)), LOADED)
    except DocumentError as error:
        assert error.reason


def test_reader_needs_no_django():
    code = (
        "import sys, plan.document.reader, plan.document.report, plan.fixture_files.read, "
        "plan.fixture_files.check; sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- into the database --------------------------------------------------------------------------
@pytest.fixture
def version(db):
    for code, name in (("a", "甲部"), ("b", "乙會")):
        ministry = Ministry.objects.create(code=code, short_name=name, full_name=name)
    load_plan(facts(tree()), by="tester")
    plan = Plan.objects.get()
    for ordinal, ministry in enumerate(Ministry.objects.order_by("code"), start=1):
        Objective.objects.create(
            plan=plan, ministry=ministry, ordinal=ordinal, printed_name=ministry.short_name
        )
    rows = {"整體科技預算": ("1,307", "1,383"), "GDP 預估數": ("205,441", "209,550")}
    for row_ordinal, (row, cells) in enumerate({**rows, "占比": ("0.64", "0.7")}.items(), start=1):
        for column_ordinal, printed in enumerate(cells, start=1):
            PrintedFigure.objects.create(
                plan=plan,
                table="8",
                row=row,
                row_ordinal=row_ordinal,
                column=f"{110 + column_ordinal} 年",
                column_ordinal=column_ordinal,
                year=110 + column_ordinal,
                unit="億元",
                printed=printed,
            )
    return find_version("small")


def test_import_attaches_the_prose(version):
    result = import_document(DOCUMENT.encode(), version, name="plan.txt", by="tester")
    assert result.differences == []
    assert result.changed == {
        "goals": 1,
        "sub_goals": 0,
        "strategies": 1,
        "measures": 3,
        "objectives": 2,
        "items": 1,
    }
    assert Goal.objects.get().text == "為達成此目標，先養苗，再護林。"
    assert Strategy.objects.get(code="1.1.1").text == "本策略先有一段引言。"
    assert Measure.objects.get(code="1.1.1.2").description == "透過網路監看苗圃。"
    assert list(MeasureItem.objects.values_list("ordinal", "level", "marker", "title"))[:3] == [
        (1, 1, "（1）", "採集"),
        (2, 2, "I.", ""),
        (3, 2, "II.", "登錄來源"),
    ]
    assert Objective.objects.get(ministry__code="b").text == "幫忙種樹。"
    plan = Plan.objects.get()
    assert plan.imported_name == "plan.txt"
    assert len(plan.imported_sha256) == 64
    event = AuditEvent.objects.get(verb="plan.import_document")
    assert event.before == {"name": "", "sha256": ""}
    assert event.after["measures"] == 3


def test_only_administrators_import(version):
    with pytest.raises(NotAllowed):
        import_document(DOCUMENT.encode(), version, name="plan.txt", by=AnonymousUser())
    assert Plan.objects.get().imported_at is None


def test_second_import_changes_nothing(version):
    import_document(DOCUMENT.encode(), version, name="plan.txt", by="tester")
    imported_at = Plan.objects.get().imported_at
    pks = list(MeasureItem.objects.values_list("pk", flat=True))
    result = import_document(DOCUMENT.encode(), version, name="plan.txt", by="tester")
    assert not any(result.changed.values())
    assert Plan.objects.get().imported_at == imported_at
    assert list(MeasureItem.objects.values_list("pk", flat=True)) == pks
    assert AuditEvent.objects.filter(verb="plan.import_document").count() == 1


def test_a_corrected_text_replaces_only_what_differs(version):
    import_document(DOCUMENT.encode(), version, name="plan.txt", by="tester")
    corrected = DOCUMENT.replace("赴各縣市採集", "赴各鄉鎮採集")
    result = import_document(corrected.encode(), version, name="plan.txt", by="tester")
    assert {kind: count for kind, count in result.changed.items() if count} == {
        "measures": 1,
        "items": 1,
    }
    assert MeasureItem.objects.get(marker="I.").text == "赴各鄉鎮採集原生樹種。"
    assert MeasureItem.objects.count() == 5


def test_preview_writes_nothing(version):
    result = preview(DOCUMENT.encode(), version)
    assert result.changed["measures"] == 3
    assert Measure.objects.get(code="1.1.1.2").description == ""
    assert Plan.objects.get().imported_at is None


def test_a_surplus_measure_is_reported_and_not_written(version):
    changed = DOCUMENT.replace("每週巡視。\n", "每週巡視。 \n2. 砍柴 \n不可。\n")
    result = import_document(changed.encode(), version, name="plan.txt", by="tester")
    assert [difference.where for difference in result.differences] == ["1.1.2.2"]
    assert Measure.objects.count() == 3
    assert Measure.objects.get(code="1.1.2.1").description == "每週巡視。"


def test_command(version, tmp_path, capsys):
    file = tmp_path / "plan.txt"
    file.write_text(DOCUMENT, encoding="utf-8")
    call_command("import_document", str(file), "--plan", "small", "--dry-run", "--format", "json")
    report = json.loads(capsys.readouterr().out)
    assert report["differences"] == []
    assert report["measures"]["1.1.2.1"] == {"text": "每週巡視。", "items": []}
    assert Plan.objects.get().imported_at is None
    call_command("import_document", str(file))
    out = capsys.readouterr().out
    assert "差異：0\n" in out
    assert out.endswith("已更新：goals 1、strategies 1、measures 3、objectives 2、items 1\n")


def test_command_refuses(version, tmp_path):
    file = tmp_path / "plan.txt"
    file.write_text(cut_before("陸、 "), encoding="utf-8")
    with pytest.raises(CommandError, match=r"plan\.txt：文件不完整：找不到第陸章"):
        call_command("import_document", str(file))
    with pytest.raises(CommandError, match="讀不到檔案"):
        call_command("import_document", str(tmp_path / "absent.txt"))
    with pytest.raises(CommandError, match="沒有計畫「other」"):
        call_command("import_document", str(file), "--plan", "other")


# --- the real document --------------------------------------------------------------------------
@pytest.mark.django_db
def test_real_document(plan_document, capsys):
    call_command("load_plan")
    capsys.readouterr()
    started = time.perf_counter()
    call_command("import_document", str(plan_document), "--format", "json")
    assert time.perf_counter() - started < 3
    report = json.loads(capsys.readouterr().out)
    assert report["counts"] == {
        "goals": 4,
        "sub_goals": 15,
        "strategies": 44,
        "measures": 134,
        "goals_with_text": 4,
        "measures_with_text": 134,
        "strategies_with_cell": 44,
        "items": 338,
        "measures_with_items": 48,
        "titled_items": 200,
        "measures_with_titled_items": 41,
        "objectives": 29,
        "table_8": 5,
    }
    assert [(row["where"], row["lines"]) for row in report["differences"]] == [
        ("3.1.2.4", [3317]),
        ("3.1.4.5", [3682]),
        ("3.2.3.2", [3896, 3898]),
    ]
    assert [tuple(row.values()) for row in report["table_8"]] == [
        (111, 1307, 205441, "0.64"),
        (112, 1383, 209550, "0.66"),
        (113, 1453, 213741, "0.68"),
        (114, 1504, 218016, "0.69"),
        (115, 1557, 222376, "0.7"),
    ]
    assert Measure.objects.exclude(description="").count() == 134
    assert MeasureItem.objects.count() == 338
    assert MeasureItem.objects.exclude(title="").count() == 200
    assert Objective.objects.exclude(text="").count() == 29
    assert list(Strategy.objects.exclude(text="").values_list("code", flat=True)) == [
        "1.3.1",
        "1.3.2",
    ]


@pytest.fixture(scope="module")
def real(plan_document):
    return read_document(decode(plan_document.read_bytes()))


def markers(document, code: str) -> list[str]:
    measure = next(measure for measure in document.measures if measure.code == code)
    return [item.marker for item in measure.items]


def test_real_measures_lose_no_character(real, plan_document):
    """Everything of chapter 肆 is a heading, an introduction or a text, and nothing else is."""
    lines = plan_document.read_text(encoding="utf-8").split("\n")
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("肆、")) + 1
    last = next(n for n, line in enumerate(lines) if line.strip().startswith("伍、"))
    printed = [line.strip() for line in lines[first:last]]
    source = squeeze("".join(line for line in printed if not line.isdigit()))
    read = sum(len(squeeze(m.name + m.text)) for m in real.measures)
    read += sum(len(squeeze(h.name + h.introduction)) for h in real.headings)
    # What belongs to a heading's number and not to its name: 目標一：, 一、, （一）策略一、, 1.
    numbers = {1: 4, 2: 2, 3: 7}
    read += sum(numbers[h.code.count(".") + 1] for h in real.headings)
    read += 2 * len(real.measures)
    assert read == len(source)


def test_real_traps(real):
    texts = {measure.code: measure for measure in real.measures}
    assert markers(real, "1.1.3.1") == ["（1）", "（2）", "（3）"] * 2
    assert not texts["1.1.3.1"].items[2].text.endswith("：")
    assert markers(real, "4.3.1.3") == ["（1）", "（2）", "（3）", "（4）", "I.", "II.", "（5）"]
    assert markers(real, "4.3.2.1") == ["（1）", "（2）", "（3）", "（4）", "（5）"]
    for code, page in (("4.1.1.2", "91"), ("4.1.3.1", "97"), ("4.3.1.2", "118")):
        assert page not in texts[code].text, code
    assert "透過參與全球金融創新聯盟（Global Financial Innovation" in texts["3.1.4.1"].text
    assert "T-Road 資安防護專區" in texts["2.4.2.2"].text
    assert texts["4.4.3.2"].text.endswith("數位服務發展。")
    assert {item.level for item in texts["4.1.3.1"].items} == {1, 2, 3}
    rows = {row.code: row.cell for row in real.strategy_rows}
    assert rows["2.1.2"] == "科技部、經濟部／行政院科技會報辦公室、國防部"
    assert rows["4.2.1"] == "行政院資安處／經濟部、通傳會、教育部、科技部"
    names = {row.code: row.name for row in real.measure_rows}
    assert names["4.1.5.1"] == "精進倫理審查委員會（Institutional Review Board, IRB）審查程序"
    assert names["1.2.3.4"] == "引導大專校院發展跨域創新國際連結人才通識教育課程"


def test_real_document_cut_anywhere_is_refused(plan_document):
    lines = plan_document.read_text(encoding="utf-8").rstrip().split("\n")
    for count in (*range(1, len(lines), 400), *range(len(lines) - 40, len(lines))):
        with pytest.raises(DocumentError):
            read_document("\n".join(lines[:count]))
