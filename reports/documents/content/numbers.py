"""Tables and charts of the numbers: attainment, lights, filing states, causes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reports.documents.blocks import Block, Column, Figure, Table
from reports.documents.content import words
from reports.documents.content.material import Branch, Material
from reports.documents.content.parts import RIGHT


def standing_table(material: Material, caption: str, branches: Iterable[Branch]) -> Table:
    """Attainment, grade and the counts behind it; unknown and excluded stay apart."""
    return Table(
        caption,
        (
            Column("項目", 3.4),
            Column("達成度（%）", 1.2, RIGHT),
            Column("等級", 1.2),
            Column("有數字", 0.9, RIGHT),
            Column("未知", 0.8, RIGHT),
            Column("終止或不適用", 1.4, RIGHT),
        ),
        tuple(standing_row(material, branch) for branch in branches),
    )


def standing_row(material: Material, branch: Branch) -> tuple[str, ...]:
    node = material.node(branch)
    return (f"{branch.code}　{branch.name}", *standing_cells(material, node))


def standing_cells(material: Material, node: Mapping) -> tuple[str, ...]:
    return (
        words.UNKNOWN if node["attainment"] is None else words.one_decimal(node["attainment"]),
        words.band(material.rules, node["band"]),
        str(node["known"]),
        str(node["unknown"]),
        str(node["excluded"]),
    )


def filing_table(material: Material) -> Table:
    """Duties by year and filing state: the kinds of empty are never merged."""
    counts: dict[int, Counter[str]] = {year: Counter() for year in material.head["years"]}
    for line in material.lines:
        counts[line.year][filing_state(line.content)] += 1
    states = list(words.STATES)
    return Table(
        "各年應交件數",
        (
            Column("年度", 0.8),
            Column("應交", 0.8, RIGHT),
            *(Column(words.STATES[state], 1, RIGHT) for state in states),
        ),
        tuple(
            (str(year), str(found.total()), *(str(found[state]) for state in states))
            for year, found in counts.items()
        ),
        name="應交件數",
    )


def filing_state(content: Mapping) -> str:
    """What became of the duty: a report says it itself, a gap by its state."""
    if not words.reported(content):
        return content["state"]
    return "nothing_to_report" if content["nothing_to_report"] else "accepted"


def lights_by_year(material: Material) -> dict[int, Counter[str]]:
    """Measures by their light in the last year in which they applied, for each year."""
    return {
        year: Counter(node["light"] or "unknown" for node in standing["measures"].values())
        for year, standing in material.standings.items()
    }


def lights_blocks(material: Material) -> Iterator[Block]:
    """How many measures bear which light, year by year: chart, and the same rows as a table."""
    counts = lights_by_year(material)
    shown = [code for code in words.LIGHTS if any(found[code] for found in counts.values())]
    total = sum(next(iter(counts.values())).values()) if counts else 0
    last = max(counts) if counts else None
    late = sum(counts[last][code] for code in ("far_behind", "behind")) if last else 0
    measure = material.level("measure")
    caption = f"各年燈號：{last}年度{total}項{measure}有{late}項落後"
    yield Figure(
        "lights",
        caption,
        "；".join(
            f"{year}年度"
            + "、".join(f"{words.LIGHTS[code][1]}{found[code]}項" for code in shown if found[code])
            for year, found in counts.items()
        ),
        {
            "codes": shown,
            "rows": [
                [f"{year}年度", [found[code] for code in shown]] for year, found in counts.items()
            ],
        },
    )
    yield Table(
        f"各年燈號（{measure}數）",
        (Column("年度", 0.8), *(Column(words.light(code), 1, RIGHT) for code in shown)),
        tuple((str(year), *(str(found[code]) for code in shown)) for year, found in counts.items()),
        name="各年燈號",
    )


def causes_table(material: Material) -> Table:
    """Main causes that leads gave in accepted reports, by year."""
    years = material.head["years"]
    found: dict[str, Counter[int]] = {}
    for line in material.lines:
        content = line.content
        if words.reported(content) and content["role"] == "lead" and content["cause"]:
            found.setdefault(content["cause_name"], Counter())[line.year] += 1
    ranked = sorted(found.items(), key=lambda item: (-item[1].total(), item[0]))
    return Table(
        "主辦部會提報的落後主因（件數）",
        (
            Column("主因", 2.4),
            *(Column(f"{year}年度", 1, RIGHT) for year in years),
            Column("合計", 1, RIGHT),
        ),
        tuple(
            (name, *(str(counts[year]) for year in years), str(counts.total()))
            for name, counts in ranked
        ),
        name="落後主因",
    )


def attainment_figure(material: Material, branches: Sequence[Branch]) -> Figure:
    """Attainment of these nodes as bars, with the threshold."""
    rows = [
        [f"{branch.code}　{branch.name}", material.node(branch)["attainment"]]
        for branch in branches
    ]
    whole = material.standing["plan"]["attainment"]
    return Figure(
        "attainment",
        f"各{material.level('goal')}達成度，全計畫{words.percent(whole)}",
        "；".join(f"{name}{words.percent(value)}" for name, value in rows)
        + f"；門檻{words.number(material.rules['threshold'])}%",
        {"rows": rows, "threshold": material.rules["threshold"]},
    )
