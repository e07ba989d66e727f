"""Second factors: one that was lost, which an administrator takes away and its owner sets up anew;
and the seal on their secrets, which follows SECRET_KEY.
"""

import logging

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from ministries import audit, rules, seeds
from ministries.actions.sessions import end_others
from ministries.models import User

logger = logging.getLogger(__name__)


@transaction.atomic
def reset_second_factor(user: User, *, by: User) -> None:
    """Take away what a person has beside the password, recovery codes and the tie to an identity
    provider included, and sign them out everywhere.

    The password stays as it is, and is needed to sign in and set up another one. Raises NotAllowed
    for oneself and for whoever is no administrator.
    """
    rules.may_reset_second_factor(by, user).enforce()
    user = User.objects.select_for_update().get(pk=user.pk)
    factors = Authenticator.objects.filter(user=user)
    ties = SocialAccount.objects.filter(user=user)
    before = {
        "types": sorted(factors.values_list("type", flat=True)),
        "providers": sorted(ties.values_list("provider", flat=True)),
    }
    factors.delete()
    ties.delete()
    end_others(user, by=by)
    audit.record("second_factor.reset", user, by=by, before=before)


def seal_seeds() -> None:
    """Seal under today's SECRET_KEY what is not sealed yet, or under one of its fallbacks.

    Row by row, each in the audit log. What no key of ours opens stays as it is, for the key may be
    found; how much that is goes to the log as an error.
    """
    lost = 0
    rows = Authenticator.objects.filter(type__in=seeds.FIELDS).order_by("pk")
    for row in rows:
        if not seeds.is_readable(row):
            lost += 1
        elif not seeds.is_current(row.data[seeds.FIELDS[row.type]]):
            _seal(row.pk)
    if lost:
        logger.error(
            "%d second factors are sealed under a key that is neither SECRET_KEY nor one of "
            "SECRET_KEY_FALLBACKS: their owners can't sign in with them.",
            lost,
        )


@transaction.atomic
def _seal(pk: int) -> None:
    """Read again under a lock: a recovery code may be crossed out at the same moment."""
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return
    field = seeds.FIELDS[row.type]
    row.data[field] = seeds.seal(seeds.unseal(row.data[field]))
    row.save(update_fields=["data"])
    told = {"type": row.type}
    audit.record("second_factor.seal", row.user, by="system:seal_seeds", after=told)
