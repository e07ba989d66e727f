"""Redline, crosswalk and lineage as arithmetic, and random sequences of verbs on a real draft."""

import contextlib
import itertools

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.kit.errors import Invalid
from config.kit.textdiff import mark_changes, runs
from plan.actions import revise, versions
from plan.actions.revise import Part, Why
from plan.enums import AssignmentRole, ChangeKind, NodeLevel
from plan.levels import ABOVE, LEVELS
from plan.models import PlanVersion
from plan.queries import crosswalk as crosswalk_of
from plan.queries import entries
from plan.queries import redline as redline_of
from plan.revision import Edge, Entry, crosswalk, forebears, heirs, redline
from plan.vision import Heading, Paragraph, Table, build

WHY = Why("other", "試", "試")


def measure(lineage: str, code: str, name: str = "名", **more) -> Entry:
    return Entry("measure", lineage, code, name, more.pop("parent", "s"), **more)


def edge(old: str, new: str, kind: str = "split") -> Edge:
    return Edge(old, new, kind)


# --- lineage --------------------------------------------------------------------------------------
def test_heirs_and_forebears_go_over_several_steps():
    edges = [edge("a", "b"), edge("a", "c"), edge("c", "d", "merge"), edge("x", "d", "merge")]
    assert heirs("a", edges) == {"b", "c", "d"}
    assert forebears("d", edges) == {"c", "x", "a"}
    assert heirs("d", edges) == set()


# --- crosswalk ------------------------------------------------------------------------------------
def test_crosswalk_literal():
    old = [measure("a", "1"), measure("b", "2"), measure("c", "3"), measure("d", "4")]
    new = [measure("a", "2"), measure("e", "1"), measure("f", "3"), measure("g", "5")]
    edges = [edge("b", "e"), edge("b", "h"), edge("h", "f", "merge"), edge("c", "f", "merge")]
    found = [
        (pair.old and pair.old.code, pair.new and pair.new.code, pair.kind)
        for pair in crosswalk(old, new, edges)
    ]
    assert found == [
        ("1", "2", "renumber"),
        ("2", "1", "split"),
        ("2", "3", "merge"),
        ("3", "3", "merge"),
        ("4", None, "end"),
        (None, "5", "add"),
    ]


# --- redline --------------------------------------------------------------------------------------
def test_redline_names_each_kind_of_change():
    old = [
        measure("a", "1", "甲"), measure("b", "2", "乙"), measure("c", "3", "丙", duties="甲部"),
        measure("d", "4", "丁"), measure("e", "5", "戊"), measure("f", "6", "己"),
    ]  # fmt: skip
    new = [
        measure("a", "1", "甲甲"), measure("b", "9", "乙"), measure("c", "3", "丙", duties="乙部"),
        measure("d", "4", "丁", parent="t"), measure("f", "6", "己"), measure("g", "7", "庚"),
    ]  # fmt: skip
    rows = redline(old, new, [])
    assert [row.kinds for row in rows] == [
        ("reword",), ("renumber",), ("reassign",), ("move",), ("end",), ("add",),
    ]  # fmt: skip
    assert [aspect.key for aspect in rows[2].aspects] == ["heading", "duties"]
    assert len(redline(old, new, [], unchanged=True)) == 7


def test_what_was_split_stands_on_one_line():
    old = [measure("a", "1", "甲"), measure("z", "2", "癸")]
    new = [measure("b", "1", "甲一"), measure("z", "2", "癸"), measure("c", "3", "甲二")]
    [row] = redline(old, new, [edge("a", "b"), edge("a", "c")])
    assert row.kinds == ("split",)
    assert [entry.code for entry in row.new] == ["1", "3"]
    assert row.aspects[0].old == "1 甲"
    assert row.aspects[0].new == "1 甲一\n3 甲二"


def test_what_began_the_old_tree_and_was_ended_comes_first():
    rows = redline([measure("a", "1"), measure("b", "2")], [measure("b", "1")], [])
    assert [row.kinds for row in rows] == [("end",), ("renumber",)]


@given(st.text(max_size=80), st.text(max_size=80))
def test_marked_pieces_give_both_texts_back(old, new):
    left, right = runs(old, new)
    assert "".join(text for text, _changed in left) == old
    assert "".join(text for text, _changed in right) == new
    unchanged = ["".join(t for t, changed in side if not changed) for side in (left, right)]
    assert unchanged[0] == unchanged[1]
    assert mark_changes(old, old)[0].count("<del>") == 0


# --- vision ---------------------------------------------------------------------------------------
def test_the_three_chapters():
    tree = [
        Entry("goal", "g", "A", "種樹", text="第一段。\n第二段。"),
        Entry("sub_goal", "h", "A", "種樹", "g", implicit=True),
        Entry("strategy", "s", "A.1", "育苗", "h", duties="甲部"),
        measure("m", "A.1.1", "採種", duties="甲部"),
    ]
    levels = {"goal": "主軸", "sub_goal": "", "strategy": "路徑", "measure": "行動"}
    rows = build(tree, redline(tree[:3], tree, []), levels=levels, status={"": ["總說。"]})
    assert rows == [
        Heading(1, "遠景"),
        Heading(2, "A 種樹"),
        Paragraph("第一段。"),
        Paragraph("第二段。"),
        Heading(1, "策略"),
        Heading(2, "A 種樹"),
        Table("A 種樹", ("路徑", "參與部會", "行動數"), (("A.1 育苗", "甲部", "1"),)),
        Heading(1, "現況說明"),
        Paragraph("總說。"),
        Heading(2, "A 種樹"),
        Paragraph("還沒有評估結論。"),
        Heading(2, "本次修正"),
        Table("本次修正的項數", ("修正", "行動"), (("新增", "1"),)),
    ]


# --- whatever is done to a draft ------------------------------------------------------------------
def act(draft: PlanVersion, world, verb: str, one: int, two: int) -> None:
    """The verb on nodes that the numbers pick; verbs that don't fit are refused and change nothing.

    Each runs in a transaction of its own, as a request does.
    """
    draft.refresh_from_db()
    level = list(NodeLevel)[one % 4]
    rows = list(LEVELS[level].objects.filter(version=draft).order_by("pk"))
    measures = list(draft.measures.order_by("pk"))
    row = rows[two % len(rows)] if rows else None
    given = {"why": WHY, "seen_edits": draft.edits, "by": world.collator}
    if row is None or (verb in ("split", "merge") and not measures):
        return
    with transaction.atomic():
        match verb:
            case "reword":
                revise.reword(draft, row, fields={"name": f"{row.name}{two}"[:200]}, **given)
            case "add":
                above = ABOVE.get(level)
                under = (
                    LEVELS[above[0]].objects.filter(version=draft).order_by("pk").first()
                    if above
                    else None
                )
                duties = revise.Duties([world.alpha.pk]) if level == "strategy" else None
                revise.add(draft, level, under=under, name="新", duties=duties, **given)
            case "end":
                revise.end(draft, row, **given)
            case "split":
                parts = [Part(f"部分{n}") for n in range(2 + one % 2)]
                revise.split(draft, measures[two % len(measures)], parts=parts, **given)
            case "merge":
                pair = [measures[one % len(measures)], measures[two % len(measures)]]
                revise.merge(draft, pair, name="合併", **given)
            case "move" if level in ABOVE:
                places = list(LEVELS[ABOVE[level][0]].objects.filter(version=draft).order_by("pk"))
                revise.move(draft, row, under=places[one % len(places)], **given)
            case "renumber":
                parent = row.strategy if level == "measure" else None
                siblings = list(parent.measures.all() if parent else draft.goals.all())
                order = [sibling.pk for sibling in siblings]
                turn = two % len(order)
                revise.renumber(draft, parent, order=order[turn:] + order[:turn], **given)
            case "reassign" if level in ("strategy", "measure"):
                duties = revise.Duties([world.beta.pk], [world.science.pk][: two % 2])
                revise.reassign(draft, row, duties=duties, **given)


STEPS = st.lists(
    st.tuples(st.sampled_from(ChangeKind.values), st.integers(0, 11), st.integers(0, 11)),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_is_done_the_draft_holds_together(world, steps):
    with transaction.atomic():
        draft = versions.open_draft(world.plan, by=world.collator)
        for verb, one, two in steps:
            with contextlib.suppress(Invalid):
                act(draft, world, verb, one, two)
        check_tree(draft)
        check_lineage(world.version, draft)
        transaction.set_rollback(True)


def check_tree(draft: PlanVersion) -> None:
    """Codes begin with their parents', are unique, and follow the order; positions are 1 to n."""
    for level, (_above, column) in ABOVE.items():
        rows = list(LEVELS[level].objects.filter(version=draft).select_related(column))
        assert len({row.code for row in rows}) == len(rows)
        for row in rows:
            assert row.code.startswith(f"{getattr(row, column).code}."), row
            assert getattr(row, column).version_id == draft.pk
    measures = list(
        draft.measures.order_by(
            "strategy__sub_goal__goal__ordinal",
            "strategy__sub_goal__ordinal",
            "strategy__ordinal",
            "ordinal",
        )
    )
    assert [row.position for row in measures] == list(range(1, len(measures) + 1))
    for row in measures:
        assert row.assignments.filter(role=AssignmentRole.LEAD, until__isnull=True).exists()


def check_lineage(base: PlanVersion, draft: PlanVersion) -> None:
    """Edges make no circle, the crosswalk is total both ways, and every difference has a line."""
    edges = [Edge(str(row.predecessor), str(row.successor), row.kind) for row in draft.edges.all()]
    for lineage in set(itertools.chain(*((one.predecessor, one.successor) for one in edges))):
        assert lineage not in heirs(lineage, edges)
    pairs = crosswalk_of(draft)
    old, new = ({str(row.lineage) for row in side.measures.all()} for side in (base, draft))
    assert {pair.old.lineage for pair in pairs if pair.old} == old
    assert {pair.new.lineage for pair in pairs if pair.new} == new
    assert len({(pair.old, pair.new) for pair in pairs}) == len(pairs)
    rows = redline_of(draft, unchanged=True)
    seen = [entry.lineage for row in rows for entry in row.new]
    assert sorted(seen) == sorted(entry.lineage for entry in entries(draft) if not entry.implicit)
    if not draft.changes.exists():
        assert redline_of(draft) == []


@pytest.mark.parametrize("kind", ChangeKind.values)
def test_the_random_walk_knows_every_verb(world, kind):
    draft = versions.open_draft(world.plan, by=world.collator)
    done = 0
    for one, two in itertools.product(range(4), range(4)):
        try:
            act(draft, world, kind, one, two)
            done = draft.changes.filter(kind=kind).count()
        except Invalid:
            continue
        if done:
            break
    assert done
