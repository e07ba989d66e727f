"""One step of a bench: a command of ours on the bench's own database, which must succeed."""

import sys

from config.commands.environment import ROOT
from config.commands.problem import Problem
from config.commands.processes import Processes


def run_step(argv: list[str], env: dict[str, str], processes: Processes) -> str:
    """What the command printed. Raises Problem where it failed, after showing that."""
    code, output = processes.run("step", argv, cwd=ROOT, env=env)
    if code:
        sys.stderr.write(output)
        raise Problem(f"{argv[2]} 失敗，原因見上。", f"{argv[2]} failed, see above.")
    return output
