"""The yearly collation of the plan, and one ministry's whole filing of a year for its sign-off."""

from collections.abc import Iterator, Mapping, Sequence

from reports.documents.blocks import Block, Column, Content, Contents, Heading, Paragraph, Table
from reports.documents.content import annexes, numbers, parts, words
from reports.documents.content.material import Line, Material, measures_of


def collation(material: Material) -> Content:
    """All accepted reports of a year and what is missing, with the year's numbers first."""
    return Content(
        material.title,
        material.kind,
        parts.cover(material),
        material.day,
        tuple(_collation(material)),
    )


def _collation(material: Material) -> Iterator[Block]:
    yield Contents(3)
    yield Heading(1, "摘要")
    yield numbers.filing_table(material)
    yield from numbers.lights_blocks(material)
    goals = material.tree()
    yield numbers.attainment_figure(material, goals)
    yield numbers.standing_table(material, f"各{material.level('goal')}達成度", goals)
    causes = numbers.causes_table(material)
    if causes.rows:
        yield causes
    yield Heading(1, f"各{material.level('measure')}執行情形")
    for goal in goals:
        yield Heading(2, f"{goal.code}　{goal.name}")
        for measure in measures_of(goal):
            yield Heading(
                3, f"{measure.code}　{measure.name}", words.anchor("n", "measure", measure.code)
            )
            for line in material.by_measure.get(measure.code, []):
                yield from parts.report(line, 4)
    yield Heading(1, "附錄")
    yield Heading(2, "方法")
    yield from annexes.method(material)
    yield Heading(2, "名詞解釋")
    yield annexes.glossary(material)


def filing(
    *, plan: str, ministry: str, year: int, day: str, digest: str, lines: Sequence[Line]
) -> Content:
    """A ministry's reports of one year, whatever their status, as one paper that can be signed.

    `lines` bear `status_name` in their contents. The paper leaves room for 發文字號 and date:
    they are given after it is signed, and are no part of its content.
    """
    return Content(
        f"{ministry}　{year}年度執行情形",
        plan,
        (
            ("填報機關", ministry),
            ("年度", f"民國{year}年"),
            ("件數", f"{len(lines)}件"),
            ("資料日期", words.full_day(day)),
            ("摘要值", digest),
            ("發文字號", "　" * 12),
            ("發文日期", "　" * 12),
        ),
        day,
        tuple(_filing(lines)),
    )


def _filing(lines: Sequence[Line]) -> Iterator[Block]:
    yield Contents(2)
    yield Heading(1, "總表")
    if not lines:
        yield Paragraph("這一年沒有應填報的措施。", "empty")
        return
    yield Table(
        "本機關填報的措施",
        (
            Column("措施", 0.9),
            Column("名稱", 3),
            Column("角色", 0.7),
            Column("狀態", 1.1),
            Column("燈號", 1.1),
            Column("完成度（%）", 0.9, parts.RIGHT),
        ),
        tuple(_row(line.content) for line in lines),
    )
    yield Heading(1, "各件報告")
    for line in lines:
        measure = line.content["measure"]
        yield Heading(2, f"{measure['code']}　{measure['name']}")
        yield from parts.report_body(line)


def _row(content: Mapping) -> tuple[str, ...]:
    measure = content["measure"]
    return (
        measure["code"],
        measure["name"],
        words.ROLES[content["role"]],
        content["status_name"],
        words.light(content["light"]) if content["light"] else words.NONE,
        words.number(content["completion"]),
    )
