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
