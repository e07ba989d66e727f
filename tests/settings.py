"""Settings of the tests: config.settings with a data folder of their own and nothing slow."""

import atexit
import os
import shutil
import tempfile

if "VAR_DIR" not in os.environ:
    # Handed on to the worker process, which must find the same files; removed by whoever made it.
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="nstp-var-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
# WhiteNoise looks for it at start, though the live server finds the files where they are.
os.makedirs(os.path.join(os.environ["VAR_DIR"], "static"), exist_ok=True)
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ.setdefault("DEBUG", "False")

from config.settings import *  # noqa: E402, F403
from config.settings import STORAGES  # noqa: E402

SECRET_KEY = "a secret of the tests alone"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
# The real hashers are slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest wants collectstatic first; the live server finds the files where they are.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES = {"default": MEMORY, "throttle": MEMORY | {"LOCATION": "throttle"}}
# Who tests asks more often than anybody; what happens then has tests of its own.
API_RATES = dict.fromkeys(("anonymous", "signed_in", "download"), 10**9)
# Jobs run where they are queued, unless a test asks for `celery_worker_process`.
CELERY_TASK_ALWAYS_EAGER = "CELERY_WORKER" not in os.environ
CELERY_TASK_EAGER_PROPAGATES = True
# Whoever tests a reviewer's work would set one up each time; its own tests ask for it.
SECOND_FACTOR_FOR = []
