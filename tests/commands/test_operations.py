"""The full set on real servers: its description is whole, and what it starts ends in peace."""

import asyncio
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from aiosmtpd.controller import Controller
from django.db import connection
from kombu import Connection

from config import env
from config.celery import app
from config.commands.processes import Processes
from config.commands.servers import free_port
from ministries.models import User
from tracking.models import Notice
from tracking.tasks import deliver_notice

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DEPLOY = ROOT / "docs" / "deploy"
SYSTEMD = DEPLOY / "systemd"
OURS = ("web", "worker", "beat")
# For what comes within seconds, on a machine that is busy with something else.
SECONDS = 180


def test_image_runs_without_root_and_installs_by_hash():
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER nstp$", text, flags=re.MULTILINE)
    assert text.count("--require-hashes") == 2
    assert "://" not in text


def test_services_are_given_time_to_end():
    """A request ends within gunicorn's 30 seconds, a job within minutes."""
    services = COMPOSE["services"]
    waits = {name: int(services[name]["stop_grace_period"][:-1]) for name in OURS}
    server = (ROOT / "config" / "web_server.py").read_text()
    [graceful] = re.findall(r"^graceful_timeout = (\d+)$", server, flags=re.MULTILINE)
    assert waits["web"] > int(graceful)
    assert waits["worker"] >= 300
    for name in OURS:
        unit = (SYSTEMD / f"nstp-{name}.service").read_text()
        assert f"TimeoutStopSec={waits[name]}\n" in unit
        assert "KillSignal=SIGTERM\n" in unit


def test_the_image_is_healthy_where_the_site_answers():
    text = (ROOT / "Dockerfile").read_text()
    assert "HEALTHCHECK" in text and "/healthz" in text
    services = COMPOSE["services"]
    for name in ("worker", "beat", "migrate"):
        assert services[name]["healthcheck"] == {"disable": True}, name
    assert "healthcheck" not in services["web"]


def test_every_service_reads_settings_that_there_are():
    known = env.variables()
    for name in OURS:
        assert COMPOSE["services"][name]["environment"].keys() <= known, name
    written = re.findall(r"^(?:# )?([A-Z_]+)=", (DEPLOY / "nstp.env").read_text(), re.MULTILINE)
    assert written and set(written) <= known


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing.")
def test_systemd_takes_the_units(tmp_path):
    for path in SYSTEMD.iterdir():
        # The programs stand on the server only.
        text = re.sub(r"/opt/nstp/\.venv/bin/\w+", "/bin/true", path.read_text())
        (tmp_path / path.name).write_text(text)
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is missing.")
def test_nginx_takes_the_site(tmp_path):
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    make += ["-subj", "/CN=nstp.example.gov.tw", "-keyout", tmp_path / "privkey.pem"]
    subprocess.run([*make, "-out", tmp_path / "fullchain.pem"], check=True, capture_output=True)
    site = (DEPLOY / "nginx" / "nstp.conf").read_text()
    for place in ("/etc/ssl/nstp/", "/var/log/nginx/"):
        assert place in site
        site = site.replace(place, f"{tmp_path}/")
    (tmp_path / "site.conf").write_text(site)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/error;\nevents {{}}\n"
        f"http {{ include {tmp_path}/site.conf; }}\n"
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


# --- the web server as production starts it -------------------------------------------------------
class Server:
    """gunicorn with `config.web_server`, on the test's database."""

    def __init__(self, folder: Path) -> None:
        self.port, self.log, self.folder = free_port(), folder / "web.log", folder
        database = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        kept = {one: os.environ[one] for one in ("PATH", "HOME", "LANG") if one in os.environ}
        self.environment = {
            **kept,
            "DATABASE_URL": database._replace(path=f"/{name}").geturl(),
            "DEPLOYMENT": "trial",
            "DEBUG": "True",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "PYTHONUTF8": "1",
            "VAR_DIR": str(folder),
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_WORKERS": "2",
        }

    def start(self, processes: Processes) -> subprocess.Popen:
        argv = [sys.executable, "-m", "gunicorn", "--config", "python:config.web_server"]
        self.process = processes.start(
            "web", [*argv, "config.wsgi"], cwd=ROOT, env=self.environment, log=self.log
        )
        self.wait_until(self.answers)
        return self.process

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz").status == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
        one = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        one.request(method, path, headers={"Connection": "close", **headers})
        answer = one.getresponse()
        answer.body = answer.read().decode()
        one.close()
        return answer


@pytest.mark.postgres
def test_a_server_that_is_stopped_answers_the_request_under_way(transactional_db, tmp_path):
    """SIGTERM while a form is still on its way: it is read and answered, then all is over. Until
    then: figures of both workers together, and one JSON object a line.
    """
    if connection.vendor != "postgresql":
        pytest.skip("Several processes on one database need PostgreSQL; ./test starts one.")
    server, processes = Server(tmp_path), Processes()
    try:
        process = server.start(processes)
        shown = server.ask("GET", "/accounts/login/")
        cookie = shown.getheader("Set-Cookie").split(";")[0]
        for _ in range(9):
            assert server.ask("GET", "/accounts/login/").status == 200
        counted = 'nstp_http_requests_total{method="GET",status="200",view="account_login"} 10.0'
        assert counted in server.ask("GET", "/metrics").body

        body = f"csrfmiddlewaretoken={cookie.split('=')[1]}&login=nobody%40example.org&password=x"
        head = (
            f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS) as slow:
            slow.sendall(head.encode())
            # Said by the worker that reads the request.
            assert slow.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            slow.sendall(body[:20].encode())
            process.terminate()
            server.wait_until(lambda: "Handling signal: term" in server.log.read_text())
            time.sleep(1)
            assert process.poll() is None
            slow.sendall(body[20:].encode())
            assert slow.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert process.wait(timeout=SECONDS) == 0
    finally:
        processes.stop_all()
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    told = [line for line in lines if line["logger"] == "nstp.requests"]
    assert [(line["message"], line["status"]) for line in told[-1:]] == [
        ("POST account_login", 200)
    ]
    assert len({line["request"] for line in told}) == len(told) == 11
    assert {line["logger"] for line in lines} >= {"gunicorn.error", "nstp.requests"}
    assert "nobody@example.org" not in server.log.read_text()


class _SlowMail:
    """Takes its time with a mail, as large mail servers do."""

    def __init__(self) -> None:
        self.busy, self.taken = threading.Event(), []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.busy.set()
        await asyncio.sleep(2)
        self.taken.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.mark.deep
@pytest.mark.postgres
def test_a_worker_that_is_stopped_ends_its_job(transactional_db, tmp_path, monkeypatch):
    """SIGTERM while a notice is being mailed: it is mailed once and marked, then all is over."""
    if connection.vendor != "postgresql" or not os.environ.get("REDIS_URL"):
        pytest.skip("A worker process needs PostgreSQL and Redis; ./test starts both.")
    queue = urlsplit(os.environ["REDIS_URL"])._replace(path="/9").geturl()
    mail, processes = _SlowMail(), Processes()
    server = Controller(mail, hostname="127.0.0.1", port=free_port())
    server.start()
    person = User.objects.create_user("someone@example.org", name="某人")
    notice = Notice.objects.create(
        key="test", kind="message", recipient=person, subject="主旨", body="內容"
    )
    worker = Server(tmp_path)
    environment = worker.environment | {
        "REDIS_URL": queue,
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
    }
    argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel=INFO"]
    argv += ["--concurrency=1", "--without-gossip", "--without-mingle"]
    monkeypatch.setattr(app.conf, "task_always_eager", False)
    try:
        process = processes.start("worker", argv, cwd=ROOT, env=environment, log=worker.log)
        with Connection(queue) as broker:
            deliver_notice.apply_async((notice.pk,), connection=broker)
        assert mail.busy.wait(SECONDS), worker.log.read_text()
        process.terminate()
        assert process.wait(timeout=SECONDS) == 0
    finally:
        processes.stop_all()
        server.stop()
    notice.refresh_from_db()
    assert notice.sent_at is not None
    assert mail.taken == [["someone@example.org"]]
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line[:1] == "{"]
    [told] = [line for line in lines if line["logger"] == "nstp.jobs"]
    assert (told["task"], told["state"]) == ("tracking.tasks.deliver_notice", "SUCCESS")
    assert told["ids"] == [notice.pk] and told["job"]
    assert "someone@example.org" not in worker.log.read_text()
