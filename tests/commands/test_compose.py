"""docker-compose.yml describes the full set, each part with no more rights than it needs."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from django.db import connection

from config.commands.servers import postgres_folder

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SITE_ROLE = ROOT / "docs" / "deploy" / "compose" / "site_role.sql"
OURS = ("web", "worker", "beat")


def test_compose_holds_the_full_set():
    services = COMPOSE["services"]
    assert set(services) == {"web", "worker", "beat", "migrate", "role", "postgres", "redis"}
    for name in ("web", "worker", "beat"):
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["environment"]["DEPLOYMENT"] == "production"
    assert services["migrate"]["restart"] == "no"


def test_compose_holds_no_secret():
    environment = COMPOSE["services"]["web"]["environment"]
    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert ":${POSTGRES_SITE_PASSWORD:?" in environment["DATABASE_URL"]


def test_the_site_works_under_a_role_of_its_own_and_migrations_as_the_owner():
    def role(name: str) -> str:
        return COMPOSE["services"][name]["environment"]["DATABASE_URL"].split("/")[2].split(":")[0]

    assert {name: role(name) for name in (*OURS, "migrate")} == {
        "web": "nstp_site", "worker": "nstp_site", "beat": "nstp_site", "migrate": "nstp",
    }  # fmt: skip
    services = COMPOSE["services"]
    assert services["role"]["environment"]["PGUSER"] == "nstp"
    assert "audit_grants nstp_site --apply" in services["migrate"]["command"][-1]
    assert services["migrate"]["depends_on"]["role"] == {
        "condition": "service_completed_successfully"
    }


@pytest.mark.postgres
def test_the_role_is_made_once_and_its_password_can_be_changed(db):
    """The SQL that Compose gives to psql."""
    settings = connection.settings_dict
    owner = {
        "PGHOST": settings["HOST"], "PGPORT": str(settings["PORT"]), "PGUSER": settings["USER"],
        "PGDATABASE": settings["NAME"],
    }  # fmt: skip
    made = [
        str(postgres_folder() / "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1",
        f"--file={SITE_ROLE}",
    ]  # fmt: skip
    kept = []
    with connection.cursor() as cursor:
        for password in ("first", "it's the second"):
            env = os.environ | owner | {"POSTGRES_SITE_PASSWORD": password}
            subprocess.run(made, env=env, check=True, capture_output=True)
            cursor.execute(
                "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolpassword"
                " FROM pg_authid WHERE rolname = 'nstp_site'"
            )
            *rights, secret = cursor.fetchone()
            assert rights == [True, False, False, False]
            kept.append(secret)
        cursor.execute("DROP ROLE nstp_site")
    assert len(set(kept)) == 2 and None not in kept


def test_compose_warns_of_no_server():
    """The two that are asked without TLS stand on a network of their own."""
    environment = COMPOSE["services"]["web"]["environment"]
    assert "ports" not in COMPOSE["services"]["postgres"]
    assert "ports" not in COMPOSE["services"]["redis"]
    asked = f"{environment['DATABASE_URL']} {environment['REDIS_URL']}"
    plain = set(re.findall(r"[@/]([a-z]+):[0-9]+/", asked))
    assert set(environment["PLAIN_HOSTS"].split(",")) == plain == {"postgres", "redis"}
