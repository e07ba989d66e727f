"""The workflow tables as a document: state diagrams (Mermaid) and tables, in Chinese."""

from collections.abc import Iterator

from tracking.enums import (
    Part,
    ResolutionState,
    ResolutionVerb,
    Status,
    Verb,
    YearState,
    YearVerb,
)
from tracking.workflow import FILING_VERBS, RESOLUTION_ROAD, ROAD, TOUCHES, YEAR_ROAD, Who

_WHO = {
    Who.OFFICER: "承辦人",
    Who.WINDOW: "部會窗口或其代理人",
    Who.MINISTRY: "承辦人或部會窗口",
    Who.REVIEWER: "審查人",
    Who.COLLATOR: "彙整人",
}


def document() -> str:
    """The whole of docs/workflow.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 流程"
    yield ""
    yield "由 `tracking/workflow.py` 的表產生：`manage.py workflow_diagram`。請改表，不要改這個檔。"
    yield ""
    yield "## 報告"
    yield ""
    yield from _diagram(
        Status, [(start, step.to, verb) for (start, verb), step in ROAD.items()], Status.DRAFT
    )
    yield ""
    yield "| 狀態 | 動作 | 之後 | 誰 | 要寫理由 | 只在收件期間 |"
    yield "|---|---|---|---|---|---|"
    for (start, verb), step in ROAD.items():
        yield _row(
            f"{start.label} `{start}`",
            f"{verb.label} `{verb}`",
            step.to.label,
            _WHO[step.who],
            "是" if step.note else "",
            "是" if verb in FILING_VERBS else "",
        )
    yield ""
    yield "表上沒有的，就不能發生。此外："
    yield ""
    yield "- 收件期間：年度「填報中」而且今天不晚於關閉日；退回補正的報告到補正期限為止，"
    yield "  年度截止以後也可以，補正後的送簽與核可也算在內。"
    yield "- 經審查人同意展延的部會，那個年度到展延的那一天為止都能填報，年度截止以後也可以。"
    yield "- 更正寫在已接受報告的副本裡：「同意更正」「撤銷更正」與其後的動作都是副本的狀態，"
    yield "  原報告一直是「已接受」，更正接受時才換上新的內容。同意要有部會的申請；"
    yield "  「列為不適用」不用在更正，「撤銷更正」只用在更正。"
    yield "- 寫過或簽過一份報告的人，不對它做審查人的動作。"
    yield "- 送出時檢查內容；退回補正的報告只檢查可以改的部分。"
    yield "- 儲存不改變狀態，不列入報告歷程，只記在稽核紀錄。"
    yield "- 「已完成」與「終止」經接受以後，之後才開放的年度列為不適用；"
    yield "  已經開放的年度不動，由審查人列為不適用。恢復填報以後，再往後的年度也恢復。"
    yield ""
    yield "退回一個部分時，一併可以改的部分："
    yield ""
    yield "| 退回 | 一併可以改 |"
    yield "|---|---|"
    for part in Part:
        touched = "、".join(str(Part(other).label) for other in TOUCHES.get(part, ()))
        yield _row(part.label, touched)
    yield ""
    yield "## 填報年度"
    yield ""
    yield from _diagram(
        YearState,
        [(start, to, verb) for (start, verb), to in YEAR_ROAD.items()],
        YearState.PLANNED,
    )
    yield ""
    yield "| 狀態 | 動作 | 之後 | 誰 |"
    yield "|---|---|---|---|"
    for (start, verb), to in YEAR_ROAD.items():
        yield _row(
            f"{start.label} `{start}`", f"{verb.label} `{verb}`", to.label, _WHO[Who.COLLATOR]
        )
    yield ""
    yield "年度在開放日以前不能開放。再開放一次只補齊缺少的報告，不刪除任何報告。"
    yield ""
    yield "## 協調會議的決議"
    yield ""
    yield from _diagram(
        ResolutionState,
        [(start, step.to, verb) for (start, verb), step in RESOLUTION_ROAD.items()],
        ResolutionState.OPEN,
    )
    yield ""
    yield "| 狀態 | 動作 | 之後 | 誰 | 要寫理由 |"
    yield "|---|---|---|---|---|"
    for (start, verb), step in RESOLUTION_ROAD.items():
        yield _row(
            f"{start.label} `{start}`",
            f"{verb.label} `{verb}`",
            step.to.label,
            _WHO[step.who],
            "是" if step.note else "",
        )
    yield ""
    yield "承辦人和窗口是主辦部會的，主辦部會改制後是承接部會的。回報要附佐證；"
    yield "自己回報的，由別的審查人決定。"


def _diagram(
    states: type[Status] | type[YearState] | type[ResolutionState],
    moves: list[tuple[str, str, Verb | YearVerb | ResolutionVerb]],
    first: str,
) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in states:
        yield f"    {state}: {state.label}"
    yield f"    [*] --> {first}"
    for start, to, verb in moves:
        yield f"    {start} --> {to}: {verb.label}"
    yield "```"


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
