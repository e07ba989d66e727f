"""What is asked of signing in, second factors, sessions and identity providers."""

from django.test import Client

from ministries.models import AllowedDomain, LiveSession
from tests.access.cases_reports import Case
from tests.world import World


def a_passkey(world: World) -> list:
    """There is none: whoever asks is first asked for the password."""
    return [1]


def a_session(world: World) -> list:
    """An officer's own, beside the one that asks."""
    sessions = LiveSession.objects.filter(user=world.officer_a)
    if not sessions.exists():
        Client().force_login(world.officer_a)
    return [sessions.first().pk]


def officer(world: World) -> list:
    return [world.officer_a.pk]


def no_provider(world: World) -> list:
    return ["unknown"]


def a_domain(world: World) -> list:
    row, _made = AllowedDomain.objects.get_or_create(provider="alpha", domain="example.test")
    return [row.pk]


CASES: dict[str, dict[str, Case]] = {
    "mfa_remove_webauthn": {"": Case(a_passkey)},
    "openid_connect_login": {"": Case(no_provider)},
    "openid_connect_callback": {"": Case(no_provider)},
    "people-second-factor": {"": Case(officer)},
    "session-end": {"": Case(a_session)},
    **{
        f"admin:ministries_alloweddomain_{page}": {"": Case(a_domain)}
        for page in ("change", "delete", "history")
    },
}
