"""The WSGI entry point for gunicorn."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config import checks  # noqa: E402 (needs the applications to be loaded)

checks.enforce()

# What is loaded by now stays for good. Walking through it again and again, the garbage collector
# would hold up one request in a few hundred; and workers forked later share its memory.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
# A page makes some thousands of objects and lets go of nearly all of them by itself. Looked for
# after every 700, as is Python's default, cycles among them cost a tenth of the page.
gc.set_threshold(20_000, 10, 10)
