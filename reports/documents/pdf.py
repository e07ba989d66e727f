"""A content as PDF/UA-1: what Typst is given of it (`config.kit.typeset`)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from config.kit.typeset import shown, typeset
from reports.documents import blocks, charts

TEMPLATE = Path(__file__).with_name("template.typ")


def pdf(plain: dict) -> bytes:
    """The content as PDF. A character that no font draws is shown as its code: 〔U+2B739〕.

    Raises subprocess.CalledProcessError with Typst's words where it can't be set.
    """
    data = _shown(plain, shown(blocks.characters(plain)))
    data["blocks"], figures = _with_files(data["blocks"])
    day = datetime.fromisoformat(plain["day"]).replace(tzinfo=UTC)
    return typeset(TEMPLATE, data, at=day, files=figures)


def _with_files(found: list[dict]) -> tuple[list[dict], dict[str, bytes]]:
    """The blocks with the names of their figures, and these drawn; and with the headings that begin
    a page (`fresh`): goals beneath a chapter, but for the first.
    """
    named, files, goals = [], {}, 0
    for place, block in enumerate(found):
        if block["kind"] == "heading":
            goals = 0 if block["level"] == 1 else goals
            goal = block["level"] == 2 and block["anchor"].startswith("n-goal-")
            block = {**block, "fresh": goal and goals > 0}
            goals += goal
        if block["kind"] == "figure":
            name = f"figure-{place}.svg"
            files[name] = charts.draw(block["figure"], block["data"], "svg")
            block = {**block, "file": name}
        named.append(block)
    return named, files


def _shown(plain: dict, change: Callable[[str], str]) -> dict:
    """The content with every text changed that a reader sees; names within the document stay."""

    def line(runs: list) -> list:
        return [[change(text), *rest] for text, *rest in runs]

    def block(one: dict) -> dict:
        match one["kind"]:
            case "heading":
                return {**one, "text": change(one["text"])}
            case "paragraph":
                return {**one, "line": line(one["line"])}
            case "pairs":
                return {**one, "rows": [[change(name), line(runs)] for name, runs in one["rows"]]}
            case "table":
                return {
                    **one,
                    "caption": change(one["caption"]),
                    "columns": [[change(label), *rest] for label, *rest in one["columns"]],
                    "rows": [[line(runs) for runs in row] for row in one["rows"]],
                }
            case "figure":
                return {**one, "caption": change(one["caption"]), "words": change(one["words"])}
        return one

    return {
        **plain,
        "title": change(plain["title"]),
        "subtitle": change(plain["subtitle"]),
        "cover": [[name, change(value)] for name, value in plain["cover"]],
        "blocks": [block(one) for one in plain["blocks"]],
    }
