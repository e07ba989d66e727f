"""Closed lists of the `tracking` room: lights, statuses, verbs, parts, states shown, causes."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Light(models.TextChoices):
    """How a measure is doing, as its ministry says. Order is from worst to best to none."""

    FAR_BEHIND = "far_behind", _("嚴重落後")
    BEHIND = "behind", _("落後")
    ON_TRACK = "on_track", _("符合")
    AHEAD = "ahead", _("超前")
    DONE = "done", _("已完成")
    NOT_DUE = "not_due", _("未到期")
    STOPPED = "stopped", _("終止")


LATE_LIGHTS = frozenset({Light.BEHIND, Light.FAR_BEHIND})
# These end the measure for its ministry: later years open as not applicable.
FINAL_LIGHTS = frozenset({Light.DONE, Light.STOPPED})


class YearState(models.TextChoices):
    PLANNED = "planned", _("未開放")
    OPEN = "open", _("填報中")
    CLOSED = "closed", _("已截止")
    RELEASED = "released", _("已公布")


class Status(models.TextChoices):
    """Where a report is on its road. A report has exactly one."""

    DRAFT = "draft", _("草稿")
    SIGNING = "signing", _("待窗口核可")
    SUBMITTED = "submitted", _("待審")
    UNDER_REVIEW = "under_review", _("審查中")
    RETURNED = "returned", _("退回補正")
    ACCEPTED = "accepted", _("已接受")
    NOT_APPLICABLE = "not_applicable", _("不適用")


class Verb(models.TextChoices):
    """What can be done to a report; `tracking.workflow.ROAD` says when and by whom."""

    SAVE = "save", _("儲存")
    SUBMIT = "submit", _("送出請窗口核可")
    SIGN_OFF = "sign_off", _("核可並送國科會")
    SEND_BACK = "send_back", _("退給承辦人")
    WITHDRAW = "withdraw", _("撤回")
    START = "start", _("開始審查")
    ACCEPT = "accept", _("接受")
    RETURN = "return", _("退回補正")
    EXEMPT = "exempt", _("列為不適用")
    RESUME = "resume", _("恢復填報")
    REOPEN = "reopen", _("同意更正")
    DROP = "drop", _("撤銷更正")


class YearVerb(models.TextChoices):
    OPEN = "open", _("開放填報")
    CLOSE = "close", pgettext_lazy("verb", "截止")
    REOPEN = "reopen", _("重新開放")
    RELEASE = "release", _("公布")


class Part(models.TextChoices):
    """The parts of a report that a reviewer can return one by one."""

    PROGRESS = "progress", _("執行情形")
    INDICATORS = "indicators", _("量化指標")
    LATENESS = "lateness", _("落後說明")
    MONEY = "money", _("經費")
    EVIDENCE = "evidence", _("佐證資料")
    NEXT_YEAR = "next_year", _("次年計畫")


class FilingState(models.TextChoices):
    """What a page, chart or export shows for one duty in one year; worst first.

    Not due, overdue, nothing to report and not applicable are four kinds of empty, never merged.
    """

    OVERDUE = "overdue", _("逾期未交")
    RETURNED = "returned", _("退回補正")
    WAITING = "waiting", _("待審")
    NOT_DUE = "not_due", _("未到期")
    ACCEPTED = "accepted", _("已接受")
    NOTHING_TO_REPORT = "nothing_to_report", _("無事項")
    NOT_APPLICABLE = "not_applicable", _("不適用")


class Timeliness(models.TextChoices):
    """How a filed report kept its day."""

    IN_TIME = "in_time", _("準時送出")
    BY_EXTENSION = "by_extension", _("展延期限內送出")
    LATE = "late", _("逾期送出")


class Cause(models.TextChoices):
    """Main causes of lateness, from which the ministry chooses one."""

    PROCUREMENT = "procurement", _("採購與發包延宕")
    SITE = "site", _("場域與用地取得")
    REGULATION = "regulation", _("法規與許可未完備")
    STAFF = "staff", _("人力招募不足")
    BUDGET = "budget", _("經費編列或撥付")
    COORDINATION = "coordination", _("跨機關協調")
    TECHNOLOGY = "technology", _("技術瓶頸")
    EPIDEMIC = "epidemic", _("疫情影響")
    OTHER = "other", _("其他")


class RequestState(models.TextChoices):
    """What became of a request for more time or for a correction."""

    ASKED = "asked", _("待決定")
    GRANTED = "granted", _("同意")
    REFUSED = "refused", _("不同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class ResolutionState(models.TextChoices):
    """Where a resolution of a coordination meeting is; `tracking.workflow.RESOLUTION_ROAD`."""

    OPEN = "open", _("未結")
    REPORTED = "reported", _("已回報，待確認")
    CLOSED = "closed", _("已結案")


class ResolutionVerb(models.TextChoices):
    AMEND = "amend", _("改列")
    REPORT = "report", _("回報辦理情形")
    AGREE = "agree", _("同意結案")
    SEND_BACK = "send_back", _("退回補充")
