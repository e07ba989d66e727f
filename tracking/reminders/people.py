"""Who is reminded of a ministry's duties, and who in their stead; read once for all ministries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from enum import Enum

from django.utils.translation import gettext_lazy as _

from ministries.enums import MembershipRole
from ministries.held import Held, deputyships
from ministries.models import Deputyship, Lineage, Membership, User
from tracking.enums import Status
from tracking.models import Handover, ReportAuthor
from tracking.queries.people import reviewers


class As(Enum):
    """Why somebody is told."""

    OFFICER = _("承辦人")
    WINDOW = _("窗口")
    REVIEWER = _("審查人（部會沒有人）")


class Recipients:
    """Officers and windows of every ministry on a day; six queries, however many ask.

    Who has an address counts: an account without one is as good as nobody.
    """

    def __init__(self, day: date, reports: Iterable[int]) -> None:
        self._day, self._lineage = day, Lineage()
        self._officers: dict[int, set[User]] = defaultdict(set)
        self._windows: dict[int, set[User]] = defaultdict(set)
        held: dict[int, set[tuple[int, str]]] = defaultdict(set)
        rows = Membership.objects.on(day).filter(user__is_active=True).exclude(user__email="")
        for row in rows.select_related("user").order_by():
            held[row.user_id].add((row.ministry_id, row.role))
            body = self._lineage.holder(row.ministry_id, day)
            if row.role == MembershipRole.OFFICER:
                self._officers[body].add(row.user)
            elif row.role == MembershipRole.WINDOW:
                self._windows[body].add(row.user)
        self._add_deputies(held)
        self._authors: dict[int, set[int]] = defaultdict(set)
        for report, user in ReportAuthor.objects.filter(report__in=list(reports)).values_list(
            "report_id", "user_id"
        ):
            self._authors[report].add(user)
        self._handovers = list(
            Handover.objects.order_by("at", "pk").values_list(
                "ministry_id", "leaver_id", "taker_id"
            )
        )
        self._reviewers: set[User] | None = None

    def of(self, report: int, ministry: int, status: str) -> dict[User, As]:
        """Officers who wrote it, or took it over, or else all; and the windows. Of what waits for
        a signature the windows alone. Where there is none of these: the other side, and at last
        the reviewers.
        """
        body = self._lineage.holder(ministry, self._day)
        officers, windows = self._officers[body], self._windows[body]
        wrote = set(self._authors[report])
        for held_in, leaver, taker in self._handovers:
            if leaver in wrote and self._lineage.holder(held_in, self._day) == body:
                wrote.add(taker)
        officers = {person for person in officers if person.pk in wrote} or officers
        told = dict.fromkeys(windows, As.WINDOW)
        if status != Status.SIGNING or not windows:
            told |= dict.fromkeys(officers, As.OFFICER)
        return told or dict.fromkeys(self._science(), As.REVIEWER)

    def lacks(self, ministry: int) -> list[As]:
        """Which of officer and window the ministry has nobody for."""
        body = self._lineage.holder(ministry, self._day)
        sides = ((As.OFFICER, self._officers), (As.WINDOW, self._windows))
        return [side for side, people in sides if not people[body]]

    def _add_deputies(self, held: dict[int, set[tuple[int, str]]]) -> None:
        rows = Deputyship.objects.on(self._day).select_related("deputy").order_by()
        for row in rows:
            windows_of = [
                (row.ministry_id, row.window_id, pk)
                for pk, role in held.get(row.window_id, ())
                if role == MembershipRole.WINDOW
            ]
            holds = Held(frozenset(), frozenset(held.get(row.deputy_id, ())), windows_of)
            for ministry, _window in deputyships(holds, self._day, self._lineage):
                self._windows[self._lineage.holder(ministry, self._day)].add(row.deputy)

    def _science(self) -> set[User]:
        if self._reviewers is None:
            self._reviewers = {person for person in reviewers() if person.email}
        return self._reviewers
