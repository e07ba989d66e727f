"""Cuts the published text into its eight chapters, and refuses what is not the whole of it."""

from dataclasses import dataclass

from plan.document.errors import DocumentError
from plan.document.lines import CHAPTER, Line, read_lines, squeeze

# Chapter numeral → words that its printed title must contain.
TITLES = {
    "壹": "前言",
    "貳": "現況與檢討",
    "參": "總目標",
    "肆": "策略與重要措施",
    "伍": "分工",
    "陸": "科學技術發展目標",
    "柒": "資源規劃",
    "捌": "成效追蹤",
}
_SENTENCE_ENDS = "。！？」）"


@dataclass(frozen=True)
class Chapter:
    """One chapter: the numeral, the line of its heading, and the lines below the heading."""

    numeral: str
    line: int
    lines: list[Line]


def split_chapters(text: str) -> dict[str, Chapter]:
    """Chapters 壹 to 捌 by numeral.

    Raises DocumentError when no chapter heading is found (another document), when one is missing
    or out of order, when one is empty, when the text breaks off in the middle of a sentence, or
    when an editor took the blanks at the ends of its lines, by which paragraphs are told apart.
    """
    lines = read_lines(text)
    headings = [(index, _numeral(line)) for index, line in enumerate(lines) if _numeral(line)]
    found = [numeral for _, numeral in headings]
    if not found:
        raise DocumentError("這不是國家科學技術發展計畫的文字檔：找不到任何一章的標題")
    if not any(line.ends for line in lines):
        raise DocumentError("每一行行尾的空白都不見了：段落靠它分辨，請用未經整理的文字檔")
    for numeral, title in TITLES.items():
        if numeral not in found:
            where = lines[headings[-1][0]].number
            raise DocumentError(
                f"文件不完整：找不到第{numeral}章（{title}）；"
                f"最後讀到的是第{found[-1]}章（第 {where} 行）"
            )
    if found != list(TITLES):
        raise DocumentError(f"章的順序不對：讀到 {'、'.join(found)}", lines[headings[0][0]].number)
    chapters = {}
    starts = [index for index, _ in headings] + [len(lines)]
    for (index, numeral), end in zip(headings, starts[1:], strict=True):
        body = lines[index + 1 : end]
        if not body:
            raise DocumentError(f"第{numeral}章沒有內容", lines[index].number)
        chapters[numeral] = Chapter(numeral, lines[index].number, body)
    closing = "".join(line.text for line in chapters["捌"].lines)
    if "第一部分" in closing and "第二部分" not in closing:
        raise DocumentError("文件不完整：第捌章只有第一部分", lines[-1].number)
    if lines[-1].text[-1] not in _SENTENCE_ENDS:
        raise DocumentError("文件在句子中間中斷，可能只有一部分", lines[-1].number)
    return chapters


def _numeral(line: Line) -> str | None:
    match = CHAPTER.fullmatch(line.text)
    if match and TITLES.get(match["number"], "\0") in squeeze(match["name"]):
        return match["number"]
    return None
