"""The project's folder, its .venv and the packages in it, pinned by hash."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from config.commands.problem import Problem
from config.commands.processes import Processes

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
PYTHON = VENV / "bin" / "python"


def say(text: str) -> None:
    print(text, flush=True)


def speak_utf8() -> None:
    """Make the console take Chinese, whatever the locale says; what it cannot show becomes '?'."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")


def make_writable(folder: Path) -> None:
    """Create `folder`, or say that it cannot be written. Tried out: root passes mode checks."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Problem(
            f"無法寫入資料夾 {folder}（{error.strerror}），請換一個可寫入的位置。",
            f"The folder {folder} cannot be written ({error.strerror}); use one that can.",
        ) from None


def install(lock_name: str, processes: Processes) -> None:
    """Bring .venv to what `lock_name` pins; quick when the lock is the one installed last."""
    lock = ROOT / lock_name
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f".installed-{lock_name}"
    if _works(PYTHON) and stamp.exists() and stamp.read_text() == digest:
        return
    make_writable(ROOT)
    uv = _find_uv(processes)
    if not _works(PYTHON):
        say("建立 .venv … Making .venv …")
        _need("venv")
        shutil.rmtree(VENV, ignore_errors=True)
        # uv installs into it from outside, so it needs no pip of its own.
        _call([sys.executable, "-m", "venv", "--without-pip", str(VENV)], processes)
    say(f"安裝套件（{lock_name}）… Installing packages …")
    _call(
        [uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "-r", lock],
        processes,
    )
    stamp.write_text(digest)


def _works(python: Path) -> bool:
    try:
        done = subprocess.run([python, "-c", ""], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _find_uv(processes: Processes) -> str:
    """The machine's uv if it runs, else a private one in .tools, pinned by hash like the rest."""
    own = TOOLS / "bin" / "uv"
    for candidate in (shutil.which("uv"), own):
        if candidate is None:
            continue
        try:
            if subprocess.run([candidate, "--version"], capture_output=True).returncode == 0:
                return str(candidate)
        except OSError:
            continue
    _need("venv")
    _need("ensurepip")
    say("安裝 uv … Getting uv into .tools …")
    shutil.rmtree(TOOLS, ignore_errors=True)
    _call([sys.executable, "-m", "venv", str(TOOLS)], processes)
    pip = [TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet"]
    _call([*pip, "--require-hashes", "-r", ROOT / "requirements-uv.lock"], processes)
    return str(own)


def _need(module: str) -> None:
    """Refuse a Python without `module`; Debian and Ubuntu ship these two apart."""
    if importlib.util.find_spec(module) is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Problem(
            f"這個 Python 缺少 {module} 模組；在 Debian 或 Ubuntu 請執行 "
            f"apt install python3-venv（或 python{version}-venv）。",
            f"This Python has no {module} module; on Debian or Ubuntu run "
            f"apt install python3-venv (or python{version}-venv).",
        )


def _call(argv: list, processes: Processes) -> None:
    """Run one step of the installation quietly; its output is shown when it fails."""
    code, output = processes.run("install", [str(word) for word in argv], cwd=ROOT, env=os.environ)
    if code:
        sys.stderr.write(output)
        raise Problem(
            "安裝失敗，原因見上；多半是網路或套件來源連不上，修正後再執行一次即可。",
            "Installing failed, see above; most often the network or the package index cannot be "
            "reached. Run the command again once that is mended.",
        )
