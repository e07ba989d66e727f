"""What the importer prints: the JSON that other programs read, and the text that people read."""

from collections.abc import Iterator

from plan.document.compare import Difference
from plan.document.reader import Document

LABELS = {
    "goals": "目標",
    "sub_goals": "子目標",
    "strategies": "策略",
    "measures": "措施",
    "goals_with_text": "目標說明",
    "measures_with_text": "有內容的措施",
    "strategies_with_cell": "策略的參與部會",
    "items": "細項",
    "measures_with_items": "有細項的措施",
    "titled_items": "有標題的細項",
    "measures_with_titled_items": "有標題細項的措施",
    "objectives": "部門目標",
    "table_8": "表 8 年度",
}


def as_json(document: Document, differences: list[Difference]) -> dict:
    """The report as plain values: counts, measures, objectives, table_8, differences."""
    return {
        "counts": document.counts,
        "measures": {
            measure.code: {
                "text": measure.text,
                "items": [
                    {
                        "level": item.level,
                        "marker": item.marker,
                        "title": item.title,
                        "text": item.text,
                    }
                    for item in measure.items
                ],
            }
            for measure in document.measures
        },
        "objectives": {objective.name: objective.text for objective in document.objectives},
        "table_8": [
            {"year": row.year, "budget": row.budget, "gdp": row.gdp, "ratio": row.ratio}
            for row in document.table_8
        ],
        "differences": [
            {
                "where": difference.where,
                "document": difference.document,
                "loaded": difference.loaded,
                "lines": list(difference.lines),
            }
            for difference in differences
        ],
    }


def as_text(document: Document, differences: list[Difference]) -> Iterator[str]:
    """The report as lines: counts first, then every difference with where it stands."""
    for key, count in document.counts.items():
        yield f"{LABELS[key]}：{count}"
    yield f"差異：{len(differences)}"
    for difference in differences:
        at = f"（第 {'、'.join(map(str, difference.lines))} 行）" if difference.lines else ""
        here, there = (_shown(side) for side in (difference.document, difference.loaded))
        yield f"  {difference.where}：文件 {here}；系統 {there}{at}"


def _shown(side: str | None) -> str:
    return "沒有" if side is None else f"「{side}」"
