"""A ministry is one legal identity under one name; succession says who took over from whom."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext_lazy as _

from config.kit.prepared import prepared
from ministries.enums import SuccessionKind

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models.user import User


class MinistryQuerySet(models.QuerySet):
    def on(self, day: date) -> "MinistryQuerySet":
        """Bodies that bear their name on that day."""
        return self.filter(
            Q(since__isnull=True) | Q(since__lte=day), Q(until__isnull=True) | Q(until__gt=day)
        )

    def managed_by(self, user: "User | AnonymousUser") -> "MinistryQuerySet":
        """Bodies whose list of people this person keeps: an administrator all, a window its own
        and those before it. A deputy signs papers for a window but hands out no accounts.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.is_administrator else self.filter(pk__in=user.own_window_ids)


class Ministry(models.Model):
    """Any body named in a plan or its successor, under the name it bore between two dates.

    `since` is the first day under this name and `until` the first day no longer so (null: open).
    A body that is renamed becomes a new row; papers of the old one keep pointing to the old.
    """

    code = models.SlugField(_("代碼"), unique=True)
    short_name = models.CharField(_("簡稱"), max_length=40)
    full_name = models.CharField(_("全名"), max_length=80)
    name_en = models.CharField(_("英文名稱"), max_length=160, blank=True)
    since = models.DateField(_("成立日"), null=True, blank=True)
    until = models.DateField(_("終止日"), null=True, blank=True)

    objects = MinistryQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = _("部會")
        constraints = [
            models.CheckConstraint(
                name="ministry_since_before_until",
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(since__lt=F("until")),
                violation_error_message=_("終止日要在成立日之後。"),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    def on(self, day: date) -> "Ministry":
        """The body that holds this one's duties on that day; itself while it lives on.

        For many ministries at once ask one `Lineage`.
        """
        holder = Lineage().holder(self.pk, day)
        return self if holder == self.pk else Ministry.objects.get(pk=holder)


class Succession(models.Model):
    """One dated edge: from `on` the successor carries the predecessor's duties, or a part of them.

    `actions.successions.record_succession` refuses cycles and overlaps before writing.
    """

    predecessor = models.ForeignKey(Ministry, models.PROTECT, related_name="succeeded_by")
    successor = models.ForeignKey(Ministry, models.PROTECT, related_name="preceded_by")
    on = models.DateField(_("生效日"))
    kind = models.CharField(_("方式"), max_length=20, choices=SuccessionKind)
    legal_basis = models.CharField(_("法律依據"), max_length=200)
    note = models.CharField(_("說明"), max_length=200, blank=True)

    class Meta:
        ordering = ["on", "predecessor__code"]
        verbose_name = verbose_name_plural = _("部會承接")
        constraints = [
            models.UniqueConstraint(
                name="succession_once",
                fields=["predecessor", "successor", "on"],
                violation_error_message=_("這一筆承接已經登記過。"),
            ),
            models.UniqueConstraint(
                name="succession_one_whole_heir",
                fields=["predecessor"],
                condition=Q(kind__in=[SuccessionKind.RENAMED, SuccessionKind.MERGED]),
                violation_error_message=_("這個部會已經有全部承接的後繼部會。"),
            ),
            models.CheckConstraint(
                name="succession_not_itself",
                condition=~Q(predecessor=F("successor")),
                violation_error_message=_("部會不能由自己承接。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} ({self.on})"


# --- lineage --------------------------------------------------------------------------------------
# After these the predecessor no longer acts, and one body answers for all that it did.
WHOLE = (SuccessionKind.RENAMED, SuccessionKind.MERGED)


class Body(NamedTuple):
    """A ministry as lists name it."""

    code: str
    short_name: str
    full_name: str


@prepared
def _bodies() -> models.QuerySet:
    """Every ministry, with the one that took over all that it did, and since when."""
    whole = FilteredRelation("succeeded_by", condition=Q(succeeded_by__kind__in=WHOLE))
    return (
        Ministry.objects.annotate(whole=whole)
        .order_by("whole__on")
        .values_list("pk", *Body._fields, "whole__successor_id", "whole__on")
    )


class Lineage:
    """All whole successions, read once: `holder` goes forward in time, `line` back; `bodies`
    holds every ministry by its id.

    One query on construction; every question after that is arithmetic.
    """

    def __init__(self) -> None:
        self.bodies: dict[int, Body] = {}
        self._heir: dict[int, tuple[date, int]] = {}
        self._forebears: dict[int, list[tuple[date, int]]] = defaultdict(list)
        for pk, code, short_name, full_name, heir, on in _bodies():
            self.bodies[pk] = Body(code, short_name, full_name)
            if heir:
                self._heir[pk] = (on, heir)
                self._forebears[heir].append((on, pk))

    def holder(self, ministry_id: int, on: date) -> int:
        """Id of the body that holds the duties of `ministry_id` on that day."""
        while ministry_id in self._heir and self._heir[ministry_id][0] <= on:
            ministry_id = self._heir[ministry_id][1]
        return ministry_id

    def heirs(self, ministry_id: int) -> list[tuple[int, date]]:
        """(id, from when) of every body that came after this one, in order of time."""
        found = []
        while ministry_id in self._heir:
            since, ministry_id = self._heir[ministry_id]
            found.append((ministry_id, since))
        return found

    def line(self, ministry_id: int, on: date) -> list[int]:
        """Ids of this body and of all whose papers it answers for on that day, itself first."""
        found, todo = [], [ministry_id]
        while todo:
            current = todo.pop(0)
            found.append(current)
            todo += [old for since, old in self._forebears[current] if since <= on]
        return found
