"""What mutation testing leaves is written down with its reason, and a sample is tried again."""

import os
import re
import subprocess
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from config.commands.environment import PYTHON

ROOT = Path(__file__).resolve().parents[1]
SURVIVORS = ROOT / "docs" / "mutation.md"
# Without a database, so that a minute or two is enough.
SAMPLE = ("plan.attainment.*",)


def written() -> dict[str, int]:
    """`module.function` → how many of its mutants may survive, from the table."""
    rows = re.findall(
        r"^\| `([\w.]+)` \| (\d+) \| .+ \|$", SURVIVORS.read_text(encoding="utf-8"), re.MULTILINE
    )
    found: Counter[str] = Counter()
    for name, number in rows:
        found[name] += int(number)
    return dict(found)


def test_each_survivor_belongs_to_a_function_that_there_is():
    assert written()
    for name in written():
        module, *path = _module(name)
        found = module
        for part in path:
            found = getattr(found, part)
        assert callable(found), name


def _module(name: str) -> tuple:
    """The module and the names inside it: `plan.budget_path.Path.towards`."""
    words = name.split(".")
    for length in range(len(words) - 1, 0, -1):
        try:
            return import_module(".".join(words[:length])), *words[length:]
        except ModuleNotFoundError:
            continue
    raise AssertionError(name)


@pytest.mark.deep
@pytest.mark.postgres
def test_no_other_mutant_of_the_sample_survives(tmp_path):
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env |= {"DATABASE_URL": "sqlite://", "VAR_DIR": str(tmp_path / "var")}
    mutmut = [str(PYTHON.with_name("mutmut"))]
    run = subprocess.run(
        [*mutmut, "run", *SAMPLE], cwd=tmp_path, env=env, capture_output=True, timeout=1200
    )
    assert run.returncode == 0, run.stdout[-2000:]
    results = subprocess.run(
        [*mutmut, "results"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    ).stdout
    # plan.attainment.x_to_date__mutmut_3: survived
    survived = Counter(
        re.sub(r"x_(\w+)__mutmut_\d+", r"\1", name)
        for name in re.findall(r"^\s*(\S+): survived$", results, re.MULTILINE)
    )
    may = written()
    assert {name: n for name, n in survived.items() if n > may.get(name, 0)} == {}
