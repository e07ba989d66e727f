"""One migrated database for all test processes of one `./test`: each begins with a copy of it.

To migrate an empty database takes fifteen seconds of a processor, to copy one less than a second.
Django still looks whether anything is left to migrate.
"""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection

from config.commands.test import MARK

ROOT = Path(__file__).resolve().parent.parent
# Whoever comes first migrates; the others wait for it.
LOCK = 110113


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django's own, for what is changed before the test database is made."""
    if connection.vendor == "postgresql" and MARK in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = _template(f"migrated_{os.environ[MARK]}")


def _template(name: str) -> str:
    address = urlsplit(os.environ["DATABASE_URL"])
    server = psycopg2.connect(address._replace(path="/postgres").geturl())
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not cursor.fetchone():
                # Renamed when it is whole: a half one is nobody's template.
                cursor.execute(f'CREATE DATABASE "{name}_begun"')
                env = {
                    **os.environ,
                    "DATABASE_URL": address._replace(path=f"/{name}_begun").geturl(),
                }
                migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
                subprocess.run(migrate, cwd=ROOT, env=env, check=True)
                cursor.execute(f'ALTER DATABASE "{name}_begun" RENAME TO "{name}"')
    finally:
        server.close()
    return name
