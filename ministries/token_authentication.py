"""`Authorization: Bearer nstp_…`: who calls the API with a token, and as far as its scopes go.

A request that bears one is judged by it alone: a session that a browser may send along is not
looked at, and so there is no CSRF to check.
"""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions, permissions, status
from rest_framework.request import Request

from config.kit.prepared import prepared
from ministries import audit
from ministries.enums import TokenScope
from ministries.models import ApiToken, User
from ministries.models.token import digest_of
from ministries.queries import find_person

KEYWORD = "bearer"
USED_AGAIN_AFTER = timedelta(hours=1)


class BadToken(exceptions.APIException):
    """401, whatever else the first authentication class would make of it."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "bad_token"
    default_detail = _("這個權杖不存在、已經失效，或不能再用。")
    auth_header = 'Bearer realm="api", error="invalid_token"'


class OutOfScope(exceptions.PermissionDenied):
    default_code = "out_of_scope"
    default_detail = _("這個權杖的範圍不含這個動作。")


@prepared
def _token(digest: str) -> QuerySet:
    return ApiToken.objects.filter(digest=digest)


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        keyword, _blank, secret = request.headers.get("Authorization", "").partition(" ")
        if keyword.lower() != KEYWORD:
            return None
        token = self._known(secret.strip())
        owner = find_person(token.owner_id)
        if owner is None or not owner.is_active or owner.must_change_password:
            raise BadToken
        reads = request.method in permissions.SAFE_METHODS
        if not token.allows(TokenScope.READ if reads else TokenScope.WRITE_REPORTS):
            raise OutOfScope
        _note_use(token, owner)
        return owner, token

    def _known(self, secret: str) -> ApiToken:
        if secret.isascii():
            for token in _token(digest_of(secret)):
                if token.is_alive:
                    return token
        raise BadToken


def _note_use(token: ApiToken, owner: User) -> None:
    """At most once an hour: then reading stays reading. Who called from where is in the audit log
    as often.
    """
    now = timezone.now()
    before = now - USED_AGAIN_AFTER
    if token.last_used_at is None or token.last_used_at < before:
        rows = ApiToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=before))
        if rows.filter(pk=token.pk).update(last_used_at=now):
            audit.record("token.use", token, by=owner, after={"start": token.start})


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description calls it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema) -> dict:
        return {"type": "http", "scheme": "bearer"}
