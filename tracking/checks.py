"""Is a report whole and free of contradictions? Pure: plain data in, sentences by field out.

`problems` block the submission; `warnings` are shown and block nothing. Drafts may be saved with
either. The four checks that real systems make (late without a cause, on time with a cause, 100 %
without a completion date, spending above the allocation) and what a lead and a partner owe are
from the plan's chapter 捌 and the ministries' habit.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from config.kit.forms import format_number
from plan.enums import AssignmentRole
from tracking.enums import FINAL_LIGHTS, LATE_LIGHTS, Light


@dataclass(frozen=True, slots=True)
class Actual:
    """One indicator's answer. `due`: it has a target for this year, so an answer is owed.

    `parts` are (name, number) of its dimension; where it `adds_up`, they make the actual.
    """

    indicator_id: int
    name: str
    actual: Decimal | None
    note: str
    due: bool
    formula: str = ""
    parts: tuple[tuple[str, Decimal | None], ...] = ()
    adds_up: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """One source of money, in 千元 (NT$ 1,000)."""

    source: str
    allocated_thousand: int
    spent_thousand: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """A progress report as plain data; names are those of the model's fields."""

    role: str
    today: date
    coordinating: bool = False
    nothing_to_report: bool = False
    nothing_reason: str = ""
    light: str = ""
    completion: int | None = None
    completed_on: date | None = None
    work_done: str = ""
    benefit: str = ""
    cause: str = ""
    sub_cause: str = ""
    obstacle: str = ""
    response: str = ""
    others_must_act: str = ""
    catch_up_on: date | None = None
    next_steps: str = ""
    actuals: tuple[Actual, ...] = ()
    money: tuple[Money, ...] = ()
    evidence_count: int = 0

    @property
    def late(self) -> bool:
        return self.light in LATE_LIGHTS


def problems(data: ReportData) -> dict[str, list[str]]:
    """Sentences that block the submission, by field. Empty: it may be submitted.

    Keys of child rows are those of `tracking.parts.part_of`.
    """
    found: dict[str, list[str]] = defaultdict(list)
    if data.nothing_to_report:
        _nothing(data, found)
    else:
        _progress(data, found)
        _lateness(data, found)
        _indicators(data, found)
    _money(data, found)
    return dict(found)


def _nothing(data: ReportData, found: dict[str, list[str]]) -> None:
    if not data.nothing_reason:
        found["nothing_reason"].append(_("寫下本年度無事項的理由。"))
    if data.light or data.completion is not None or data.work_done or data.cause:
        found["nothing_to_report"].append(
            _(
                "已填了執行情形：要麼取消「本年度無事項」，要麼清空燈號、完成度、執行情形與落後主因。"
            )
        )


def _progress(data: ReportData, found: dict[str, list[str]]) -> None:
    if data.nothing_reason:
        found["nothing_reason"].append(_("有無事項理由，卻沒有勾選「本年度無事項」。"))
    if not data.work_done:
        found["work_done"].append(_("寫下這一年做了什麼。"))
    if data.role == AssignmentRole.LEAD and not data.light:
        found["light"].append(_("主辦部會要選一個燈號。"))
    if data.coordinating and data.completion is None:
        found["completion"].append(_("統籌主辦要填累計完成度。"))
    if data.completion == 100 and data.completed_on is None:
        found["completed_on"].append(_("完成度是100%，請填完成日期。"))
    if data.completed_on is not None:
        if data.completion is not None and data.completion < 100:
            found["completed_on"].append(_("完成度未到100%，不應有完成日期。"))
        if data.completed_on > data.today:
            found["completed_on"].append(_("完成日期不能在今天以後。"))
    if data.light == Light.DONE and data.completion is not None and data.completion < 100:
        found["completion"].append(_("燈號是「已完成」，完成度應是100%。"))


def _lateness(data: ReportData, found: dict[str, list[str]]) -> None:
    if data.late:
        if not data.cause:
            found["cause"].append(_("燈號是落後，請選落後主因。"))
        if not data.obstacle:
            found["obstacle"].append(_("燈號是落後，請說明落後原因。"))
        if not data.response:
            found["response"].append(_("燈號是落後，請寫因應對策。"))
        if data.catch_up_on is None:
            found["catch_up_on"].append(_("燈號是落後，請填預計趕上日期。"))
    elif data.cause:
        found["cause"].append(_("燈號不是落後，不應有落後主因；請清空，或改燈號。"))


def _indicators(data: ReportData, found: dict[str, list[str]]) -> None:
    for row in data.actuals:
        key = f"indicator_{row.indicator_id}_{'note' if row.formula else 'actual'}"
        if row.due and row.actual is None and not row.note:
            found[key].append(
                _("「%(name)s」＝%(formula)s算不出來：缺數字或除數是零；在說明欄寫原因。")
                % {"name": row.name, "formula": row.formula}
                if row.formula
                else _("填「%(name)s」的實績；還不知道時，在說明欄寫原因。") % {"name": row.name}
            )
        if wrong := parts_problem(row):
            found[key].append(wrong)


def parts_problem(row: Actual) -> str:
    """Why the parts of an actual can't stand; "" where they can.

    Those of counts and quantities add up to the whole, those of ratios needn't. All are given, or
    none and the note says why.
    """
    if not row.parts:
        return ""
    missing = [name for name, number in row.parts if number is None]
    if len(missing) == len(row.parts):
        if row.actual is None or row.note:
            return ""
        return _("「%(name)s」要分項填；不能分項時，在說明欄寫原因。") % {"name": row.name}
    if missing:
        return _("「%(name)s」還有分項沒有填：%(parts)s。") % {
            "name": row.name,
            "parts": "、".join(missing),
        }
    if not row.adds_up:
        return ""
    added = sum((number for _name, number in row.parts if number is not None), Decimal(0))
    if row.actual is None:
        return _("「%(name)s」的分項合計是%(sum)s，卻沒有填總數。") % {
            "name": row.name,
            "sum": format_number(added),
        }
    if added != row.actual:
        return _("「%(name)s」的分項合計是%(sum)s，總數是%(total)s，兩者要相等。") % {
            "name": row.name,
            "sum": format_number(added),
            "total": format_number(row.actual),
        }
    return ""


def _money(data: ReportData, found: dict[str, list[str]]) -> None:
    for index, line in enumerate(data.money):
        if line.spent_thousand is None:
            found[f"money_{index}_spent_thousand"].append(
                _("填「%(source)s」的支用數；沒有支用就填0。") % {"source": line.source}
            )
        elif line.spent_thousand > line.allocated_thousand:
            found[f"money_{index}_spent_thousand"].append(
                _("「%(source)s」支用%(spent)s千元，高於分配數%(allocated)s千元。")
                % {
                    "source": line.source,
                    "spent": f"{line.spent_thousand:,}",
                    "allocated": f"{line.allocated_thousand:,}",
                }
            )


def warnings(data: ReportData) -> dict[str, list[str]]:
    """Sentences worth a second look, by field; they block nothing."""
    found: dict[str, list[str]] = defaultdict(list)
    if data.nothing_to_report:
        return {}
    if not data.benefit:
        found["benefit"].append(_("還沒有寫效益。"))
    if not data.next_steps and data.light not in FINAL_LIGHTS:
        found["next_steps"].append(_("還沒有寫次年計畫。"))
    if not data.money:
        found["money"].append(_("還沒有填經費。"))
    if not data.evidence_count:
        found["evidence"].append(_("還沒有佐證資料。"))
    if data.light in FINAL_LIGHTS:
        found["light"].append(
            _("「%(light)s」要審查人同意；同意後，往後各年度列為不適用。")
            % {"light": Light(data.light).label}
        )
    if data.late and data.catch_up_on is not None and data.catch_up_on < data.today:
        found["catch_up_on"].append(_("預計趕上日期已經過了。"))
    return dict(found)
