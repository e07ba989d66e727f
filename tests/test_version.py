"""The version number is one: in package, settings and changelog, and at the foot of every page."""

import re
import tomllib

from django.conf import settings

CHANGELOG = settings.BASE_DIR / "CHANGELOG.md"


def test_the_same_number_stands_everywhere():
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    newest = re.search(r"^## \[([^]]+)\]", CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)
    assert {project["project"]["version"], newest[1], settings.VERSION} == {settings.VERSION}


def test_every_page_names_it(client, db):
    assert f"系統版本{settings.VERSION}。" in client.get("/").content.decode()


def test_the_licence_is_the_one_that_the_package_names():
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    text = (settings.BASE_DIR / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith(f"{project['project']['license']} License\n")
