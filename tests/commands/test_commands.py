"""./run and ./test where something is missing: one sentence in both languages, no traceback."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.commands import servers
from config.commands.problem import Problem
from config.commands.processes import IS_LINUX, Processes, Stopped
from config.commands.test import MARK, Stage, _end_strays, _run_side_by_side

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")


def call(command: list[str], cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        command,
        cwd=cwd,
        env=env | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


def assert_one_sentence(done: subprocess.CompletedProcess, *words: str) -> None:
    """The command failed with one line that holds both languages and `words`."""
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert CHINESE.search(done.stderr)
    for word in words:
        assert word in done.stderr


@pytest.fixture
def bare_copy(tmp_path: Path) -> Path:
    """The commands in a folder of their own, without .venv, and a bin/ that is the whole PATH."""
    folder = tmp_path / "project"
    (folder / "bin").mkdir(parents=True)
    for name in ("run", "test"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "config/commands", folder / "config/commands")
    shutil.copy(ROOT / "config/__init__.py", folder / "config")
    for lock in ROOT.glob("requirements*.lock"):
        shutil.copy(lock, folder)
    (folder / "bin" / "dirname").symlink_to(shutil.which("dirname"))
    return folder


@pytest.mark.parametrize("command", ["./run", "./test"])
def test_help_speaks_both_languages(command):
    done = call([command, "--help"])
    assert done.returncode == 0
    assert CHINESE.search(done.stdout)
    assert "PostgreSQL" in done.stdout or "--fresh" in done.stdout


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = call(["./run", "--port", str(port)], VAR_DIR=str(tmp_path))
    assert_one_sentence(done, str(port), "--port")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    # Below a file nothing can be made, not even by root, whom no permission stops.
    (tmp_path / "file").touch()
    done = call(["./run"], VAR_DIR=str(tmp_path / "file" / "var"))
    assert_one_sentence(done, "cannot be written")


def test_a_second_start_on_the_same_data_is_refused(tmp_path):
    with open(tmp_path / "run.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = call(["./run"], VAR_DIR=str(tmp_path))
    assert_one_sentence(done, "already running")


def test_fresh_never_touches_a_database_of_someone_else(tmp_path):
    done = call(
        ["./run", "--fresh", "--port", "8999"],
        VAR_DIR=str(tmp_path),
        DATABASE_URL="postgresql://nobody@localhost/real",
    )
    assert_one_sentence(done, "DATABASE_URL")


def test_a_database_that_does_not_answer_ends_the_start_without_a_traceback(tmp_path):
    done = call(
        ["./run", "--port", str(servers.free_port())],
        VAR_DIR=str(tmp_path),
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing",
    )
    assert done.returncode == 1
    assert "Preparing the data failed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["./run", "./test"])
def test_without_a_new_enough_python(bare_copy, command):
    old = bare_copy / "bin" / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = call(["/bin/sh", command], cwd=bare_copy, PATH=str(bare_copy / "bin"))
    assert_one_sentence(done, "3.11")


def test_without_the_venv_module(bare_copy):
    (bare_copy / "bin" / "python3").symlink_to(Path(sys.executable).resolve())
    (bare_copy / "sitecustomize.py").write_text("import sys\nsys.modules['venv'] = None\n")
    done = call(
        ["/bin/sh", "./run", "--port", "8998"],
        cwd=bare_copy,
        PATH=str(bare_copy / "bin"),
        PYTHONPATH=str(bare_copy),
        VAR_DIR=str(bare_copy / "var"),
    )
    assert_one_sentence(done, "venv", "python3-venv")


def test_the_commands_need_nothing_installed():
    code = "import config.commands.run, config.commands.test"
    # -S leaves the installed packages out.
    done = call([sys.executable, "-S", "-c", code])
    assert done.returncode == 0, done.stderr


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), flags=re.MULTILINE))


def test_locks_hold_hashes_and_no_address():
    for lock in ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock"):
        text = (ROOT / lock).read_text()
        assert "://" not in text
        assert "--index" not in text
        assert len(re.findall(r"--hash=sha256:", text)) >= len(pins(lock)) > 0


def test_the_development_lock_holds_every_runtime_pin():
    assert pins("requirements.lock") <= pins("requirements-dev.lock")


SHIELDED = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
WITH_GRANDCHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SHIELDED!r}])"


def processes_of_group(group: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pgid,stat"], capture_output=True, text=True).stdout
    rows = (line.split() for line in listed.splitlines()[1:])
    return [int(pgid) for pgid, state in rows if int(pgid) == group and not state.startswith("Z")]


def wait_for(condition, seconds: float = 180) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_stopping_takes_the_whole_group_even_when_it_will_not_go():
    processes = Processes(grace_seconds=0.2)
    child = processes.start(
        "stubborn", [sys.executable, "-c", WITH_GRANDCHILD], cwd=ROOT, env=os.environ
    )
    assert wait_for(lambda: len(processes_of_group(child.pid)) == 2)
    processes.stop_all()
    assert wait_for(lambda: not processes_of_group(child.pid))


def test_a_signal_stops_the_children():
    previous = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        with pytest.raises(Stopped) as stopped, Processes(grace_seconds=60) as processes:
            child = processes.start("child", ["sleep", "60"], cwd=ROOT, env=os.environ)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
    finally:
        for signum, handler in previous.items():
            signal.signal(signum, handler)
    assert stopped.value.exit_code == 128 + signal.SIGTERM
    assert child.returncode == -signal.SIGTERM


@pytest.mark.skipif(not IS_LINUX, reason="Only Linux ends children of a killed parent.")
def test_children_end_with_a_parent_that_was_killed():
    code = (
        "import os, time\n"
        "from pathlib import Path\n"
        "from config.commands.processes import Processes\n"
        "child = Processes().start('child', ['sleep', '60'], cwd=Path('/'), env=os.environ)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        group = int(parent.stdout.readline())
        assert processes_of_group(group)
        parent.kill()
    assert wait_for(lambda: not processes_of_group(group))


@pytest.mark.skipif(not IS_LINUX, reason="Strays are found through /proc.")
def test_a_process_that_left_its_group_is_found_by_its_mark():
    marked = {**os.environ, MARK: "0123456789abcdef"}
    with (
        subprocess.Popen(["sleep", "60"], env=marked, start_new_session=True) as stray,
        subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger,
    ):
        _end_strays("0123456789abcdef")
        assert stray.wait(timeout=180) == -signal.SIGKILL
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize(
    ("code", "report", "counts"),
    [
        (0, None, (1, 0, 0)),
        (1, None, (0, 1, 0)),
        (0, {"tests": 5, "failures": 0, "errors": 0, "skipped": 2}, (3, 0, 2)),
        (1, {"tests": 5, "failures": 1, "errors": 1, "skipped": 0}, (3, 2, 0)),
        # pytest broke, or found nothing to run: that is a failure without a failed test.
        (2, {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}, (0, 1, 0)),
    ],
)
def test_what_a_stage_counts(tmp_path, code, report, counts):
    path = None
    if report is not None:
        path = tmp_path / "report.xml"
        values = " ".join(f'{name}="{value}"' for name, value in report.items())
        path.write_text(f"<testsuites><testsuite {values}/></testsuites>")
    stage = Stage("any", [], {}, path, code=code)
    stage.count()
    assert (stage.passed, stage.failed, stage.skipped) == counts


def test_three_lines_share_the_stages(tmp_path: Path):
    """Never four at once, and the line of the first takes a stage as soon as it ended."""
    said = tmp_path / "said"

    def stage(name: str, seconds: float, code: int = 0) -> Stage:
        work = f"echo +{name} >> {said}; sleep {seconds}; echo -{name} >> {said}; echo {name}"
        return Stage(name, ["sh", "-c", f"{work}; exit {code}"], dict(os.environ))

    shown, beside = stage("shown", 0.4), [stage("long", 3), stage("b", 1.5, 3), stage("c", 0)]
    processes = Processes()
    try:
        _run_side_by_side(shown, beside, tmp_path, processes)
    finally:
        processes.stop_all()
    order = said.read_text().split()
    assert set(order[:3]) == {"+shown", "+long", "+b"}
    assert order[3:] == ["-shown", "+c", "-c", "-b", "-long"]
    assert [(one.code, one.output.strip()) for one in beside] == [(0, "long"), (3, "b"), (0, "c")]
    assert shown.code == 0


def test_missing_programs_are_named_where_nothing_may_be_installed(monkeypatch):
    monkeypatch.setattr(servers, "chromium", lambda: None)
    monkeypatch.setattr(servers, "postgres_folder", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Problem, match=r"apt install postgresql.* chromium") as problem:
        servers.ensure_programs(Processes())
    assert CHINESE.search(str(problem.value))


def test_as_root_what_is_missing_is_installed(monkeypatch, tmp_path):
    """apt-get is asked for just that, and Debian starts no server of its own meanwhile."""
    asked = tmp_path / "asked"
    policy = tmp_path / "policy-rc.d"
    apt_get = tmp_path / "apt-get"
    apt_get.write_text(f'#!/bin/sh\ntest -x {policy} && echo "$@" >> {asked}\n')
    apt_get.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(servers, "POLICY", policy)
    monkeypatch.setattr(servers, "chromium", lambda: "/chromium" if asked.exists() else None)
    monkeypatch.setattr(servers, "has_chinese_font", lambda: True)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    servers.ensure_programs(Processes())
    update, install = asked.read_text().splitlines()
    assert update.split()[0] == "update"
    assert install.split()[-1] == "chromium"
    assert not policy.exists()
