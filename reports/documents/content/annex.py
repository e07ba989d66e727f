"""The annex volume with all reports in full, and the dossier of one expert."""

from collections.abc import Iterator, Mapping, Sequence

from reports.documents.blocks import Block, Column, Content, Contents, Heading, Pairs, Table
from reports.documents.content import parts, words
from reports.documents.content.material import Branch, Material, measures_of


def annex(material: Material) -> Content:
    """Every report and gap, by measure, with the digest of each."""
    return Content(
        material.title,
        f"{material.kind}　附冊：各件報告",
        parts.cover(material),
        material.day,
        tuple(_annex(material)),
    )


def _annex(material: Material) -> Iterator[Block]:
    yield Contents(2)
    for goal in material.tree():
        yield Heading(1, goal.name)
        for measure in measures_of(goal):
            yield from measure_reports(material, measure, 2)


def measure_reports(material: Material, measure: Branch, level: int) -> Iterator[Block]:
    """A measure and all that was said of it, year by year."""
    yield Heading(
        level, f"{measure.code}　{measure.name}", words.anchor("n", "measure", measure.code)
    )
    for line in material.by_measure.get(measure.code, []):
        yield from parts.report(line, level + 1)


def dossier(material: Material, expert: Mapping, codes: Sequence[str]) -> Content:
    """What one expert is asked to assess: the questions, and all reports of these measures.

    `expert`: {"name", "affiliation"}. No opinion stands in it, the expert's own neither.
    """
    wanted = set(codes)
    return Content(
        material.title,
        f"專家卷宗　{expert['name']}",
        (
            ("專家", expert["name"]),
            ("任職機關（構）", expert["affiliation"]),
            *parts.cover(material),
        ),
        material.day,
        tuple(_dossier(material, wanted)),
    )


def _dossier(material: Material, wanted: set[str]) -> Iterator[Block]:
    measures = [branch for branch in material.measures() if branch.code in wanted]
    yield Contents(2)
    yield Heading(1, "請評估的事項")
    yield Table(
        "評估準則（各以1至5分評分）",
        (Column("準則", 1),),
        tuple((row["name"],) for row in material.criteria),
    )
    yield Table(
        f"請評估的{material.level('measure')}",
        (
            Column("編號", 1),
            Column(material.level("measure"), 4),
            Column("達成度（%）", 1.2, parts.RIGHT),
        ),
        tuple(
            (branch.code, branch.name, words.one_decimal(material.node(branch)["attainment"]))
            for branch in measures
        ),
    )
    yield Heading(1, "各件報告")
    for branch in measures:
        yield from measure_reports(material, branch, 2)
    yield Heading(1, "說明")
    yield Pairs((("門檻", f"{words.number(material.rules['threshold'])}%"),))
