"""The trace of a review as a document: each finding with what came of it."""

from collections.abc import Mapping, Sequence

from reports.documents.blocks import Column, Content, Heading, Paragraph, Table
from reports.documents.content import words

Row = Mapping[str, str]

COLUMNS = (
    ("finding", "發現", 2),
    ("reply", "回復", 2.2),
    ("meeting", "會議", 1.8),
    ("resolution", "決議", 2.2),
    ("done", "辦理情形", 1.8),
    ("revision", "計畫修正", 1.6),
)


def trace(cover: Mapping[str, str], title: str, day: str, rows: Sequence[Row]) -> Content:
    """One table; rows have a text for each of `COLUMNS`, "" where it has not come so far."""
    blocks = [Heading(1, "發現、回復、會議、決議與修正")]
    if rows:
        blocks.append(
            Table(
                "每一項發現的後續",
                tuple(Column(label, width) for _name, label, width in COLUMNS),
                tuple(
                    tuple(row[name] or words.NONE for name, _label, _width in COLUMNS)
                    for row in rows
                ),
                name="追蹤表",
            )
        )
    else:
        blocks.append(Paragraph("沒有低於門檻的項目，也沒有召開協調會議。", "empty"))
    return Content(title, "追蹤表", tuple(cover.items()), day, tuple(blocks))
