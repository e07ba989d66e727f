"""What is told of known vulnerabilities, and that nothing is told where nobody could be asked."""

import subprocess
import sys
from pathlib import Path

from config.commands.exit_codes import SKIPPED
from config.commands.known_vulnerabilities import told
from config.commands.test import Stage

ROOT = Path(__file__).resolve().parents[2]
ANSWER = {
    "dependencies": [
        {"name": "fine", "version": "1.0", "vulns": []},
        {"name": "skipped", "skip_reason": "not found"},
        {
            "name": "old",
            "version": "1.0",
            "vulns": [
                {"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"], "aliases": []},
                {"id": "PYSEC-2", "fix_versions": [], "aliases": []},
            ],
        },
    ],
    "fixes": [],
}


def test_each_vulnerability_is_a_line():
    assert told(ANSWER) == [
        "old 1.0: PYSEC-1, mended in 1.1, 2.0",
        "old 1.0: PYSEC-2, mended in no version yet",
    ]


def test_where_nobody_can_be_asked_it_says_so_soon():
    argv = [sys.executable, "-m", "config.commands.known_vulnerabilities"]
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:1", "PATH": "/usr/bin:/bin", "NO_PROXY": ""}
    ended = subprocess.run(
        argv, cwd=ROOT, env=nowhere, capture_output=True, text=True, timeout=10, check=False
    )
    assert ended.returncode == SKIPPED
    assert ended.stdout.startswith("Not asked for known vulnerabilities: ")


def test_a_stage_that_could_not_be_asked_is_neither_passed_nor_failed():
    stage = Stage("components", [], {}, code=SKIPPED)
    stage.count()
    assert (stage.passed, stage.failed, stage.skipped, stage.code) == (0, 0, 1, 0)
