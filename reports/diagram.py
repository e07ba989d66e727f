"""The roads of a review and its meetings as a document: diagrams (Mermaid), table, in Chinese."""

from collections.abc import Iterator

from reports.enums import MeetingState, ReviewState
from reports.workflow import (
    MEETING_ROAD,
    MEETING_STATES,
    OPEN_STATES,
    REVIEW_ROAD,
    SHOWN_STATES,
    WRITING_STATES,
    ReviewWho,
)

_WHO = {
    ReviewWho.REVIEWER: "審查人",
    ReviewWho.SECOND_REVIEWER: "第二位審查人",
    ReviewWho.COLLATOR: "彙整人",
}


def document() -> str:
    """The whole of docs/workflow-review.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# 成果評估的流程"
    yield ""
    yield "由 `reports/workflow.py` 的表產生：`manage.py workflow_diagram`。請改表，不要改這個檔。"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in ReviewState:
        yield f"    {state}: {state.label}"
    yield f"    [*] --> {ReviewState.DRAFT}"
    for (start, verb), step in REVIEW_ROAD.items():
        yield f"    {start} --> {step.to}: {verb.label}"
    yield "```"
    yield ""
    yield "| 狀態 | 動作 | 之後 | 誰 | 要寫理由 |"
    yield "|---|---|---|---|---|"
    for (start, verb), step in REVIEW_ROAD.items():
        cells = (
            f"{start.label} `{start}`",
            f"{verb.label} `{verb}`",
            step.to.label,
            _WHO[step.who],
            "是" if step.note else "",
        )
        yield "| " + " | ".join(str(cell) for cell in cells) + " |"
    yield ""
    yield "表上沒有的，就不能發生。此外："
    yield ""
    yield f"- 資料、規則與專家只在{_states(OPEN_STATES)}時可以改；"
    yield f"  結論只在{_states(WRITING_STATES)}時可以寫。"
    yield f"- 部會在{_states(SHOWN_STATES)}時看得到結論與數字。"
    yield "- 開始專家評估以前，要先編製一版；請部會表示意見以前，結論都要寫定，並訂出期限。"
    yield "- 送覆核以前，各部會都表示過意見或期限已過，而且每一則意見都有處理情形。"
    yield "- 第二位審查人不是送覆核的人，也沒有寫過結論或答覆。"
    yield "- 定稿把結論、意見、答復與會議紀錄隨版凍結；函送的正是那一版。"
    yield "- 撤回已函送的評估，函送紀錄留著，另編一版，封面寫明取代哪一次函送。"
    yield ""
    yield "## 協調會議"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in MeetingState:
        yield f"    {state}: {state.label}"
    yield f"    [*] --> {MeetingState.PLANNED}"
    for (start, verb), to in MEETING_ROAD.items():
        yield f"    {start} --> {to}: {verb.label}"
    yield "```"
    yield ""
    yield f"- 會議只在評估是{_states(MEETING_STATES)}時召集和記錄，由審查人或彙整人。"
    yield "- 記錄、列為已召開和登錄決議，都在會議日期以後；列為已召開要有紀錄和出席的部會。"
    yield "- 決議的流程見 `docs/workflow.md`；評估在哪一步，都不影響決議的辦理。"


def _states(states: frozenset[ReviewState]) -> str:
    return "、".join(f"「{state.label}」" for state in ReviewState if state in states)
