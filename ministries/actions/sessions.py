"""Who is signed in where: begun at a sign-in, ended by its owner, by a new password, by a reset."""

from django.contrib.auth import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.throttling import BaseThrottle

from ministries import audit, rules
from ministries.models import LiveSession, User

AGENT_LENGTH, ADDRESS_LENGTH = 200, 45


def address_of(request: HttpRequest) -> str:
    """The caller's network address, as the last trusted proxy saw it; empty where none is known."""
    return (BaseThrottle().get_ident(request) or "")[:ADDRESS_LENGTH]


@receiver(user_logged_in, dispatch_uid="ministries.live_session")
def begin(sender: type[User], request: HttpRequest, user: User, **_more: object) -> None:
    """Every road of signing in; what of theirs is over already is cleared away."""
    if not hasattr(request, "session"):
        return
    if not request.session.session_key:
        request.session.save()
    with transaction.atomic():
        own = LiveSession.objects.filter(user=user)
        alive = own.alive().values_list("pk", flat=True)
        own.exclude(pk__in=list(alive)).end()
        # Who signs in once more where they are signed in goes on with the same session.
        LiveSession.objects.update_or_create(
            session_id=request.session.session_key,
            defaults={
                "user": user,
                "address": address_of(request),
                "agent": request.headers.get("User-Agent", "")[:AGENT_LENGTH],
                "since": timezone.now(),
                "seen_at": timezone.now(),
            },
        )


@transaction.atomic
def end_session(live: LiveSession, *, by: User) -> None:
    """Sign oneself out somewhere. Raises NotAllowed for anybody else's session."""
    rules.may_end_session(by, live).enforce()
    told = {"address": live.address, "agent": live.agent, "since": live.since}
    LiveSession.objects.filter(pk=live.pk).end()
    audit.record("session.end_other", by, by=by, before=told)


@transaction.atomic
def end_others(user: User, *, keep: str | None = None, by: User | str) -> int:
    """End all sessions of a person but the one with the key `keep`; how many those were."""
    ended = LiveSession.objects.filter(user=user).exclude(session_id=keep or "").end()
    if ended:
        audit.record("session.end_others", user, by=by, after={"ended": ended})
    return ended
