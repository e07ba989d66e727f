"""Lines of the house that no linter draws: where rows are scoped, who writes a status, how a model,
a template, a module and the repository must look.

Import directions are held by import-linter, the workflow's diagram by `tracking/test_workflow.py`.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.db import models

from tracking.models import ProgressReport

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "ministries", "plan", "tracking", "reports")
SOURCES = [
    path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OURS = [model for room in ROOMS[1:] for model in apps.get_app_config(room).get_models()]
LONGEST = 400
# Rows that are a part of another one and go with it; every other key protects what it points at.
PARTS = {
    "ministries.LiveSession.session",
    "plan.CellEntry.strategy",
    "plan.Change.version",
    "plan.IndicatorTarget.indicator",
    "plan.LineageEdge.version",
    "plan.MeasureItem.measure",
    "plan.Revision.version",
    "plan.TargetChange.indicator",
    "reports.Citation.paragraph",
    "reports.Paragraph.conclusion",
    "reports.Recusal.seat",
    "reports.SeatItem.seat",
    "reports.SnapshotLine.edition",
    "tracking.Evidence.report",
    "tracking.IndicatorValue.report",
    "tracking.MoneyLine.report",
    "tracking.Notice.report",
    "tracking.Presence.report",
    "tracking.ReportAuthor.report",
    "tracking.ReturnedPart.report",
    "tracking.TypedCopy.report",
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def keys() -> Iterator[models.ForeignKey]:
    for model in OURS:
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey):
                yield field


# --- rows -----------------------------------------------------------------------------------------
def of_reports() -> set[str]:
    """Names of the models whose rows are, or belong to, a progress report."""
    return {"ProgressReport"} | {
        field.model.__name__ for field in keys() if field.related_model is ProgressReport
    }


def is_edge(path: Path) -> bool:
    """Views and API: what answers a request."""
    return any(part.startswith(("views", "api")) for part in path.relative_to(ROOT).parts)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_edge_that_reads_reports_scopes_them():
    """House rule 1: a function that starts from a manager also asks who may see its rows."""
    watched, unscoped = of_reports(), set()
    for path in filter(is_edge, SOURCES):
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            attributes = [node for node in ast.walk(function) if isinstance(node, ast.Attribute)]
            starts = {
                node.value.id
                for node in attributes
                if node.attr == "objects" and isinstance(node.value, ast.Name)
            }
            scoped = {node.attr for node in attributes} & {"visible_to", "status_visible_to"}
            if starts & watched and not scoped:
                unscoped.add(f"{name_of(path)}:{function.name}")
    assert unscoped == set()


def test_only_actions_write_a_status():
    """House rule 2. The demo builds years that are over, whole."""
    allowed = ("tracking/actions/", "tracking/demo/", "tracking/models/")
    writers = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign):
                written = [one for one in node.targets if isinstance(one, ast.Attribute)]
                named = {(one.attr, getattr(one.value, "id", "")) for one in written}
                if named & {("status", "report"), ("status", "row")}:
                    writers.add(name_of(path))
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update":
                named = {keyword.arg for keyword in node.keywords} & {"status"}
                writers |= {name_of(path)} if named else set()
    assert "tracking/actions/door.py" in writers
    assert {name for name in writers if not name.startswith(allowed)} == set()


# --- models ---------------------------------------------------------------------------------------
def test_keys_protect_unless_the_row_is_a_part():
    kinds = {
        f"{field.model._meta.label}.{field.name}": field.remote_field.on_delete for field in keys()
    }
    assert {name for name, kind in kinds.items() if kind is models.CASCADE} == PARTS
    assert {kind for kind in kinds.values() if kind is not models.CASCADE} == {models.PROTECT}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_model_names_itself_and_its_constraints(model):
    meta = model._meta
    named = not str(meta.verbose_name).isascii()
    assert meta.ordering and named, "an order and a Chinese name"
    assert "__str__" in {name for parent in model.__mro__[:-1] for name in vars(parent)}
    assert meta.unique_together == (), "named constraints say why they refuse"
    for constraint in meta.constraints:
        assert re.fullmatch(r"[a-z0-9_]+", constraint.name)
    for index in meta.indexes:
        assert not index.name.endswith("_idx"), "indexes are named by hand"


# --- templates ------------------------------------------------------------------------------------
FORBIDDEN = {
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "other people's server": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.I),
    "permission": re.compile(
        r"\b(is_staff|is_administrator|is_science_staff|has_perm|perms\.|\.roles|ministry_ids)\b"
    ),
}


def markup(path: Path) -> str:
    """The template with its comments left out, and no `>` or `=` inside its tags."""
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"{%.*?%}", lambda tag: re.sub("[<>=]+", "~", tag.group()), text, flags=re.S)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    found = {
        name_of(path): hit.group()
        for path in TEMPLATES
        if (hit := FORBIDDEN[what].search(markup(path)))
    }
    assert found == {}


def test_components_are_given_values_and_never_ask_the_database():
    for path in (ROOT / "templates/components").glob("*.html"):
        assert not re.search(r"\.objects\b|_set\b|\.all\b", path.read_text(encoding="utf-8")), path


# --- modules --------------------------------------------------------------------------------------
def test_modules_are_short():
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert {name for name, count in lines.items() if count > LONGEST} == set()


def test_modules_say_what_they_are_for():
    silent = {
        name_of(path)
        for path in SOURCES
        if path.name != "apps.py"
        if (text := path.read_text(encoding="utf-8")).strip()
        and not ast.get_docstring(ast.parse(text))
    }
    assert silent == set()


def test_each_command_says_what_it_does():
    own = {name: app for name, app in get_commands().items() if app in ROOMS}
    assert len(own) >= 5
    for name, app in own.items():
        command = load_command_class(app, name)
        assert command.help, name
        assert import_module(type(command).__module__).__doc__, name


# --- the repository -------------------------------------------------------------------------------
def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("The files of the repository are listed by git.")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


# Folders that the image has itself; a checkout may lie in one of them.
OF_THE_IMAGE = {Path("/"), Path("/tmp"), Path("/app"), Path("/data"), Path("/opt")}


def test_no_file_names_the_machine_it_was_written_on():
    places = {f"{place}/" for place in {ROOT, ROOT.parent, Path.home()} - OF_THE_IMAGE}
    found = {}
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="ignore")
        if named := {place for place in places if place in text}:
            found[name_of(path)] = named
    assert found == {}


def test_locks_hold_no_address():
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text(encoding="utf-8"), path.name


def test_the_settings_table_lists_each_variable():
    read = {
        name
        for path in (ROOT / "config").rglob("*.py")
        for name in re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", path.read_text(encoding="utf-8"))
    }
    section = (ROOT / "docs/operations.md").read_text(encoding="utf-8").split("## Settings")[1]
    table = section.split("\n## ")[0]
    listed = {
        name
        for line in table.splitlines()
        if line.startswith("|")
        for name in re.findall(r"`([A-Z_]{2,})`", line.split("|")[1])
    }
    assert listed == read
