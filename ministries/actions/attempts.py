"""Failed sign-ins, counted for each account and each network address; too many lock for a while.

An attempt is counted before it is known how it ends, and taken back when it succeeds: however many
arrive at once, no more are tried than are allowed. The counts stand in the database, so that every
process sees them and a cache that is away lets nobody in.
"""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ministries.models import SignInLock

LOCKED_FOR = timedelta(minutes=15)
# Of an account: 資通系統防護基準. An address may stand for a whole ministry behind its gateway,
# whose people must not lock each other out.
ACCOUNT_FAILURES, ADDRESS_FAILURES = 5, 30
# Counts that nobody needs any more.
FORGOTTEN_AFTER = timedelta(days=1)


def begin(email: str, address: str) -> bool:
    """Count an attempt to sign in to an account from an address; whether it may be made.

    The attempt that reaches the limit may, and locks: unless `succeed` takes it back, nothing is
    tried for 15 minutes. Refused attempts are not counted, so that the lock ends by the clock.
    """
    now = timezone.now()
    limits = _limits(email, address)
    SignInLock.objects.bulk_create(
        [SignInLock(key=key, last_at=now) for key in limits], ignore_conflicts=True
    )
    with transaction.atomic():
        rows = _locked(limits)
        if any(row.locked_until and row.locked_until > now for row in rows):
            return False
        for row in rows:
            fresh = row.locked_until is None and row.last_at > now - LOCKED_FOR
            row.failures = row.failures + 1 if fresh else 1
            row.last_at = now
            row.locked_until = now + LOCKED_FOR if row.failures >= limits[row.key] else None
            row.save()
    SignInLock.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
    return True


def succeed(email: str, address: str) -> None:
    """Take the last attempt back, which was none of the failures."""
    limits = _limits(email, address)
    with transaction.atomic():
        for row in _locked(limits):
            row.failures = max(row.failures - 1, 0)
            if row.failures < limits[row.key]:
                row.locked_until = None
            row.save()


def forgive(email: str) -> None:
    """Nothing is held against the account any more: its owner has signed in, or has a password by
    another road. The address keeps its count, or one good account would hide many bad ones.
    """
    SignInLock.objects.filter(key=_key("account", email)).delete()


def is_locked(email: str) -> bool:
    now = timezone.now()
    return SignInLock.objects.filter(key=_key("account", email), locked_until__gt=now).exists()


def _limits(email: str, address: str) -> dict[str, int]:
    return {
        _key("account", email): ACCOUNT_FAILURES,
        _key("address", _network(address)): ADDRESS_FAILURES,
    }


def _locked(limits: dict[str, int]) -> list[SignInLock]:
    """Always in the same order, so that two never wait for each other."""
    return list(SignInLock.objects.select_for_update().filter(key__in=limits).order_by("key"))


def _key(kind: str, value: str) -> str:
    return salted_hmac(f"sign-in {kind}", value.strip().lower(), algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    """Of an IPv6 address the half that a provider gives to one customer."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return found.exploded[:19] if isinstance(found, IPv6Address) else str(found)
