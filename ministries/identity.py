"""Signing in through a ministry's own identity provider (OpenID Connect).

It never makes an account: it finds the one whose address the provider vouches for, where an
administrator allowed the provider that domain, and keeps to the identity (`sub`) that it found
first. Whoever needs a second factor is asked for it here all the same.
"""

import logging

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ministries import audit, rules
from ministries.models import AllowedDomain, Ministry, User

logger = logging.getLogger(__name__)
# One sentence, whatever the reason: it tells nobody which accounts exist.
REFUSED = _("機關登入沒有對應到這裡的帳號。請用密碼登入，或請部會窗口協助。")


def providers() -> list[dict[str, str]]:
    """Id and name of each, as they stand in the settings."""
    return [{"id": one["id"], "name": one["name"]} for one in settings.OIDC_PROVIDERS]


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_requests_session(self) -> requests.Session:
        """Providers answer by themselves and lead nowhere else; their description is their own."""
        session = super().get_requests_session()
        session.max_redirects = 0
        session.hooks["response"].append(_described_by_itself)
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in, or lead back to the sign-in with the one sentence; the log says why."""
        provider = sociallogin.account.provider
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise refuse(request, provider, "process")
        person, reason = owner(sociallogin)
        if person is None or reason:
            raise refuse(request, provider, reason, person)
        if not sociallogin.is_existing:
            sociallogin.connect(request, person)
            audit.record("account.connect", person, by=person, after={"provider": provider})

    def on_authentication_error(
        self, request, provider, error=None, exception=None, extra_context=None
    ) -> None:
        """Cancelled, refused, forged, or the provider is away."""
        if exception:
            logger.warning("Identity provider %s: %s", provider.sub_id, exception)
        raise refuse(request, provider.sub_id, f"error:{error}")


def _described_by_itself(answer: requests.Response, **_more: object) -> None:
    """A provider whose description names another issuer would speak for that one. Raises
    RequestException.
    """
    asked, mark, _rest = answer.url.partition("/.well-known/")
    if mark and answer.ok and answer.json().get("issuer", "").rstrip("/") != asked.rstrip("/"):
        raise requests.RequestException("the description names another issuer")


def owner(sociallogin: SocialLogin) -> tuple[User | None, str]:
    """The account that this identity may sign in to; or, with the one that was meant where there is
    one, why not.

    The address must be vouched for now, also by an identity that is known already; and the identity
    that was asked for (`userinfo`) must be the one of the token, which says for whom it is.
    """
    provider, uid = sociallogin.account.provider, sociallogin.account.uid
    token = sociallogin.account.extra_data.get("id_token") or {}
    if token.get("sub") != uid:
        return None, "identity"
    vouched = [one.email for one in sociallogin.email_addresses if one.verified is True]
    if not vouched:
        return None, "not_verified"
    email = vouched[0].strip().lower()
    domain = email.rpartition("@")[2]
    if not AllowedDomain.objects.filter(provider=provider, domain=domain).exists():
        return None, "domain"
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        return None, "no_account"
    if sociallogin.is_existing and sociallogin.user.pk != person.pk:
        return person, "other_account"
    known = SocialAccount.objects.filter(user=person, provider=provider)
    if known.exclude(uid=uid).exists():
        return person, "other_identity"
    if not _of_the_ministry(person, provider):
        return person, "ministry"
    return person, ""


def _of_the_ministry(person: User, provider: str) -> bool:
    """A ministry's provider speaks for its own people, where the settings name the ministry."""
    wanted = [one for one in settings.OIDC_PROVIDERS if one["id"] == provider]
    code = wanted[0].get("ministry") if wanted else None
    if not code:
        return bool(wanted)
    ministry = Ministry.objects.filter(code=code).first()
    return bool(ministry) and rules.belongs_to(person, ministry, timezone.localdate())


def refuse(
    request: HttpRequest, provider: str, reason: str, person: User | None = None
) -> ImmediateHttpResponse:
    """Back to the sign-in; the log says why, and whose account was meant where that is known."""
    told = {"how": "oidc", "provider": provider, "reason": reason}
    audit.record("session.fail", person or f"oidc:{provider}", by="system:sign_in", after=told)
    messages.error(request, REFUSED)
    return ImmediateHttpResponse(redirect("account_login"))
