"""What stands where in the workbook: its sheets and columns, and the guidance. Pure.

The workbook is Chinese whoever downloads it, as the ministries' own papers are; what it is read by
is not its words but the keys in each sheet's hidden first row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tracking.enums import Cause, Light, Part

# Rises whenever a column comes, goes or is read otherwise; older files are refused.
VERSION = 1
STAMP = "nstp-workbook"
GUIDE = "說明"
# Rows of a data sheet: keys (hidden), headings, then data.
KEY_ROW, HEAD_ROW, FIRST_ROW = 1, 2, 3
ID = "id"
YES, NO = "是", "否"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet. `kind` is text, choice, yes_no, whole, number or date for what is read
    back, "" for what stands there to be looked at. `width` in centimetres; `most` characters.
    """

    key: str
    title: str
    width: float
    kind: str = ""
    part: Part | None = None
    most: int = 0

    @property
    def read(self) -> bool:
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Layout:
    key: str
    name: str
    columns: tuple[Column, ...]

    @property
    def fields(self) -> tuple[Column, ...]:
        """The columns that are read back, in the order of their digests in the row's id."""
        return tuple(column for column in self.columns if column.read)

    def title(self, key: str) -> str:
        return next((column.title for column in self.columns if column.key == key), "")


def _asked(key: str, title: str, width: float, kind: str, part: Part, most: int = 0) -> Column:
    return Column(key, title, width, kind, part, most)


_HIDDEN = Column(ID, "識別（勿改）", 2)
_MEASURE = (Column("code", "措施代碼", 2.2), Column("measure", "措施", 5))
_P, _L, _N, _I, _M = Part.PROGRESS, Part.LATENESS, Part.NEXT_YEAR, Part.INDICATORS, Part.MONEY

REPORTS = Layout(
    "reports",
    "執行情形",
    (
        _HIDDEN,
        *_MEASURE,
        Column("role", "角色", 1.8),
        Column("status", "狀態", 2.2),
        Column("open", "可以填的部分", 3.5),
        _asked("nothing_to_report", "本年度無事項", 2.2, "yes_no", _P),
        _asked("nothing_reason", "無事項理由", 4, "text", _P, 500),
        Column("last_light", "去年的燈號", 2.2),
        _asked("light", "燈號", 2.2, "choice", _P),
        Column("last_completion", "去年的完成度", 2.2),
        _asked("completion", "累計完成度（%）", 2.4, "whole", _P),
        _asked("completed_on", "完成日期（民國）", 2.8, "date", _P),
        Column("last_work_done", "去年的執行情形", 8),
        _asked("work_done", "執行情形", 8, "text", _P, 2000),
        Column("last_benefit", "去年的效益", 6),
        _asked("benefit", "效益", 6, "text", _P, 2000),
        _asked("cause", "落後主因", 3.2, "choice", _L),
        _asked("sub_cause", "細因", 3, "text", _L, 60),
        Column("last_obstacle", "去年的落後原因", 6),
        _asked("obstacle", "落後原因", 6, "text", _L, 2000),
        Column("last_response", "去年的因應對策", 6),
        _asked("response", "因應對策", 6, "text", _L, 2000),
        _asked("others_must_act", "需要配合的機關", 4, "text", _L, 200),
        _asked("catch_up_on", "預計趕上日期（民國）", 2.8, "date", _L),
        Column("last_next_steps", "去年寫的次年計畫", 6),
        _asked("next_steps", "次年計畫", 6, "text", _N, 2000),
    ),
)
INDICATORS = Layout(
    "indicators",
    "指標",
    (
        _HIDDEN,
        *_MEASURE,
        Column("name", "指標", 5),
        Column("unit", "單位", 2),
        Column("kind", "類型", 2),
        Column("target", "今年目標", 2.6),
        Column("last_actual", "去年實績", 2.6),
        _asked("actual", "今年實績", 2.6, "number", _I),
        _asked("note", "說明", 8, "text", _I, 500),
        Column("open", "能不能填", 3.5),
    ),
)
MONEY = Layout(
    "money",
    "經費",
    (
        _HIDDEN,
        *_MEASURE,
        _asked("source", "經費來源", 5, "text", _M, 80),
        Column("last_allocated", "去年分配（千元）", 3),
        Column("last_spent", "去年支用（千元）", 3),
        _asked("allocated_thousand", "分配數（千元）", 3, "whole", _M),
        _asked("spent_thousand", "支用數（千元）", 3, "whole", _M),
        _asked("note", "說明", 6, "text", _M, 200),
        Column("open", "能不能填", 3.5),
    ),
)
SHEETS = (REPORTS, INDICATORS, MONEY)
BY_KEY = {sheet.key: sheet for sheet in SHEETS}

CHOICES: Mapping[str, type[Light] | type[Cause]] = {"light": Light, "cause": Cause}

GUIDANCE = (
    "白色的欄是要填的，灰色的欄只供對照；灰色的欄和灰色的列改了也不會讀回，在灰色的列填了會指出來。",
    "先在系統下載，填好以後存檔（.ods或.xlsx都可以），在同一頁上傳。"
    "上傳後先看每一格會改變什麼，確認才寫入。",
    "沒有改的格不會動。清空一格，就是把那一格的內容刪掉。經費的一列全部清空，就是刪掉那個來源。",
    "刪掉一整列不會改變系統裡的內容。列可以排序、篩選、隱藏；欄可以搬動；第一列和A欄是隱藏的，不要改。",
    "下載以後別人在系統裡改過的列，會列為衝突，兩邊的內容都給你看，不會蓋掉別人的。",
    "有一格填錯，那一件報告整件先不寫入，其他的照寫；改好再上傳一次就可以。",
    "寫入以後要再改，請重新下載，不要用舊的檔案接著改。",
    "日期寫民國年，例如111-12-31。數字不寫單位；金額是千元，沒有分配填0，不知道就留空白。",
    "燈號、主因、是否從下拉選單選。燈號是落後或嚴重落後時才填落後的各欄。",
    "經費要加一個來源，用空白的列，或在最下面加一列：寫措施代碼、經費來源與數字。",
    "一格裡換行：LibreOffice按Ctrl+Enter，Excel按Alt+Enter。每欄最多幾個字和網頁上的表單一樣。",
    "不要用公式、不要合併儲存格、不要存成有巨集的檔案；佐證資料請在網頁上加。",
    "存檔只是存草稿；填好以後在網頁上送出，請窗口核可。",
)  # fmt: skip


@dataclass(slots=True)
class BookRow:
    """A row as it is now. `report` is a report's id, `child` an indicator's id or the digest of a
    money line's source, "" for a report's own row and for an empty row of money.

    `values` holds the canonical text of each field that is read back, `shown` what else stands in
    the row; `open` says whether each field can be written; `yes_no` that the actual is 是 or 否.
    """

    report: int
    version: int
    code: str
    child: str
    values: dict[str, str]
    shown: dict[str, str]
    open: frozenset[str] = frozenset()
    yes_no: bool = False
    # Nothing of it is stored: a row of the table of money that waits for a source.
    blank: bool = False


@dataclass(slots=True)
class Book:
    """Everything of one ministry and year; `rows` by the key of the sheet."""

    plan: str
    plan_name: str
    ministry: str
    ministry_name: str
    year: int
    rows: dict[str, list[BookRow]] = field(
        default_factory=lambda: {sheet.key: [] for sheet in SHEETS}
    )

    @property
    def stamp(self) -> str:
        """What a file is recognised by: kind, template version, plan, ministry and year."""
        return f"{STAMP} {VERSION} {self.plan} {self.ministry} {self.year}"
