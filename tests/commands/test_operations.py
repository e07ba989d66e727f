"""The full set on real servers: its description is whole, and its guide names every setting."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_holds_the_full_set():
    services = COMPOSE["services"]
    assert set(services) == {"web", "worker", "beat", "migrate", "postgres", "redis"}
    for name in ("web", "worker", "beat"):
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["environment"]["DEPLOYMENT"] == "production"
    assert services["migrate"]["restart"] == "no"


def test_compose_holds_no_secret():
    environment = COMPOSE["services"]["web"]["environment"]
    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert ":${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]


def test_image_runs_without_root_and_installs_by_hash():
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER nstp$", text, flags=re.MULTILINE)
    assert text.count("--require-hashes") == 2
    assert "://" not in text


def test_the_guide_names_every_setting():
    settings = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", settings))
    guide = (ROOT / "docs" / "operations.md").read_text()
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", guide, flags=re.MULTILINE))
    assert read == described
