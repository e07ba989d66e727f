"""Asks for known vulnerabilities of what requirements.lock pins: a stage of ./test.

Ends with 0 where none is known, 1 where one is, which it names, and SKIPPED with a sentence where
the list of them can't be reached.
"""

import json
import subprocess
import sys

import requests

from config.commands.environment import ROOT
from config.commands.exit_codes import SKIPPED

SERVICE = "https://api.osv.dev/"
REACH_SECONDS = 5
ASK_SECONDS = 180


def main() -> int:
    try:
        requests.head(SERVICE, timeout=REACH_SECONDS)
        found = ask()
    except (requests.RequestException, subprocess.TimeoutExpired, ValueError) as error:
        print(f"Not asked for known vulnerabilities: {SERVICE} can't be reached ({kind(error)}).")
        return SKIPPED
    for line in found:
        print(line)
    return 1 if found else 0


def ask() -> list[str]:
    """A line for each vulnerability; ValueError where the answer is none."""
    argv = [sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "requirements.lock")]
    argv += ["--require-hashes", "--disable-pip", "--vulnerability-service", "osv"]
    argv += ["--format", "json", "--progress-spinner", "off"]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=ASK_SECONDS, check=False)
    return told(json.loads(ended.stdout))


def told(answer: dict) -> list[str]:
    """`name version: id, mended in …` of what pip-audit answered."""
    return [
        f"{package['name']} {package['version']}: {one['id']}, "
        f"mended in {', '.join(one['fix_versions']) or 'no version yet'}"
        for package in answer["dependencies"]
        for one in package.get("vulns", ())
    ]


def kind(error: Exception) -> str:
    return type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
