"""PostgreSQL, Redis and a browser for ./test: found on the machine, else installed with apt-get."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from config.commands.environment import say
from config.commands.problem import Problem
from config.commands.processes import Processes

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 30
POLICY = Path("/usr/sbin/policy-rc.d")


def postgres_folder() -> Path | None:
    """The folder with both `initdb` and `postgres`; Debian keeps them off PATH, per version."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: [int(part) for part in folder.parent.name.split(".") if part.isdigit()],
        reverse=True,
    )
    on_path = shutil.which("initdb")
    for folder in [*installed, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def chromium() -> str | None:
    """The machine's browser; /usr/bin first, since other places may hold wrappers."""
    path = os.pathsep.join(["/usr/bin", os.environ.get("PATH", "")])
    return next(
        (found for name in CHROMIUM_NAMES if (found := shutil.which(name, path=path))), None
    )


def has_chinese_font() -> bool:
    try:
        listed = subprocess.run(["fc-list", ":lang=zh-tw"], capture_output=True, text=True)
    except OSError:
        return False
    return bool(listed.stdout.strip())


def ensure_programs(processes: Processes) -> None:
    """Install with apt-get what is missing, or say in one sentence what to install."""
    needed = {
        "postgresql": lambda: postgres_folder() is not None,
        "redis-server": lambda: shutil.which("redis-server") is not None,
        "chromium": lambda: chromium() is not None,
        "fonts-noto-cjk": has_chinese_font,
    }
    missing = [package for package, present in needed.items() if not present()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _apt_install(missing, processes)
        missing = [package for package in missing if not needed[package]()]
    if missing == ["fonts-noto-cjk"]:
        say("沒有中文字型，畫面截圖會缺字。 No Chinese font: pictures will lack characters.")
    elif missing:
        names = " ".join(missing)
        raise Problem(
            f"測試需要 {names}，請安裝（Debian 或 Ubuntu：apt install {names}）。",
            f"The tests need {names}; install them (Debian or Ubuntu: apt install {names}).",
        )


def _apt_install(packages: list[str], processes: Processes) -> None:
    say(f"安裝 {' '.join(packages)} … Installing with apt-get …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    with _no_service_starts():
        for argv in (["apt-get", "update", "-qq"], install):
            code, output = processes.run("apt-get", argv, cwd=Path("/"), env=env)
            if code:
                sys.stderr.write(output)


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    """Keep Debian from starting the servers it installs: the tests start their own."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def start_postgres(folder: Path, processes: Processes, *, durable: bool = False) -> str:
    """Start a throw-away PostgreSQL with its data in `folder`; return its DATABASE_URL.

    `durable` commits as a real one does, for what is measured.
    """
    user = _unprivileged_user()
    # The server's account must reach its data through the parent folder, which stays unlisted.
    folder.parent.chmod(0o711)
    folder.mkdir(mode=0o700)
    if user:
        shutil.chown(folder, user)
    programs = postgres_folder()
    # Under LANG=C trigram search finds nothing in Chinese.
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    log = folder.with_suffix(".log")
    data = folder / "data"
    initdb = processes.start(
        "initdb",
        [
            str(programs / "initdb"), "--pgdata", str(data), "--username", "nstp", "--auth",
            "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        ],
        cwd=folder, env=env, log=log, user=user,
    )  # fmt: skip
    if initdb.wait():
        raise _failed("initdb", log)
    del processes.children["initdb"]
    # The data is thrown away: nothing has to survive a crash.
    careless = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
    options = [] if durable else [word for option in careless for word in ("-c", option)]
    for _ in range(3):
        port = free_port()
        server = processes.start(
            "postgres",
            [
                str(programs / "postgres"), "-D", str(data), "-k", str(folder), "-p", str(port),
                "-c", "listen_addresses=127.0.0.1", *options,
            ],
            cwd=folder, env=env, log=log, user=user,
        )  # fmt: skip
        if _wait_until(lambda port=port: _answers(port), server):
            return f"postgresql://nstp@127.0.0.1:{port}/postgres"
        processes.stop("postgres")
    raise _failed("postgres", log)


def start_redis(folder: Path, processes: Processes) -> str:
    """Start a throw-away Redis that keeps nothing on disk; return its REDIS_URL."""
    folder.mkdir(mode=0o700)
    log = folder.with_suffix(".log")
    for _ in range(3):
        port = free_port()
        server = processes.start(
            "redis",
            [
                shutil.which("redis-server"), "--port", str(port), "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no", "--dir", str(folder),
            ],
            cwd=folder, env=os.environ, log=log,
        )  # fmt: skip
        if _wait_until(lambda port=port: _answers(port), server):
            return f"redis://127.0.0.1:{port}/0"
        processes.stop("redis")
    raise _failed("redis-server", log)


def free_port() -> int:
    """A port that nothing held a moment ago; whoever takes it must be ready to ask again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: the account to use instead, None when we are not root."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise Problem(
        f"PostgreSQL 不能以 {getpass.getuser()} 執行，請改用一般使用者。",
        "PostgreSQL does not run as root; run this as an ordinary user.",
    )


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _wait_until(ready, server: subprocess.Popen) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if ready():
            # The port may answer for someone else while our own server is failing to bind.
            time.sleep(0.2)
            return server.poll() is None
        time.sleep(0.05)
    return False


def _failed(name: str, log: Path) -> Problem:
    sys.stderr.write(log.read_text(encoding="utf-8", errors="replace"))
    return Problem(f"{name} 無法啟動，原因見上。", f"{name} did not start, see above.")
