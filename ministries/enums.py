"""Closed lists of the `ministries` room: roles in a ministry, roles in the system, succession,
what a token may."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MembershipRole(models.TextChoices):
    """What a person does for a ministry. A membership is dated, and never shared."""

    OFFICER = "officer", _("承辦人")
    WINDOW = "window", _("部會窗口")
    VIEWER = "viewer", _("檢視者")


class SystemRole(models.TextChoices):
    """What a person does for the plan as a whole."""

    REVIEWER = "reviewer", _("審查人")
    COLLATOR = "collator", _("彙整人")
    EXPERT = "expert", _("專家")
    ADMINISTRATOR = "administrator", _("系統管理者")


class SuccessionKind(models.TextChoices):
    """How duties moved. After all but the last the old body no longer acts."""

    RENAMED = "renamed", _("更名")
    MERGED = "merged", _("併入")
    SPLIT = "split", _("分立")
    PARTIAL_TRANSFER = "partial_transfer", _("部分業務移撥")


class TokenScope(models.TextChoices):
    """What a program may do with its owner's rights. Everybody's data need no token at all."""

    READ = "read", _("讀取本人看得到的資料")
    WRITE_REPORTS = "write:reports", _("填寫與送出報告")
