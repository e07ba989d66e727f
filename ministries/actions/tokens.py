"""Tokens of the API: a person makes and revokes their own; the end of an account ends them all."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotNow
from ministries import audit, rules
from ministries.actions.feeds import end_feed
from ministries.enums import TokenScope
from ministries.models import ApiToken, User
from ministries.models.token import SHOWN, digest_of, new_secret

LONGEST = timedelta(days=365)
MOST_ALIVE = 10


@transaction.atomic
def create_token(
    *, name: str, scopes: list[str], expires_on: date, by: User
) -> tuple[ApiToken, str]:
    """Make a token for oneself. Returns it with its secret, which is kept nowhere.

    `expires_on` is the first day on which it no longer counts, at most a year ahead. Raises
    NotAllowed for whoever must change a first password; Invalid for a missing name or that of one
    that is alive, no or unknown scopes, a day that is past or too far, and where there are as many
    as a person may have.
    """
    rules.may_make_token(by).enforce()
    by = User.objects.select_for_update().get(pk=by.pk)
    name, today = name.strip(), timezone.localdate()
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = [_("請填名稱，例如用它的程式叫什麼。")]
    if not scopes or set(scopes) - set(TokenScope.values):
        errors["scopes"] = [_("請選這個權杖能做什麼。")]
    if not today < expires_on <= today + LONGEST:
        errors["days"] = [_("有效期間從今天起，最長一年。")]
    alive = list(ApiToken.objects.filter(owner=by).alive().values_list("name", flat=True))
    if name in alive:
        errors["name"] = [_("你已經有一個同名的有效權杖；沒有抄下它的內容，就先撤銷再新增。")]
    if len(alive) >= MOST_ALIVE:
        errors["name"] = [_("你已經有%(n)d個有效的權杖，請先撤銷用不到的。") % {"n": MOST_ALIVE}]
    if errors:
        raise Invalid(errors)
    secret = new_secret()
    token = ApiToken.objects.create(
        owner=by,
        name=name,
        start=secret[:SHOWN],
        digest=digest_of(secret),
        scopes=[scope for scope in TokenScope.values if scope in scopes],
        expires_on=expires_on,
    )
    told = {"name": name, "start": token.start, "scopes": token.scopes, "expires_on": expires_on}
    audit.record("token.create", token, by=by, after={"owner": by.email, **told})
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User) -> ApiToken:
    """End one's own token now. Raises NotAllowed, and NotNow if it has ended already."""
    rules.may_revoke_token(by, token).enforce()
    token = ApiToken.objects.select_for_update().select_related("owner").get(pk=token.pk)
    if not token.is_alive:
        raise NotNow(_("這個權杖已經失效。"))
    _revoke(token, by)
    return token


def revoke_all(owner: User, *, by: User) -> None:
    """End all tokens of a person whose account is closed or gets a new first password, and the
    address of their calendar.
    """
    end_feed(owner, by=by)
    for token in ApiToken.objects.select_for_update().filter(owner=owner).alive():
        _revoke(token, by)


def _revoke(token: ApiToken, by: User) -> None:
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    told = {"name": token.name, "start": token.start, "revoked_at": token.revoked_at}
    audit.record("token.revoke", token, by=by, before={"revoked_at": None}, after=told)
