"""A saved scenario: what somebody assumed of budgets and GDP, under a name and an address."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plan.assumptions import LAST_YEAR, validate_amounts, validate_growth, validate_origin
from plan.enums import BudgetWay
from plan.models.plan import Plan


class Scenario(models.Model):
    """Assumptions only, never a result: what follows is worked out from today's figures.

    `address` can't be guessed; whoever has it may read the scenario. `origin` is the code of a
    budget series and the ROC year from whose figure growth starts (`budget-planned:111`), `gdp` the
    code of a GDP series. Growth and fixed budgets are as in `plan.assumptions`.
    """

    address = models.UUIDField(_("位址"), unique=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="scenarios", verbose_name=_("計畫"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="scenarios",
        verbose_name=_("儲存的人"),
    )
    name = models.CharField(_("名稱"), max_length=60)
    note = models.CharField(_("說明"), max_length=500, blank=True)
    saved_at = models.DateTimeField(_("儲存時間"), auto_now_add=True)

    origin = models.CharField(_("起點"), max_length=90, validators=[validate_origin])
    gdp = models.CharField(_("GDP版次"), max_length=80)
    gdp_growth = models.CharField(
        _("GDP每年成長（%）"), max_length=120, validators=[validate_growth]
    )
    way = models.CharField(_("預算怎麼走"), max_length=10, choices=BudgetWay.choices)
    budget_growth = models.CharField(
        _("預算每年成長（%）"), max_length=120, validators=[validate_growth]
    )
    fixed = models.CharField(
        _("逐年預算（億元）"), max_length=300, blank=True, validators=[validate_amounts]
    )
    target = models.DecimalField(
        _("目標占比（%）"),
        max_digits=5,
        decimal_places=3,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
    )
    target_year = models.PositiveSmallIntegerField(
        _("目標年（民國）"), validators=[MaxValueValidator(LAST_YEAR)]
    )
    spread = models.DecimalField(
        _("扇形寬度（百分點）"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
    )

    class Meta:
        ordering = ["plan_id", "owner_id", "-saved_at", "pk"]
        verbose_name = verbose_name_plural = _("經費情境")
        constraints = [
            models.UniqueConstraint(name="scenario_name_once", fields=["plan", "owner", "name"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def parameters(self) -> dict:
        """Assumptions by name."""
        return {name: getattr(self, name) for name in PARAMETERS}


# What a scenario assumes: fields of the model, of the page's form and of its address.
PARAMETERS = (
    "origin",
    "gdp",
    "gdp_growth",
    "way",
    "budget_growth",
    "fixed",
    "target",
    "target_year",
    "spread",
)
