"""Who is asking? The session and the person behind it, which every request of theirs reads first.

What Django does here, by SQL made once: a row of `django_session`, and the account together with
all that it holds today. A session lives in the database only, so that it can be ended at once.
"""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from config.kit.prepared import prepared
from ministries.models import User
from ministries.queries import find_person


@prepared
def _stored(key: str) -> QuerySet:
    return Session.objects.filter(pk=key).values_list("session_data", "expire_date")


class SessionStore(db.SessionStore):
    def load(self) -> dict:
        for data, expires in _stored(self.session_key):
            if expires > timezone.now():
                return self.decode(data)
        self._session_key = None
        return {}


class Backend(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        user = find_person(user_id)
        return user if self.user_can_authenticate(user) else None
