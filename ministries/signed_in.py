"""Who is asking? The session and the person behind it, which every request of theirs reads first.

What Django does here, by SQL made once: a row of `django_session` with when it was last used, and
the account together with all that it holds today. A session lives in the database only, so that it
can be ended at once; one that was idle too long counts as over, and so does one that began longer
ago than `SESSION_COOKIE_AGE`, which Django counts anew each time something is put into it.
"""

from datetime import datetime, timedelta

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from config.kit.prepared import prepared
from ministries.models import LiveSession, User
from ministries.models.sign_in import begun_since, idle_since
from ministries.queries import find_person

SEEN_AGAIN_AFTER = timedelta(minutes=1)


@prepared
def _stored(key: str) -> QuerySet:
    return Session.objects.filter(pk=key).values_list(
        "session_data", "expire_date", "live__pk", "live__seen_at", "live__since"
    )


class SessionStore(db.SessionStore):
    # The row of `LiveSession` and when it was last touched; None of who is not signed in.
    live: tuple[int, datetime] | None = None

    def load(self) -> dict:
        for data, expires, row, seen_at, since in _stored(self.session_key):
            here = row is None or (seen_at > idle_since() and since > begun_since())
            if expires > timezone.now() and here:
                self.live = (row, seen_at) if row else None
                return self.decode(data)
        self._session_key = None
        return {}

    def touch(self) -> None:
        """The person is there. Written once a minute at most, and without the session's data."""
        now = timezone.now()
        if self.live and self.live[1] <= now - SEEN_AGAIN_AFTER:
            rows = LiveSession.objects.filter(pk=self.live[0], seen_at__lt=now)
            rows.update(seen_at=now)

    def cycle_key(self) -> None:
        """As Django's; the row of who is signed in goes along to the new key."""
        live = LiveSession.objects.filter(session_id=self.session_key).first()
        super().cycle_key()
        if live:
            live.pk, live.session_id = None, self.session_key
            live.save(force_insert=True)


class Backend(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        user = find_person(user_id)
        return user if self.user_can_authenticate(user) else None

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        """By the account's own address alone; allauth's further ones don't exist here."""
        return self._check_password(User.objects.filter(email__iexact=email).first(), password)
