"""Proposed indicators that wait for a reviewer."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Max
from django.urls import reverse

from config.kit.fragments import with_query
from ministries.models import AuditEvent
from plan import rules
from plan.enums import IndicatorState
from plan.models import Indicator

PROPOSING = ("indicator.propose", "indicator.change")


class Proposal(NamedTuple):
    """`at` is when it was proposed, or mended after it was declined; None where no log says so.
    `own`: the reader has a hand in it, and another reviewer decides.
    """

    indicator: Indicator
    at: datetime | None
    url: str
    own: bool


def waiting_proposals(user) -> list[Proposal]:
    """All that this person may see, oldest first, each with where it is decided on. Two queries."""
    rows = list(
        Indicator.objects.visible_to(user)
        .filter(state=IndicatorState.PROPOSED)
        .select_related("measure__version__plan", "ministry", "proposed_by")
        .defer("measure__description")
        .order_by("measure__position", "ministry__code", "ordinal")
    )
    targets = {f"{Indicator._meta.label_lower}:{row.pk}": row.pk for row in rows}
    told = (
        AuditEvent.objects.filter(target__in=targets, verb__in=PROPOSING)
        .order_by()
        .values_list("target")
        .annotate(at=Max("at"))
    )
    proposed = {targets[target]: at for target, at in told}
    found = [
        Proposal(row, proposed.get(row.pk), _address(row), not rules.may_decide(row, user))
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.at is None, one.at or 0))


def _address(indicator: Indicator) -> str:
    version = indicator.measure.version
    page = reverse("indicator-list", args=[indicator.measure.code])
    return with_query(page, plan=version.plan.slug, version=version.number) + f"#i{indicator.pk}"
