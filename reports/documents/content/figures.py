"""All figures of an edition as flat tables, one sheet each."""

from collections.abc import Iterator

from reports import attainment
from reports.documents.blocks import Block, Column, Content, Heading, Paragraph, Table
from reports.documents.content import annexes, numbers, parts, words
from reports.documents.content.material import Branch, Material
from reports.documents.content.parts import RIGHT


def figures(material: Material) -> Content:
    """Every number that the volumes print, and those from which they were computed."""
    return Content(
        material.title,
        f"{material.kind}　數據表",
        parts.cover(material),
        material.day,
        tuple(_blocks(material)),
    )


def _blocks(material: Material) -> Iterator[Block]:
    yield _nodes(material)
    yield from (block for block in numbers.lights_blocks(material) if isinstance(block, Table))
    yield _lights(material)
    yield numbers.filing_table(material)
    yield numbers.causes_table(material)
    yield _indicators(material)
    yield parts.values_table(material.lines)._replace(
        caption="各年各部會指標的目標與實績", name="各年指標"
    )
    yield parts.money_table(material.lines)._replace(caption="各年各部會經費（千元）", name="經費")
    yield from (block for block in annexes.budget_blocks(material) if isinstance(block, Table))
    yield annexes.used_table(material)
    yield Heading(1, "方法")
    yield from (block for block in annexes.method(material) if isinstance(block, Paragraph | Table))


def _nodes(material: Material) -> Table:
    def rows(branches: tuple[Branch, ...]) -> Iterator[tuple[str, ...]]:
        for branch in branches:
            node = material.node(branch)
            yield (
                material.level(branch.level),
                branch.code,
                branch.name,
                *numbers.standing_cells(material, node),
                "是" if node["below"] else "否",
            )
            yield from rows(branch.beneath)

    return Table(
        "各層達成度",
        (
            Column("層次"),
            Column("編號"),
            Column("名稱", 4),
            Column("達成度（%）", 1, RIGHT),
            Column("等級"),
            Column("有數字", 1, RIGHT),
            Column("未知", 1, RIGHT),
            Column("終止或不適用", 1, RIGHT),
            Column("低於門檻"),
        ),
        tuple(rows(material.tree())),
        name="達成度",
    )


def _lights(material: Material) -> Table:
    return Table(
        f"各{material.level('measure')}各年燈號與完成度",
        (
            Column("編號"),
            Column(material.level("measure"), 4),
            Column("年度"),
            Column("燈號"),
            Column("完成度（%）", 1, RIGHT),
        ),
        tuple(
            (
                branch.code,
                branch.name,
                str(year),
                words.LIGHTS[node["light"] or "unknown"][1],
                words.number(node["completion"]),
            )
            for branch in material.measures()
            for year, standing in material.standings.items()
            for node in [standing["measures"][branch.code]]
        ),
        name=f"{material.level('measure')}燈號",
    )


def _indicators(material: Material) -> Table:
    return Table(
        "評估期間各指標",
        (
            Column("編號"),
            Column("指標", 3),
            Column("部會"),
            Column("單位"),
            Column("方向"),
            Column("目標", 1, RIGHT),
            Column("實績", 1, RIGHT),
            Column("達成度（%）", 1, RIGHT),
        ),
        tuple(
            (
                branch.code,
                row["indicator"],
                material.ministry(row["owner"]),
                row["unit"],
                words.DIRECTIONS.get(row["direction"], row["direction"]),
                words.target(row),
                words.number(row["actual"]),
                words.one_decimal(row["attainment"]),
            )
            for branch in material.measures()
            for row in attainment.indicators_of(material.by_measure.get(branch.code, []))
        ),
        name="指標",
    )
