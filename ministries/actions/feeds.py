"""The secret address of one's own dates: made, renewed and revoked by its owner alone."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import NotNow
from ministries import audit, rules
from ministries.models import User
from ministries.models.feed import CalendarFeed
from ministries.models.token import digest_of

ROUGHLY = timedelta(hours=1)


def alive(owner: User) -> CalendarFeed | None:
    """The person's address that counts."""
    return CalendarFeed.objects.filter(owner=owner, revoked_at__isnull=True).first()


@transaction.atomic
def renew_feed(*, by: User) -> str:
    """Make an address for oneself, ending the one before. Returns its secret part, which is kept
    nowhere: 43 random characters (256 bits). Raises NotAllowed as making a token does.
    """
    rules.may_make_token(by).enforce()
    by = User.objects.select_for_update().get(pk=by.pk)
    end_feed(by, by=by)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(owner=by, digest=digest_of(secret))
    audit.record("calendar.create", feed, by=by, after={"owner": by.email})
    return secret


@transaction.atomic
def revoke_feed(*, by: User) -> None:
    """End one's own address now. Raises NotNow where there is none."""
    by = User.objects.select_for_update().get(pk=by.pk)
    if not end_feed(by, by=by):
        raise NotNow(_("現在沒有行事曆網址。"))


def end_feed(owner: User, *, by: User) -> bool:
    """End the address of a person, who asked, or whose account is closed or gets a new first
    password. True where there was one. Inside the transaction.
    """
    feed = alive(owner)
    if feed is None:
        return False
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at"])
    told = {"owner": owner.email, "revoked_at": feed.revoked_at}
    audit.record("calendar.revoke", feed, by=by, before={"revoked_at": None}, after=told)
    return True


def reader(secret: str) -> User | None:
    """Whose dates this address tells; None for one that is unknown, revoked, or of an account
    that is closed. Notes the use; the first of each day is in the audit log, since programs ask
    again all day long.
    """
    row = (
        CalendarFeed.objects.filter(digest=digest_of(secret), revoked_at__isnull=True)
        .select_related("owner")
        .first()
    )
    if row is None or not row.owner.is_active:
        return None
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - ROUGHLY:
        CalendarFeed.objects.filter(pk=row.pk).update(last_used_at=now)
        if row.last_used_at is None or timezone.localdate(row.last_used_at) < timezone.localdate():
            audit.record("calendar.take", row, by=row.owner)
    return row.owner
