"""What stands at the end of a volume: budget path, reports used, method, glossary."""

from collections.abc import Iterator

from reports.documents.blocks import Block, Column, Figure, Pairs, Paragraph, Table
from reports.documents.content import words
from reports.documents.content.material import Material
from reports.documents.content.numbers import filing_state
from reports.documents.content.parts import RIGHT, anchor_of


# --- budget path ----------------------------------------------------------------------------------
def budget_blocks(material: Material) -> Iterator[Block]:
    """Planned budgets of table 8 and, apart, the statutory figure: no line joins two bases."""
    figures = material.head["figures"]
    planned = figures.get("table_8", [])
    statutory = [
        (int(key.removeprefix("statutory_")), value)
        for key, value in sorted(figures.items())
        if key.startswith("statutory_")
    ]
    if not planned and not statutory:
        yield Paragraph("計畫沒有列出經費路徑。", "empty")
        return
    rows = [
        *(
            (str(year), "法定", words.number(value), words.NONE, words.NONE)
            for year, value in statutory
        ),
        *(
            (
                str(row["year"]),
                "規劃",
                words.number(row["budget"]),
                words.number(row["gdp"]),
                words.number(row["ratio"]),
            )
            for row in planned
        ),
    ]
    yield Paragraph(
        "下列為計畫第柒章表8所列政府科技預算的規劃數，與其占GDP的比率。"
        "法定數與規劃數是兩種基礎，不連成一線；這個比率不是全國研發經費占GDP的比率。"
    )
    yield Figure(
        "budget",
        "政府科技預算的規劃路徑（億元）",
        "；".join(f"{row[0]}年{row[1]}{row[2]}億元" for row in rows),
        {
            "planned": [[row["year"], row["budget"]] for row in planned],
            "statutory": [[year, value] for year, value in statutory],
        },
    )
    yield Table(
        "經費路徑",
        (
            Column("年度", 0.8),
            Column("基礎", 0.8),
            Column("科技預算（億元）", 1.4, RIGHT),
            Column("GDP（億元）", 1.4, RIGHT),
            Column("占GDP（%）", 1.2, RIGHT),
        ),
        tuple(rows),
        name="經費路徑",
    )


# --- annexes --------------------------------------------------------------------------------------
def used_table(material: Material) -> Table:
    """Every line with its digest; citations lead here."""
    return Table(
        "採用的報告與缺件",
        (
            Column("年度", 0.72),
            Column(material.level("measure"), 1.04),
            Column("部會", 1.3),
            Column("內容", 1.35),
            Column("摘要值", 5.6, "code"),
        ),
        tuple(
            (
                str(line.year),
                line.measure_code,
                line.content["ministry"]["short_name"],
                words.light(line.content["light"])
                if filing_state(line.content) == "accepted"
                else words.STATES[filing_state(line.content)],
                line.digest,
            )
            for line in material.lines
        ),
        tuple(anchor_of(line) for line in material.lines),
        name="採用的報告",
    )


def method(material: Material) -> Iterator[Block]:
    """The rules that decided the numbers, as they were frozen with the edition."""
    rules = material.rules
    measure = material.level("measure")
    above = "、".join(filter(None, map(material.level, ("strategy", "sub_goal", "goal"))))
    yield from (
        Paragraph(text)
        for text in (
            "指標達成度：越高越好的為實績除以目標，越低越好的為目標除以實績，範圍內的為100或0；"
            "平均時最高以100計。分母為零或沒有資料的是未知，不當作零。",
            "跨年合計：逐年計數的相加，累計的取最後一年，比率的取平均。",
            f"{measure}：有指標的取各指標達成度的平均；沒有指標的以最後一年的燈號換算。"
            f"{above}與全計畫依序為其下各項的加權平均，權數除另有說明外均為1。"
            f"終止與不適用的{measure}不列入平均，另計；未知的也不列入，並列出項數。",
        )
    )
    order = list(words.LIGHTS)
    points = sorted(rules["light_points"].items(), key=lambda item: order.index(item[0]))
    yield Table(
        "燈號換算的達成度（%）",
        (Column("燈號", 2), Column("換算", 1, RIGHT)),
        tuple(
            (words.light(code), words.UNKNOWN if value is None else words.number(value))
            for code, value in points
        ),
        name="燈號換算",
    )
    yield Table(
        "等級",
        (Column("等級", 2), Column("達成度下限（%）", 1, RIGHT)),
        tuple((band["name"], words.number(band["from"])) for band in rules["bands"]),
        name="等級",
    )
    yield Paragraph(f"提跨部會協調會議的門檻：達成度低於{words.number(rules['threshold'])}%。")
    if rules["weights"]:
        yield Table(
            "另定的權數",
            (Column("項目", 1), Column("權數", 0.8, RIGHT), Column("理由", 4)),
            tuple(
                (code, words.number(entry["weight"]), entry["reason"])
                for code, entry in sorted(rules["weights"].items())
            ),
            name="權數",
        )
    if material.edition:
        yield Paragraph(
            "摘要值為SHA-256，涵蓋採用的各件報告、缺件、計畫架構與計算規則，"
            "不含時間與版次：內容相同，摘要值就相同。"
        )


_GLOSSARY = (
    (
        "主辦／協辦",
        "計畫表7所列的參與部會；主辦中第一個是統籌主辦。燈號由全體主辦決定，完成度取統籌主辦的。",
    ),
    (
        "燈號",
        "部會對{measure}進度的判斷。一項{measure}取各主辦已接受報告中最差的一個；"
        "全體主辦都說已完成或終止才算。",
    ),
    ("未齊", "還有主辦的報告沒有被接受。"),
    (
        "未到期、逾期未交、無事項、不適用",
        "四種空白，分開計數：期限未到；期限已過仍未交；已交且說明本年度無事項；這一年不必報。",
    ),
    ("備查", "使上級知悉；與由上級決定的核定不同。"),
    ("達成度", "依本文件「方法」一節所定的算法；那是評估自己的設定，不是法定的標準。"),
)


def glossary(material: Material) -> Pairs:
    measure = material.level("measure")
    return Pairs(tuple((term, said.format(measure=measure)) for term, said in _GLOSSARY))
