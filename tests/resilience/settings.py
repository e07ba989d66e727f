"""Settings of the servers that these tests start and kill: the real ones, on their PostgreSQL and
Redis, without what only hardens or speeds up.
"""

from config.settings import *  # noqa: F403
from config.settings import STORAGES

SECRET_KEY = "a secret of the tests alone"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest wants collectstatic first; nobody asks these servers for styles.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
