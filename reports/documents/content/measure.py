"""A measure in the main volume: attainment, conclusion, what was done, lateness, views, replies."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from reports import attainment
from reports.documents.blocks import Block, Column, Pairs, Paragraph, Run, Table
from reports.documents.content import parts, words
from reports.documents.content.material import Branch, Line, Material
from reports.documents.content.parts import RIGHT

# Characters of one narrative that no conclusion quotes; the whole stands in the annex volume.
SHOWN = 300


def attained(material: Material, node: Mapping) -> str:
    """87.5%（達成）, and whether it is below the threshold."""
    told = words.percent(node["attainment"])
    if node["attainment"] is None:
        return "終止或不適用，不計算" if node["excluded"] and not node["unknown"] else told
    below = "，低於門檻" if node["below"] else ""
    return f"{told}（{words.band(material.rules, node['band'])}{below}）"


def conclusion(material: Material, level: str, code: str) -> Iterator[Block]:
    """The review's word on a node with its citations, and what ministries said to it."""
    yield Paragraph("結論", "label")
    told = material.conclusions.get((level, code), ())
    for paragraph in told:
        yield parts.cited(material, paragraph)
    if not told:
        yield Paragraph("尚無結論。", "empty")
    comments = material.comments.get((level, code), ())
    if comments:
        yield Table(
            "部會意見與處理情形",
            (Column("部會", 1), Column("意見", 3), Column("處理情形", 3)),
            tuple((row["ministry"], row["text"], row["answer"] or "尚未處理") for row in comments),
        )


def measure_blocks(material: Material, branch: Branch) -> Iterator[Block]:
    """All that the main volume says beneath the heading of a measure."""
    lines = material.by_measure.get(branch.code, [])
    node = material.node(branch)
    yield Pairs(tuple(_facts(material, branch, node)))
    yield from conclusion(material, "measure", branch.code)
    paragraphs = material.conclusions.get(("measure", branch.code), ())
    said = "".join(paragraph["text"] for paragraph in paragraphs)
    yield from _done(lines, said)
    yield from _late(lines, said)
    yield from _indicators(material, lines)
    yield from _money(lines)
    yield from _views(material, branch.code)


def _facts(material: Material, branch: Branch, node: Mapping) -> Iterator[tuple[str, str]]:
    data = branch.data
    yield "主辦", "、".join(map(material.ministry, data["leads"])) or words.NONE
    if data["partners"]:
        yield "協辦", "、".join(map(material.ministry, data["partners"]))
    yield "達成度", attained(material, node)
    yield "怎麼算的", parts.explained(material, node)
    yield (
        "燈號",
        "；".join(
            f"{year}年度{words.light(standing['measures'][branch.code]['light'])}"
            for year, standing in material.standings.items()
        ),
    )
    for year, found in material.head["overrides"].items():
        if other := found.get(branch.code):
            yield f"{year}年度審定", f"{words.light(other['light'])}：{other['reason']}"
    completion = node["completion"]
    yield "完成度", words.UNKNOWN if completion is None else f"{completion}%"


def _told(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if words.reported(line.content)]


def _where(line: Line) -> Run:
    name = line.content["ministry"]["short_name"]
    return Run(f"{line.year}年度{name}：", parts.anchor_of(line))


def _done(lines: Sequence[Line], said: str) -> Iterator[Block]:
    """What the coordinating lead said of each year; where there is none, the first lead. What the
    conclusion quotes is not said again: in full it stands in the annex volume.
    """
    yield Paragraph("執行情形", "label")
    shown: dict[int, Line] = {}
    for line in _told(lines):
        if line.content["role"] == "lead":
            shown.setdefault(line.year, line)
    quoted = []
    for line in shown.values():
        content = line.content
        names = ["nothing_reason"] if content["nothing_to_report"] else ["work_done", "benefit"]
        told = [content[name] for name in names if content[name].strip()]
        if told and _quotes(said, told):
            quoted.append(line)
        else:
            text = "".join(map(_shortened, told)) or "沒有說明。"
            yield Paragraph((_where(line), Run(text)))
    if quoted:
        yield _in_conclusion(quoted)
    if not shown:
        yield Paragraph("沒有已接受的主辦報告。", "empty")


def _late(lines: Sequence[Line], said: str) -> Iterator[Block]:
    """Leads only: a measure's light is theirs. What partners met stands in the annex volume."""
    yield Paragraph("落後原因與因應對策", "label")
    late = [
        line
        for line in _told(lines)
        if line.content["role"] == "lead" and (line.content["cause"] or line.content["obstacle"])
    ]
    quoted = []
    for line in late:
        content = line.content
        told = [content[name] for name in ("obstacle", "response") if content[name].strip()]
        if told and content["cause_name"] in said and _quotes(said, told):
            quoted.append(line)
            continue
        more = f"（{content['sub_cause']}）" if content["sub_cause"] else ""
        cause = f"{content['cause_name']}{more}。" if content["cause_name"] else ""
        answer = _shortened(content["response"]) or "未說明。"
        text = f"{cause}{_shortened(content['obstacle'])}因應：{answer}"
        yield Paragraph((_where(line), Run(text)))
    if quoted:
        yield _in_conclusion(quoted)
    if not late:
        yield Paragraph("沒有提報落後。", "empty")


def _quotes(said: str, told: Sequence[str]) -> bool:
    return all(words.quotation(text) in said for text in told)


def _shortened(text: str) -> str:
    """The first sentences, ended by a full stop or by …… where more follows."""
    short = words.opening(text, SHOWN)
    return short if not short or short[-1] in "。！？；…" else f"{short}。"


def _in_conclusion(lines: Sequence[Line]) -> Paragraph:
    by_ministry: dict[str, list[str]] = {}
    for line in lines:
        by_ministry.setdefault(line.content["ministry"]["short_name"], []).append(str(line.year))
    told = "；".join(f"{name}{'、'.join(years)}年度" for name, years in by_ministry.items())
    return Paragraph(f"{told}的說明已引於結論。", "note")


def _indicators(material: Material, lines: Sequence[Line]) -> Iterator[Block]:
    rows = attainment.indicators_of(lines)
    if not rows:
        return
    yield Table(
        "量化指標",
        (
            Column("指標", 2.6),
            Column("部會", 1.1),
            Column("單位", 0.9),
            Column("目標", 1.1, RIGHT),
            Column("實績", 1.1, RIGHT),
            Column("達成度（%）", 1.1, RIGHT),
        ),
        tuple(
            (
                row["indicator"],
                material.ministry(row["owner"]),
                row["unit"],
                words.target(row),
                words.number(row["actual"]),
                words.one_decimal(row["attainment"]) if row["attainment"] else words.UNKNOWN,
            )
            for row in rows
        ),
    )


def _money(lines: Sequence[Line]) -> Iterator[Block]:
    """Sums over all reports of a year, in 千元; none where somebody left the spending open."""
    years: dict[int, list[Mapping]] = {}
    for line in _told(lines):
        if line.content["money"]:
            years.setdefault(line.year, []).extend(line.content["money"])
    if not years:
        return
    rows = []
    for year, money in years.items():
        allocated = sum(row["allocated_thousand"] for row in money)
        known = [row["spent_thousand"] for row in money if row["spent_thousand"] is not None]
        spent = sum(known) if len(known) == len(money) else None
        rate = None
        if spent is not None and allocated:
            rate = str((Decimal(100) * spent / allocated).quantize(Decimal("0.1")))
        rows.append(
            (str(year), words.number(allocated), words.number(spent), words.one_decimal(rate))
        )
    yield Table(
        "經費（千元，各部會合計）",
        (
            Column("年度", 1),
            Column("分配數", 1.4, RIGHT),
            Column("支用數", 1.4, RIGHT),
            Column("支用比率（%）", 1.2, RIGHT),
        ),
        tuple(rows),
    )


def _views(material: Material, code: str) -> Iterator[Block]:
    yield Paragraph("專家意見與部會回復", "label")
    opinions = material.opinions.get(code, ())
    if not opinions:
        yield Paragraph("尚無專家意見。", "empty")
        return
    scores = scores_table(material, opinions)
    if scores.rows:
        yield scores
    yield Table(
        "專家意見與部會回復",
        (Column("專家", 0.8), Column("意見", 3), Column("部會回復", 3)),
        tuple(
            (
                row["expert"] + ("（依較早的版次）" if row["outdated"] else ""),
                row["text"],
                "\n".join(f"{reply['ministry']}：{reply['text']}" for reply in row["replies"])
                or "尚無回復",
            )
            for row in opinions
        ),
        tuple(words.anchor("o", row["mark"]) for row in opinions),
    )


def scores_table(material: Material, opinions: Sequence[Mapping]) -> Table:
    """Mean and range of the scores given, criterion by criterion; those not given don't count."""
    rows = []
    for criterion in material.criteria:
        given = [
            int(row["scores"][criterion["key"]])
            for row in opinions
            if row["scores"].get(criterion["key"])
        ]
        if given:
            mean = (Decimal(sum(given)) / len(given)).quantize(Decimal("0.1"))
            rows.append(
                (
                    criterion["name"],
                    str(len(given)),
                    words.one_decimal(str(mean)),
                    f"{min(given)}–{max(given)}",
                )
            )
    return Table(
        "評分（1–5）",
        (
            Column("準則", 2),
            Column("人數", 0.8, RIGHT),
            Column("平均", 0.8, RIGHT),
            Column("範圍", 1, RIGHT),
        ),
        tuple(rows),
    )
