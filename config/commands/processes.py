"""Child processes that never outlive the command: each in its own group, all stopped at exit."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.commands.problem import Problem

IS_LINUX = sys.platform == "linux"
_LIBC = ctypes.CDLL(None) if IS_LINUX else None
_PR_SET_PDEATHSIG = 1


class Stopped(BaseException):
    """A signal asked the command to end. Not an Exception: no step may swallow it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.exit_code = 128 + signum


def _die_with_parent() -> None:
    """In the child: be told to end when the command is killed without a chance to clean up."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Processes:
    """Starts children and stops them, newest first. Use as a context manager.

    Ctrl-C, SIGTERM and SIGHUP raise `Stopped` in the main thread, so that every way out passes
    through `stop_all`. A second signal while stopping ends the children at once.
    """

    def __init__(self, grace_seconds: float = 10) -> None:
        self.grace_seconds = grace_seconds
        self.children: dict[str, subprocess.Popen] = {}
        self._stopping = False

    def __enter__(self) -> "Processes":
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._on_signal)
        return self

    def __exit__(self, *exc_info) -> None:
        self.stop_all()

    def _on_signal(self, signum: int, _frame) -> None:
        if self._stopping:
            self.grace_seconds = 0
            return
        self._stopping = True
        raise Stopped(signum)

    def start(
        self,
        name: str,
        argv: list[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: Path | None = None,
        user: str | None = None,
        asks: bool = False,
    ) -> subprocess.Popen:
        """Start a child whose output is added to `log` (None: the command's own console).

        One that `asks` reads what is typed at the console.
        """
        output = open(log, "ab") if log else None  # noqa: SIM115 (closed below, after the fork)
        try:
            child = subprocess.Popen(
                argv,
                cwd=cwd,
                env=dict(env),
                stdin=None if asks else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                user=user,
                group=_group_of(user),
                extra_groups=[] if user else None,
            )
        finally:
            if output:
                output.close()
        self.children[name] = child
        return child

    def run(
        self, name: str, argv: list[str], *, cwd: Path, env: Mapping[str, str]
    ) -> tuple[int, str]:
        """Run a child to its end and return (exit code, output)."""
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "output"
            child = self.start(name, argv, cwd=cwd, env=env, log=log)
            code = child.wait()
            del self.children[name]
            return code, log.read_text(encoding="utf-8", errors="replace")

    def ended(self) -> str | None:
        """The name of a child that is no longer running, if there is one."""
        for name, child in self.children.items():
            if child.poll() is not None:
                return name
        return None

    def stop(self, name: str, signum: int = signal.SIGTERM) -> None:
        """Ask the child itself to end in good order, then end whatever is left of its group."""
        child = self.children.pop(name)
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signum)
        self._finish(child)

    def stop_all(self) -> None:
        self._stopping = True
        children = list(reversed(self.children.values()))
        self.children.clear()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
        for child in children:
            self._finish(child)

    def _finish(self, child: subprocess.Popen) -> None:
        deadline = time.monotonic() + self.grace_seconds
        # Polled, because a second signal shortens `grace_seconds` while this waits.
        while child.poll() is None and time.monotonic() < deadline and self.grace_seconds:
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def supervised(work: Callable[[Processes], int]) -> int:
    """Do the work and return its exit code; a Problem is told in its sentences, 1 returned."""
    try:
        with Processes() as processes:
            return work(processes)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except Stopped as stopped:
        return stopped.exit_code
