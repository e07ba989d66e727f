"""Closed lists of the `plan` room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionState(models.TextChoices):
    DRAFT = "draft", _("草案")
    APPROVED = "approved", _("核定")
    SUPERSEDED = "superseded", _("已被取代")


class AssignmentRole(models.TextChoices):
    LEAD = "lead", _("主辦")
    PARTNER = "partner", _("協辦")


class IndicatorKind(models.TextChoices):
    QUANTITY = "quantity", _("數量")
    COUNT = "count", _("件數")
    RATIO = "ratio", _("比率")
    YES_NO = "yes_no", _("是否")


class Accumulation(models.TextChoices):
    """How the years of one indicator belong together."""

    YEARLY = "yearly", _("當年值")
    CUMULATIVE = "cumulative", _("累計值")


class Direction(models.TextChoices):
    HIGHER = "higher", _("越高越好")
    LOWER = "lower", _("越低越好")
    WITHIN = "within", _("維持在範圍內")


class IndicatorState(models.TextChoices):
    PROPOSED = "proposed", _("待核定")
    APPROVED = "approved", _("已核定")
    DECLINED = "declined", _("未核定")


class NodeLevel(models.TextChoices):
    """The four levels of a plan's tree; what a version calls them is in its `level_names`."""

    GOAL = "goal", _("目標")
    SUB_GOAL = "sub_goal", _("子目標")
    STRATEGY = "strategy", _("策略")
    MEASURE = "measure", _("措施")


class ChangeKind(models.TextChoices):
    """The verbs of a rolling revision."""

    REWORD = "reword", _("修改文字")
    ADD = "add", _("新增")
    END = "end", _("終止")
    SPLIT = "split", _("分割")
    MERGE = "merge", _("合併")
    MOVE = "move", _("移列")
    RENUMBER = "renumber", _("重新編號")
    REASSIGN = "reassign", _("調整分工")


class Ground(models.TextChoices):
    """On what a change rests; chapter 柒 names the actual funding."""

    REVIEW = "review", _("成果評估")
    FUNDING = "funding", _("實際經費")
    COORDINATION = "coordination", _("跨部會協調會議")
    LAW = "law", _("法規或組織調整")
    POLICY = "policy", _("政策調整")
    OTHER = "other", _("其他")


class LineageKind(models.TextChoices):
    SPLIT = "split", _("分割")
    MERGE = "merge", _("合併")


class RunningYearRule(models.TextChoices):
    """What becomes of drafts of the years that are open when a revision is approved."""

    STAY = "stay", _("留在原版本")
    FOLLOW = "follow", _("移到新版本")


class SeriesSubject(models.TextChoices):
    """What a series of figures counts. The ratios are kept apart: they are not the same thing."""

    BUDGET = "budget", _("政府科技預算")
    BUDGET_RATIO = "budget_ratio", _("政府科技預算占GDP")
    GDP = "gdp", _("GDP")
    GERD = "gerd", _("全國研發經費")
    GERD_RATIO = "gerd_ratio", _("全國研發經費占GDP")
    GOVERNMENT_RD = "government_rd", _("政府出資研發經費")
    OTHER = "other", _("其他")


class BudgetBasis(models.TextChoices):
    """The stage of the budget that a figure belongs to; two of them never make one line."""

    PLANNED = "planned", _("規劃")
    APPROVED = "approved", _("核定")
    DRAFT = "draft", _("預算案")
    STATUTORY = "statutory", _("法定")
    SUPPLEMENTARY = "supplementary", _("追加")
    SETTLED = "settled", _("決算")


class GdpStatus(models.TextChoices):
    FORECAST = "forecast", _("預測")
    ADVANCE = "advance", _("概估")
    PRELIMINARY = "preliminary", _("初步")
    REVISED = "revised", _("修正")


class Special(models.TextChoices):
    """Whether the special budgets of the 前瞻基礎建設計畫 are counted in."""

    INCLUDED = "included", _("含前瞻特別預算")
    EXCLUDED = "excluded", _("不含前瞻特別預算")
    UNKNOWN = "unknown", _("是否含前瞻特別預算未載明")


class BudgetWay(models.TextChoices):
    """How a scenario's budgets go on from its first year."""

    PLANNED = "planned", _("照規劃")
    GROWTH = "growth", _("每年成長")
    FIXED = "fixed", _("逐年自訂")
