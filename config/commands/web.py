"""The web process of ./run: prepares the data, then serves.

Both in one process, because loading Django twice would double the time to the first page.
"""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.db import DatabaseError, connections
from gunicorn.app import wsgiapp

from config import web_server  # noqa: F401 (its workers share their counts)
from config.commands.environment import speak_utf8
from config.commands.prepare import prepare


def main() -> int:
    """Serve until a signal comes. `--log` appears when the preparation is done, not before."""
    speak_utf8()
    parser = argparse.ArgumentParser(prog="config.commands.web")
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--log", type=Path, required=True)
    options, gunicorn = parser.parse_known_args()
    try:
        django.setup()
        prepare(empty=options.empty)
    except (CommandError, DatabaseError, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        return 1
    # Loaded before gunicorn forks, so that its workers need not load it again.
    import_module(settings.ROOT_URLCONF)
    # A connection must not be shared with them.
    connections.close_all()
    with open(options.log, "wb") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    sys.argv = ["gunicorn", "config.wsgi", *gunicorn]
    return wsgiapp.run()


if __name__ == "__main__":
    sys.exit(main())
