"""The main volume of a review: summary, goals down to measures, coordination, money, annexes."""

from collections.abc import Iterator, Mapping, Sequence

from reports.documents.blocks import (
    Block,
    Column,
    Content,
    Contents,
    Heading,
    Pairs,
    Paragraph,
    Table,
)
from reports.documents.content import annexes, numbers, parts, words
from reports.documents.content.material import Branch, Material
from reports.documents.content.measure import attained, conclusion, measure_blocks
from reports.documents.content.parts import RIGHT


def main_volume(material: Material) -> Content:
    """Everything that is filed with the Executive Yuan, except the reports in full."""
    return Content(
        material.title,
        f"{material.kind}　主冊",
        parts.cover(material),
        material.day,
        tuple(_blocks(material)),
    )


def _blocks(material: Material) -> Iterator[Block]:
    yield Contents(4)
    yield Heading(1, "摘要")
    yield from _summary(material)
    yield Heading(1, f"各{material.level('goal')}成果")
    yield Paragraph(
        "執行情形、落後原因與因應對策節錄主辦部會報告的原文，已引於結論的不再重複；"
        "各件報告的全文見附冊。"
    )
    for goal in material.tree():
        yield from _branch(material, goal, 2)
    yield Heading(1, "跨部會協調")
    yield from _coordination(material)
    yield Heading(1, "經費路徑")
    yield from annexes.budget_blocks(material)
    yield Heading(1, "附錄")
    yield Heading(2, "採用的報告與缺件")
    yield annexes.used_table(material)
    yield Heading(2, "方法")
    yield from annexes.method(material)
    if material.experts:
        yield Heading(2, "評估專家")
        yield Table(
            "評估專家",
            (Column("代號", 1), Column("姓名", 1.4), Column("任職機關（構）", 3)),
            tuple((row["label"], row["name"], row["affiliation"]) for row in material.experts),
        )
    yield Heading(2, "名詞解釋")
    yield annexes.glossary(material)


# --- summary --------------------------------------------------------------------------------------
def _summary(material: Material) -> Iterator[Block]:
    yield from conclusion(material, "plan", "")
    whole = material.standing["plan"]
    goals = material.tree()
    yield Pairs(
        (
            (
                "全計畫達成度",
                f"{words.percent(whole['attainment'])}"
                f"（{words.band(material.rules, whole['band'])}）",
            ),
            ("怎麼算的", parts.explained(material, whole, goals)),
        )
    )
    yield numbers.attainment_figure(material, goals)
    yield numbers.standing_table(material, f"各{material.level('goal')}達成度", goals)
    yield from numbers.lights_blocks(material)
    yield numbers.filing_table(material)
    causes = numbers.causes_table(material)
    if causes.rows:
        yield causes


# --- one node -------------------------------------------------------------------------------------
def _branch(material: Material, branch: Branch, level: int) -> Iterator[Block]:
    """A node and all beneath it; levels follow each other without a gap."""
    name = material.level(branch.level)
    ordinal = branch.data.get("ordinal")
    mark = f"{name}{_ordinal(ordinal)}" if branch.level == "goal" and ordinal else branch.code
    yield Heading(level, f"{mark}　{branch.name}", words.anchor("n", branch.level, branch.code))
    if branch.level == "measure":
        yield from measure_blocks(material, branch)
        return
    node = material.node(branch)
    yield Pairs(
        (
            ("達成度", attained(material, node)),
            ("怎麼算的", parts.explained(material, node, branch.beneath)),
        )
    )
    yield from conclusion(material, branch.level, branch.code)
    below = branch.beneath[0].level if branch.beneath else ""
    if below:
        yield numbers.standing_table(material, f"各{material.level(below)}達成度", branch.beneath)
    for child in branch.beneath:
        yield from _branch(material, child, level + 1)


# --- coordination ---------------------------------------------------------------------------------
def _coordination(material: Material) -> Iterator[Block]:
    yield Heading(2, "低於門檻的項目")
    threshold = words.number(material.rules["threshold"])
    below = [branch for branch in _all(material.tree()) if material.node(branch)["below"]]
    yield Paragraph(f"達成度低於{threshold}%的有{len(below)}項，提跨部會協調會議。")
    if below:
        yield Table(
            "低於門檻的項目",
            (Column("層次", 0.8), Column("項目", 4), Column("達成度（%）", 1.2, RIGHT)),
            tuple(
                (
                    material.level(branch.level),
                    f"{branch.code}　{branch.name}",
                    words.one_decimal(material.node(branch)["attainment"]),
                )
                for branch in below
            ),
        )
    yield Heading(2, "會議與決議")
    if not material.meetings:
        yield Paragraph("尚無跨部會協調會議。", "empty")
    for meeting in material.meetings:
        yield from _meeting(meeting)


def _all(branches: Sequence[Branch]) -> Iterator[Branch]:
    for branch in branches:
        yield branch
        yield from _all(branch.beneath)


def _meeting(meeting: Mapping) -> Iterator[Block]:
    yield Heading(3, meeting["title"])
    facts = [("日期", words.day(meeting["on"])), ("主席", meeting["chair"] or words.NONE)]
    facts.append(("出席", "、".join(meeting["present"]) or words.NONE))
    if meeting["items"]:
        facts.append(("議題", "\n".join(meeting["items"])))
    yield Pairs(tuple(facts))
    yield from parts.paragraphs(meeting["minutes"])
    if meeting["resolutions"]:
        yield Table(
            "決議",
            (
                Column("編號", 0.6),
                Column("決議", 3),
                Column("主責", 1),
                Column("期限", 1),
                Column("狀態", 0.9),
                Column("辦理情形", 2.4),
            ),
            tuple(
                (
                    row["code"],
                    row["text"],
                    row["owner"],
                    words.day(row["due_on"]),
                    row["state"],
                    row["answer"],
                )
                for row in meeting["resolutions"]
            ),
        )


def _ordinal(number: int) -> str:
    """一 … 十; further ones in digits."""
    return "一二三四五六七八九十"[number - 1] if 1 <= number <= 10 else str(number)
