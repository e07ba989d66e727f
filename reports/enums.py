"""Closed lists of the `reports` room: kinds and states of reviews, their parts and documents."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewKind(models.TextChoices):
    MIDTERM = "midterm", _("期中成果評估")
    FINAL = "final", _("期末成果評估")
    OTHER = "other", _("專案評估")


class ReviewState(models.TextChoices):
    """Where a review is on its road; `reports.workflow.REVIEW_ROAD` says what leads where."""

    DRAFT = "draft", _("準備")
    ASSESSING = "assessing", _("專家評估")
    SYNTHESIS = "synthesis", _("綜整")
    COMMENTING = "commenting", _("部會表示意見")
    APPROVING = "approving", _("待覆核")
    APPROVED = "approved", _("已定稿")
    FILED = "filed", _("已備查")
    PUBLISHED = "published", _("已公布")


class ReviewVerb(models.TextChoices):
    ASSESS = "assess", _("開始專家評估")
    SYNTHESIZE = "synthesize", _("結束評估，開始綜整")
    ASK_COMMENTS = "ask_comments", _("請部會表示意見")
    PROPOSE = "propose", _("送覆核")
    SEND_BACK = "send_back", _("退回綜整")
    APPROVE = "approve", _("定稿")
    FILE = "file", _("函送備查")
    PUBLISH = "publish", _("公布")
    WITHDRAW = "withdraw", _("撤回重做")


class LineKind(models.TextChoices):
    """A snapshot line is a report as it was accepted, or a gap with its status."""

    REPORT = "report", _("報告")
    GAP = "gap", _("缺件")


class JobState(models.TextChoices):
    QUEUED = "queued", _("等候")
    RUNNING = "running", _("執行中")
    DONE = "done", _("完成")
    FAILED = "failed", _("失敗")
    CANCELLED = "cancelled", _("已取消")


class Audience(models.TextChoices):
    """As whom a person reads an edition's numbers."""

    STAFF = "staff", _("國科會")
    MINISTRY = "ministry", _("部會")
    PUBLIC = "public", _("公眾")

    @classmethod
    def of(cls, user) -> "Audience":
        if user.is_authenticated and user.is_science_staff:
            return cls.STAFF
        return cls.MINISTRY if user.is_authenticated and user.ministry_ids else cls.PUBLIC


class Level(models.TextChoices):
    """What a conclusion, an assignment or a recusal is about."""

    PLAN = "plan", _("全計畫")
    GOAL = "goal", _("目標")
    SUB_GOAL = "sub_goal", _("子目標")
    STRATEGY = "strategy", _("策略")
    MEASURE = "measure", _("措施")


class RecusalState(models.TextChoices):
    PROPOSED = "proposed", _("系統建議迴避")
    DECLARED = "declared", _("專家自請迴避")
    CONFIRMED = "confirmed", _("迴避")
    DISMISSED = "dismissed", _("不必迴避")


class FilingStep(models.TextChoices):
    """備查 informs a superior, 核定 asks a superior to decide: two steps, never one word."""

    FOR_REFERENCE = "for_reference", _("備查")
    FOR_APPROVAL = "for_approval", _("核定")


class MeetingState(models.TextChoices):
    """Where a coordination meeting is; `reports.workflow.MEETING_ROAD`."""

    PLANNED = "planned", _("已召集")
    HELD = "held", _("已召開")
    CANCELLED = "cancelled", _("已取消")


class MeetingVerb(models.TextChoices):
    CHANGE = "change", _("更改會議")
    CANCEL = "cancel", _("取消會議")
    RECORD = "record", _("記錄")
    HOLD = "hold", _("列為已召開")
    DECIDE = "decide", _("登錄決議")


class DocumentKind(models.TextChoices):
    MAIN = "main", _("主冊")
    ANNEX = "annex", _("附冊：各件報告")
    FIGURES = "figures", _("數據表")
    DOSSIER = "dossier", _("專家卷宗")
    COLLATION = "collation", _("年度彙整")
    FILING = "filing", _("部會年度填報（簽核用）")
    REDLINE = "redline", _("修正對照")
    VISION = "vision", _("遠景、策略及現況說明")
    TRACE = "trace", _("追蹤表")


class DocumentFormat(models.TextChoices):
    ODT = "odt", "ODT"
    DOCX = "docx", "DOCX"
    PDF = "pdf", "PDF"
    ODS = "ods", "ODS"
