"""A second factor that was lost: an administrator takes it away, and its owner sets up another."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from ministries import audit, rules
from ministries.actions.sessions import end_others
from ministries.models import User


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
