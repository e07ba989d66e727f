"""Pieces that several documents share: cover, a report in full, its tables, a cited paragraph."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils.translation import override

from reports.documents.blocks import Block, Column, Heading, Pairs, Paragraph, Run, Table
from reports.documents.content import words
from reports.documents.content.material import Branch, Line, Material
from reports.explained import explain

RIGHT = "right"
LANGUAGE = "zh-hant"
NARRATIVES = (
    ("work_done", "執行情形"),
    ("benefit", "效益"),
    ("obstacle", "落後原因"),
    ("response", "因應對策"),
    ("next_steps", "後續精進策略"),
)


def cover(material: Material) -> tuple[tuple[str, str], ...]:
    """Edition, digest and date, and what they are about."""
    rows = [("計畫", material.head["plan"]["name"])]
    version = material.head["version"]
    rows.append(("計畫版本", f"第{version['number']}版（{version['title']}）"))
    rows.append(("年度", f"民國{words.years(material.head['years'])}年"))
    if material.edition:
        rows.append(("版次", f"第{material.edition}版"))
    rows += [("取代", _replaced(one)) for one in material.head.get("replaces", ())]
    rows.append(("日期", words.full_day(material.day)))
    rows.append(("摘要值", material.digest))
    return tuple(rows)


def _replaced(filing: Mapping) -> str:
    """The withdrawn filing that the edition stands for."""
    return (
        f"{words.full_day(filing['on'])}{filing['document_number']}函送"
        f"{words.STEPS[filing['step']]}之第{filing['edition']}版"
        f"（{words.full_day(filing['withdrawn_on'])}撤回：{filing['reason']}）"
    )


def anchor_of(line: Line) -> str:
    return words.anchor("r", line.key)


def paragraphs(text: str, style: str = "body") -> Iterator[Paragraph]:
    """One for each line that says something."""
    for line in text.splitlines():
        if line.strip():
            yield Paragraph(line.strip(), style)


def explained(material: Material, node: Mapping, beneath: Sequence[Branch] = ()) -> str:
    """How the figure came about, in Chinese whoever asks."""
    with override(LANGUAGE):
        names = material.head["version"]["level_names"]
        return explain(node, names, beneath[0].level if beneath else "")


def cited(material: Material, paragraph: Mapping) -> Paragraph:
    """A paragraph of a conclusion with what it rests on, each leading to its place.

    〔110、112年甲部〕 are lines, with the code where they are of several measures; 〔1.1.1.1專家1〕
    an opinion; 〔1.1.1.1、1.1.1.2〕 and 〔目標1、2〕 what lies beneath.
    """
    known = material.by_key
    lines = [known[key] for key in paragraph["lines"] if key in known]
    several = len({line.measure_code for line in lines}) > 1
    groups: dict[str, tuple[str, list[Run], str]] = {}  # what stands before and after the links
    for line in sorted(lines, key=lambda line: line.year):
        code = f" {line.measure_code}" if several else ""
        after = f"年{line.content['ministry']['short_name']}{code}"
        link = Run(str(line.year), anchor_of(line))
        groups.setdefault(after, ("", [], after))[1].append(link)
    for mark in paragraph["opinions"]:
        groups[mark] = ("", [Run(mark, words.anchor("o", mark))], "")
    for level, code in paragraph.get("nodes", ()):
        before = material.level(level) if level == "goal" else ""
        link = Run(code, words.anchor("n", level, code))
        groups.setdefault(level, (before, [], ""))[1].append(link)
    runs = [Run(paragraph["text"])]
    for before, links, after in groups.values():
        runs.append(Run(f"〔{before}"))
        for place, link in enumerate(links):
            runs += [Run("、"), link] if place else [link]
        runs.append(Run(f"{after}〕"))
    return Paragraph(tuple(runs))


# --- a report in full -----------------------------------------------------------------------------
def report(line: Line, level: int) -> Iterator[Block]:
    """Everything that one line holds, beneath a heading of this level that bears its anchor."""
    content = line.content
    title = f"{line.year}年度　{content['ministry']['full_name']}（{words.ROLES[content['role']]}）"
    yield Heading(level, title, anchor_of(line))
    yield from report_body(line)


def report_body(line: Line) -> Iterator[Block]:
    """The same without a heading."""
    content = line.content
    yield Pairs(tuple(_facts(line)))
    if not words.reported(content):
        return
    if content["nothing_to_report"]:
        yield from _narrative("本年度無事項", content["nothing_reason"])
    for name, label in NARRATIVES:
        yield from _narrative(label, content[name])
    if content["values"]:
        yield _without_where(values_table([line]))
    if content["money"]:
        yield _without_where(money_table([line]))
    yield from evidence(content["evidence"])


def _facts(line: Line) -> Iterator[tuple[str, str]]:
    content = line.content
    if not words.reported(content):
        yield "狀態", words.STATES[content["state"]]
        if content["reason"]:
            yield "理由", content["reason"]
    else:
        if "status_name" in content:
            yield "狀態", content["status_name"]
        yield "燈號", words.light(content["light"])
        completed = content["completed_on"]
        done = words.NONE if content["completion"] is None else f"{content['completion']}%"
        yield "累計完成度", f"{done}（{words.day(completed)}完成）" if completed else done
        if content["cause"]:
            more = f"（{content['sub_cause']}）" if content["sub_cause"] else ""
            yield "落後主因", f"{content['cause_name']}{more}"
        if content["others_must_act"]:
            yield "需要配合的機關", content["others_must_act"]
        if content["catch_up_on"]:
            yield "預計趕上日期", words.day(content["catch_up_on"])
        late = "（逾期）" if content["late"] else ""
        if content["filed_on"]:
            yield "送出", f"{words.day(content['filed_on'])}{late}"
        if content["accepted_on"]:
            yield "接受", words.day(content["accepted_on"])
    yield "摘要值", line.digest


def _narrative(label: str, text: str) -> Iterator[Block]:
    if text.strip():
        yield Paragraph(label, "label")
        yield from paragraphs(text)


def evidence(rows: Sequence[Mapping]) -> Iterator[Block]:
    """Titles of what is marked public, and how many there are besides: a document travels."""
    if not rows:
        return
    shown = [row for row in rows if row["public"]]
    rest = len(rows) - len(shown)
    told = "；".join(
        f"{row['title']}（{row['url'] or 'SHA-256 ' + row['sha256'][:16]}）" for row in shown
    )
    hidden = f"另有{rest}件未標示可公開" if shown else f"{rest}件，未標示可公開"
    yield Paragraph("佐證資料", "label")
    yield Paragraph("；".join(filter(None, [told, hidden if rest else ""])) + "。")


# --- tables ---------------------------------------------------------------------------------------
def values_table(lines: Iterable[Line]) -> Table:
    """Targets and actuals of indicators as reported, one row for each year."""
    return Table(
        "量化指標",
        (
            Column("年度", 0.6),
            Column("部會", 1.1),
            Column("指標", 2.4),
            Column("單位", 0.8),
            Column("目標", 1, RIGHT),
            Column("實績", 1, RIGHT),
            Column("說明", 2),
        ),
        tuple(
            (
                str(line.year),
                line.content["ministry"]["short_name"],
                row["indicator"],
                row["unit"],
                words.target(row),
                words.number(row["actual"]),
                "\n".join(filter(None, [_by_part(row), row["note"]])),
            )
            for line in lines
            for row in line.content["values"]
        ),
    )


def _by_part(row: Mapping) -> str:
    """The numbers of a dimension, before the note; "" where there is none."""
    return "、".join(f"{name}{words.number(n)}" for name, n in row.get("parts", {}).items())


def _without_where(table: Table) -> Table:
    """Of one report: its heading says year and ministry."""
    return table._replace(columns=table.columns[2:], rows=tuple(row[2:] for row in table.rows))


def money_table(lines: Iterable[Line]) -> Table:
    """Money as reported, in 千元."""
    return Table(
        "經費（千元）",
        (
            Column("年度", 0.6),
            Column("部會", 1.1),
            Column("經費來源", 2.2),
            Column("分配數", 1.2, RIGHT),
            Column("支用數", 1.2, RIGHT),
            Column("說明", 2),
        ),
        tuple(
            (
                str(line.year),
                line.content["ministry"]["short_name"],
                row["source"],
                words.number(row["allocated_thousand"]),
                words.number(row["spent_thousand"]),
                row["note"],
            )
            for line in lines
            if words.reported(line.content)
            for row in line.content["money"]
        ),
    )
