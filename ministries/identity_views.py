"""The way to a ministry's identity provider and back; one that is away breaks no page."""

from collections.abc import Callable
from functools import wraps

from allauth.socialaccount.providers.openid_connect import views
from django.http import HttpRequest, HttpResponse
from requests import RequestException

from ministries.identity import logger, refuse


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except (KeyError, RequestException, ValueError) as error:
            logger.warning("Identity provider %s: %s", provider_id, error)
            return refuse(request, provider_id, "away").response

    return guarded


login = _guarded(views.login)
callback = _guarded(views.callback)
