"""Who may open which page, by the roles that a person holds."""

from typing import TYPE_CHECKING

from django.conf import settings

from ministries.enums import MembershipRole, SystemRole

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ministries.models import User
    from tracking.models import ProgressReport

MAIL_TO_FILES = "django.core.mail.backends.filebased.EmailBackend"


def may_see_collation(user: "User | AnonymousUser") -> bool:
    """Matrix, years and states of all reports: the science ministry's people, administrators."""
    return user.is_authenticated and (user.is_science_staff or user.is_administrator)


def may_review(user: "User | AnonymousUser") -> bool:
    return user.is_authenticated and SystemRole.REVIEWER in user.roles


def may_keep_years(user: "User | AnonymousUser") -> bool:
    """Add, open, close, reopen and release years: collators."""
    return user.is_authenticated and SystemRole.COLLATOR in user.roles


def may_file(user: "User | AnonymousUser") -> bool:
    """Has a desk: officer or window (or deputy of one) of some ministry."""
    return user.is_authenticated and bool(
        user.ministries_as(MembershipRole.OFFICER, MembershipRole.WINDOW)
    )


def may_see_history(report: "ProgressReport", user: "User | AnonymousUser") -> bool:
    """Who made which move and why: the report's own ministry, science staff, administrators."""
    return user.is_authenticated and (
        report.ministry_id in user.ministry_ids or may_see_collation(user)
    )


def may_see_mail(user: "User | AnonymousUser") -> bool:
    """The trial's mailbox holds everybody's mail: administrators and demo accounts. Where mail is
    really sent there is none.
    """
    if settings.DEPLOYMENT == "production" or settings.EMAIL_BACKEND != MAIL_TO_FILES:
        return False
    return user.is_authenticated and (user.is_administrator or user.is_demo)
