"""Export and load are each other's inverse."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from ministries.models import AuditEvent, Ministry
from plan.actions.load_plan import load_plan
from plan.export import export_plan, find_version
from tests.plan.samples import facts, tree

pytestmark = pytest.mark.django_db

SHORT_NAMES = ("甲部", "乙會", "丙署", "丁局")


def create_bodies():
    Ministry.objects.bulk_create(
        Ministry(code=f"m{number}", short_name=name, full_name=name)
        for number, name in enumerate(SHORT_NAMES)
    )


def bare(values: dict) -> dict:
    return {key: values[key] for key in ("plan", "version", "goals")}


def test_export_is_the_loaded_tree():
    create_bodies()
    load_plan(facts(tree()), by="tester")
    assert export_plan(find_version("small")) == bare(tree())


def test_export_asks_few_questions(django_assert_max_num_queries):
    call_command("load_plan")
    with django_assert_max_num_queries(7):
        export_plan(find_version())


def test_real_plan_round_trip(tmp_path, capsys):
    call_command("load_plan")
    capsys.readouterr()
    call_command("export_plan", "--plan", "nstp-110-113")
    first = capsys.readouterr().out
    event = AuditEvent.objects.get(verb="export.take")
    assert (event.actor, event.after["plan"]) == ("system:export_plan", "nstp-110-113")
    values = json.loads(first)
    assert list(values) == ["plan", "version", "goals"]
    strategy = values["goals"][1]["sub_goals"][0]["strategies"][0]
    assert {key: strategy[key] for key in strategy if key != "measures"} == {
        "code": "2.1.1",
        "name": "建立科技決策支援體系",
        "cell": "科技部／行政院科技會報辦公室",
        "note": "",
        "leads": ["科技部"],
        "partners": ["行政院科技會報辦公室"],
    }
    assert strategy["measures"][0] == {
        "code": "2.1.1.1",
        "name": "精進科技計畫之形成方式及審議機制",
        "leads": ["科技部"],
        "partners": ["行政院科技會報辦公室"],
    }
    file = tmp_path / "plan.json"
    file.write_text(first, encoding="utf-8")
    call_command("load_plan", str(file))
    assert capsys.readouterr().out.startswith("nstp-110-113 第 1 版：沒有改變\n")


def test_export_of_the_real_plan_loads_into_an_empty_database(tmp_path, capsys):
    with transaction.atomic():
        call_command("load_plan")
        capsys.readouterr()
        call_command("export_plan")
        first = capsys.readouterr().out
        transaction.set_rollback(True)
    assert not Ministry.objects.exists()
    file = tmp_path / "plan.json"
    file.write_text(first, encoding="utf-8")
    call_command("load_plan", str(file))
    capsys.readouterr()
    call_command("export_plan")
    assert capsys.readouterr().out == first


def test_nothing_to_export():
    with pytest.raises(CommandError, match="還沒有載入任何核定的計畫"):
        call_command("export_plan")
    with pytest.raises(CommandError, match="沒有計畫「other」"):
        call_command("export_plan", "--plan", "other")
    create_bodies()
    load_plan(facts({**tree(), "state": "draft"}), by="tester")
    with pytest.raises(CommandError, match="沒有核定的版本"):
        call_command("export_plan", "--plan", "small")


# --- generated trees ----------------------------------------------------------------------------
names = st.text(
    st.characters(categories=("Lo", "Lu", "Nd", "Po"), exclude_characters="\0"),
    min_size=1,
    max_size=12,
)


@st.composite
def duties(draw) -> dict:
    named = draw(st.lists(st.sampled_from(SHORT_NAMES), min_size=1, max_size=4, unique=True))
    split = draw(st.integers(1, len(named)))
    return {"leads": named[:split], "partners": named[split:]}


def children(draw, parent: str, make, most: int = 3) -> list[dict]:
    numbers = draw(st.lists(st.integers(1, 12), min_size=1, max_size=most, unique=True))
    return [make(f"{parent}.{number}" if parent else str(number)) for number in numbers]


@st.composite
def trees(draw) -> dict:
    """Trees of any shape: codes in any order, duties narrowed per measure."""

    def node(code: str) -> dict:
        return {"code": code, "name": draw(names)}

    def measure(code: str) -> dict:
        return {**node(code), **draw(duties())}

    def strategy(code: str) -> dict:
        own = {**node(code), "note": draw(st.just("") | names), **draw(duties())}
        cell = "／".join("、".join(own[side]) for side in ("leads", "partners") if own[side])
        own["cell"] = draw(st.sampled_from(["", cell, f"{cell}及各相關部會"]))
        return {**own, "measures": children(draw, code, measure)}

    def sub_goal(code: str) -> dict:
        return {**node(code), "strategies": children(draw, code, strategy, 2)}

    def goal(code: str) -> dict:
        return {**node(code), "sub_goals": children(draw, code, sub_goal, 2)}

    return {"plan": "made", "version": 1, "goals": children(draw, "", goal, 2)}


@settings(max_examples=25, deadline=None)
@given(values=trees())
def test_any_tree_comes_back_as_it_went_in(values):
    about = {key: tree()[key] for key in ("name", "start_year", "end_year", "title", "level_names")}
    with transaction.atomic():
        create_bodies()
        load_plan(facts({**values, **about}), by="tester")
        exported = export_plan(find_version("made"))
        assert exported == values
        assert load_plan(facts(exported), by="tester") == []
        transaction.set_rollback(True)
