"""Whose rows? What each person may read of the reports, in one place (house rule 1)."""

from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q

from plan.enums import AssignmentRole
from tracking.enums import Status, YearState

if TYPE_CHECKING:
    from ministries.models import User

SIGNED_OFF = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.RETURNED, Status.ACCEPTED)
# Here the row may say more than was submitted: others read the last submission, if there is one.
BEING_CORRECTED = (Status.RETURNED, Status.DRAFT, Status.SIGNING)
# Here the row says what was submitted.
STANDING = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.ACCEPTED)
# Submitted once and not withdrawn. A returned report stays so while its correction is on the way.
SUBMITTED_ONCE = Q(status__in=SIGNED_OFF) | Q(
    status__in=(Status.DRAFT, Status.SIGNING), filed_at__isnull=False
)


class Reader(NamedTuple):
    """As much of a person as decides which reports they read, for SQL that is made once."""

    is_authenticated: bool
    is_science_staff: bool
    ministry_ids: tuple[int, ...]


class ReportQuerySet(models.QuerySet):
    """Reports, scoped. Every page and endpoint starts from `visible_to` or `status_visible_to`."""

    def visible_to(self, user: "User | AnonymousUser | Reader") -> "ReportQuerySet":
        """Reports whose text this person may read; see `readable_by`, and for which text, whoever
        shows it, `tracking.submitted.shown`.
        """
        return self.filter(self.readable_by(user))

    def readable_by(self, user: "User | AnonymousUser | Reader") -> Q:
        """The condition of it, for lists that also show reports of which only the state is known.

        The public: accepted, of released years. Signed-in people: accepted. One's own ministry:
        everything. A lead: its partners' from sign-off on. Reviewers and collators: from
        submitted on, and what was submitted also while a correction of it is being written.
        """
        seen = Q(status=Status.ACCEPTED, corrects__isnull=True)
        if not user.is_authenticated:
            return seen & Q(reporting_year__state=YearState.RELEASED)
        if user.is_science_staff:
            seen |= SUBMITTED_ONCE
        if own := user.ministry_ids:
            led = self.model._base_manager.filter(
                measure=OuterRef("measure"),
                reporting_year=OuterRef("reporting_year"),
                ministry__in=own,
                role=AssignmentRole.LEAD,
                corrects__isnull=True,
            )
            seen |= Q(ministry__in=own)
            seen |= SUBMITTED_ONCE & Q(role=AssignmentRole.PARTNER) & Exists(led)
        return seen

    def status_visible_to(self, user: "User | AnonymousUser") -> "ReportQuerySet":
        """Reports of which this person may know that they exist and where they are on the road.

        The science ministry's people and administrators: all. Everybody else: what they can read.
        """
        if user.is_authenticated and (user.is_science_staff or user.is_administrator):
            return self
        return self.visible_to(user)


class StandingReports(models.Manager.from_queryset(ReportQuerySet)):
    """One report for each duty of a year: without the copies in which corrections are written.

    What counts, adds up or lists reports starts here, and so reads the accepted report until its
    correction is accepted. What is written, signed or reviewed starts from `working`.
    """

    def get_queryset(self) -> ReportQuerySet:
        return super().get_queryset().filter(corrects__isnull=True)
