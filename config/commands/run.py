"""./run: from a bare Python to a running system, and nothing left behind when it ends."""

import argparse
import fcntl
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from config.commands.environment import PYTHON, ROOT, install, make_writable, say, speak_utf8
from config.commands.problem import Problem
from config.commands.processes import Processes, Stopped, supervised

DESCRIPTION = """\
啟動整套系統：網頁伺服器、背景工作程式與排程。第一次執行會安裝套件、載入計畫並建立示範資料。
按 Ctrl-C 停止全部程式；資料留在 var/，下次啟動仍在。

Starts the whole system: web server, background worker and scheduler. The first start installs
packages, loads the plan and makes demo data. Ctrl-C stops everything; the data stays in var/.
"""
HOST = "127.0.0.1"
FIRST_PAGE_SECONDS = 60
CELERY = [str(PYTHON), "-m", "celery", "-A", "config"]
WORKER = [
    *CELERY, "worker", "--loglevel=INFO", "--concurrency=1",
    "--without-gossip", "--without-mingle", "--without-heartbeat",
]  # fmt: skip
BEAT = [*CELERY, "beat", "--loglevel=INFO", "--pidfile="]
# What --fresh deletes from the data folder: only names the system makes itself.
MADE_BY_US = (
    # The checkpoints speak of the audit log that goes with the database.
    "db.sqlite3*", "audit", "broker", "cache", "celerybeat-schedule*",
    "demo-accounts", "evidence", "jobs-wait", "log", "mail", "uploads",
)  # fmt: skip


def main() -> int:
    speak_utf8()
    options = _options()
    if not options.story:
        return supervised(lambda processes: _run(options, processes))
    # A story changes what it finds: nobody's data but its own.
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL"):
        os.environ.pop(name, None)
    os.environ.setdefault("STATIC_ROOT", str(ROOT / "var" / "static"))
    with tempfile.TemporaryDirectory(prefix="nstp-story-") as folder:
        os.environ["VAR_DIR"] = folder
        return supervised(lambda processes: _run(options, processes))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for words, details in {
        "--port": {
            "type": _port,
            "default": 8000,
            "metavar": "N",
            "help": "網址的連接埠 port of the address (8000)",
        },
        "--empty": {
            "action": "store_true",
            "help": "不建立示範帳號與填報 no demo people and filings",
        },
        "--fresh": {
            "action": "store_true",
            "help": "刪除 var/ 的資料後重新開始 delete the data in var/ and start over",
        },
        "--story": {
            "action": "store_true",
            "help": "在另一份資料上走一遍填報年度 walk through a filing year, on data of its own",
        },
        "--yes": {
            "action": "store_true",
            "help": "故事自己走完並核對每一頁 let the story check its pages without asking",
        },
    }.items():
        parser.add_argument(words, **details)
    options = parser.parse_args()
    if options.story and options.empty:
        parser.error("--story 需要示範資料 needs the demo data")
    return options


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("1–65535")
    return number


def _run(options: argparse.Namespace, processes: Processes) -> int:
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()
    make_writable(var)
    # Held until the command ends, so that two starts never share one data folder.
    lock = _lock(var)
    _check_port(options.port)
    install("requirements.lock", processes)
    if options.fresh:
        _start_over(var)
    env = _environment(var, options.port)

    folder = var / "log"
    folder.mkdir(exist_ok=True)
    logs = {name: folder / f"{name}.log" for name in ("web", "worker", "beat")}
    for log in logs.values():
        log.unlink(missing_ok=True)
    address = f"http://{HOST}:{options.port}/"
    # Its preparation speaks to the console; what follows goes to its log.
    processes.start("web", _web(options, logs["web"]), cwd=ROOT, env=env)
    _wait_for_first_page(address, processes, logs)
    # The others wait for the first page: four processes starting at once delay each other.
    processes.start("worker", WORKER, cwd=ROOT, env=env, log=logs["worker"])
    processes.start("beat", BEAT, cwd=ROOT, env=env, log=logs["beat"])
    if options.story and (code := _tell(address, options, env, processes)) is not None:
        return code
    if not options.story:
        _welcome(address, var)
    try:
        _supervise(processes, logs)
    except Stopped:
        say("\n停止中… Stopping …")
        processes.stop_all()
        if options.story:
            say("已全部停止，故事的資料已刪除。 Everything is stopped; the story's data is gone.")
        else:
            say("已全部停止，資料保留在 var/。 Everything is stopped; the data is kept.")
    finally:
        lock.close()
    return 0


def _lock(var: Path):
    lock = open(var / "run.lock", "a+")  # noqa: SIM115 (kept open: closing it gives up the lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Problem(
            f"這個資料夾已經有一個 ./run 在執行（{var}），請先停止它。",
            f"./run is already running on this data folder ({var}); stop that one first.",
        ) from None
    # Children must not keep the lock of a command that is gone.
    os.set_inheritable(lock.fileno(), False)
    return lock


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        # As the web server does: a port still cooling down from the last run is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Problem(
                f"連接埠 {port} 無法使用（{error.strerror}），請停止佔用它的程式，"
                f"或換一個：./run --port {port + 1}",
                f"Port {port} cannot be used ({error.strerror}); stop what holds it, or take "
                f"another: ./run --port {port + 1}",
            ) from None


def _start_over(var: Path) -> None:
    if os.environ.get("DATABASE_URL"):
        raise Problem(
            "--fresh 只用於內建資料庫；DATABASE_URL 指向的資料庫請由管理者自行清空。",
            "--fresh is for the embedded database only; the one that DATABASE_URL names must be "
            "emptied by its administrator.",
        )
    for path in (found for pattern in MADE_BY_US for found in var.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _environment(var: Path, port: int) -> dict[str, str]:
    """The caller's environment, completed to a trial deployment on this machine."""
    return {
        "DEPLOYMENT": "trial",
        "DEBUG": "False",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "SITE_URL": f"http://{HOST}:{port}",
        "SECRET_KEY": _secret(var),
        **os.environ,
        "VAR_DIR": str(var),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def _secret(var: Path) -> str:
    """This installation's own random secret, made once and readable by its owner only."""
    path = var / "secret"
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def _web(options: argparse.Namespace, log: Path) -> list[str]:
    """The web process. Threads, since SQLite takes one writer at a time and reads are short."""
    return [
        str(PYTHON), "-m", "config.commands.web",
        f"--log={log}", *(["--empty"] if options.empty else []),
        f"--bind={HOST}:{options.port}", "--worker-class=gthread", "--workers=3", "--threads=2",
        "--preload", "--graceful-timeout=5", "--no-control-socket",
        f"--access-logfile={log.with_name('access.log')}",
    ]  # fmt: skip


def _wait_for_first_page(address: str, processes: Processes, logs: dict[str, Path]) -> None:
    # The preparation takes its time at a first start; it ends where the log begins.
    while not logs["web"].exists():
        if processes.ended():
            raise Problem("準備資料失敗，原因見上。", "Preparing the data failed, see above.")
        time.sleep(0.02)
    deadline = time.monotonic() + FIRST_PAGE_SECONDS
    # Straight to this machine, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        _check_alive(processes, logs)
        try:
            with opener.open(address, timeout=FIRST_PAGE_SECONDS):
                return
        except urllib.error.HTTPError as error:
            raise Problem(
                f"首頁回應 {error.code}，詳見 {logs['web']}。",
                f"The first page answered {error.code}; see {logs['web']}.",
            ) from None
        except OSError:
            if time.monotonic() > deadline:
                raise Problem(
                    f"{FIRST_PAGE_SECONDS} 秒內首頁沒有回應，詳見 {logs['web']}。",
                    f"No first page within {FIRST_PAGE_SECONDS} s; see {logs['web']}.",
                ) from None
            time.sleep(0.05)


def _check_alive(processes: Processes, logs: dict[str, Path]) -> None:
    name = processes.ended()
    if name is None:
        return
    code = processes.children[name].returncode
    last_lines = logs[name].read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    print("\n".join(last_lines), file=sys.stderr)
    raise Problem(
        f"{name} 已結束（代碼 {code}），其餘程式一併停止；紀錄在 {logs[name]}。",
        f"{name} has ended (code {code}), so everything is stopped; its log is {logs[name]}.",
    )


def _welcome(address: str, var: Path) -> None:
    say(f"\n網址 Address: {address}")
    accounts = (var / "demo-accounts").read_text(encoding="utf-8").strip("\n")
    if accounts:
        say(f"\n示範帳號 Demo accounts:\n{accounts}")
    else:
        say(
            "沒有示範資料；建立第一個管理者： No demo data; make the first administrator with:\n"
            "  .venv/bin/python manage.py createsuperuser"
        )
    say(f"\n紀錄 Logs: {var / 'log'}\n按 Ctrl-C 停止。 Ctrl-C stops everything.")


def _tell(
    address: str, options: argparse.Namespace, env: dict[str, str], processes: Processes
) -> int | None:
    """The story; its exit code where everything ends with it, None where the site stays."""
    argv = [str(PYTHON), "-m", "config.commands.story", address]
    argv += ["--yes"] if options.yes else []
    child = processes.start("story", argv, cwd=ROOT, env=env, asks=True)
    code = child.wait()
    del processes.children["story"]
    return code if options.yes or code else None


def _supervise(processes: Processes, logs: dict[str, Path]) -> None:
    """Show the children's warnings until one of them ends or a signal comes."""
    seen = dict.fromkeys(logs, 0)
    while True:
        for name, log in logs.items():
            with open(log, "rb") as file:
                file.seek(seen[name])
                text = file.read()
            # Whole lines only; the rest comes with the next look.
            whole = text[: text.rfind(b"\n") + 1]
            seen[name] += len(whole)
            for line in whole.decode("utf-8", errors="replace").splitlines():
                if any(word in line for word in ("WARNING", "ERROR", "CRITICAL", "Error:")):
                    say(f"[{name}] {line}")
        _check_alive(processes, logs)
        time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())
