"""The way to a ministry's identity provider and back; one that is away breaks no page."""

from collections.abc import Callable
from functools import wraps

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect import views
from django.http import Http404, HttpRequest, HttpResponse
from requests import RequestException

from ministries.identity import logger, refuse

# Signed by a key of which others know the public half alone.
SIGNED_BY = {
    f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)
} | {"EdDSA"}  # fmt: skip


class Adapter(views.OpenIDConnectOAuth2Adapter):
    """allauth's, which takes a token that came straight from the provider without looking at its
    signature; here that is checked all the same.
    """

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict:
        claims = super()._decode_id_token(app, id_token)
        header = jwt.get_unverified_header(id_token)
        if not any(_signed(id_token, header, key) for key in self._keys()):
            raise OAuth2Error("the token is not signed by the provider")
        return claims

    def _keys(self) -> list[jwt.PyJWK]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        return jwt.PyJWKSet.from_dict(answer.json()).keys


def _signed(token: str, header: dict, key: jwt.PyJWK) -> bool:
    """Whether by this key. Providers of a single key may leave its name out."""
    if header.get("alg") not in SIGNED_BY or header.get("kid") not in (None, key.key_id):
        return False
    unchecked = {"verify_aud": False, "verify_iss": False, "verify_exp": False}
    try:
        jwt.decode(token, key.key, algorithms=[header["alg"]], options=unchecked)
    except (jwt.PyJWTError, TypeError):  # forged, or a key of another kind
        return False
    return True


def _callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return OAuth2CallbackView.adapter_view(Adapter(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except (KeyError, jwt.PyJWTError, RequestException, ValueError) as error:
            logger.warning("Identity provider %s: %s", provider_id, error)
            return refuse(request, provider_id, "away").response

    return guarded


login = _guarded(views.login)
callback = _guarded(_callback)
