"""Lines of the log: whose request or job they belong to, and nothing that people wrote."""

import io
import json
import logging
import smtplib
from collections.abc import Callable, Iterator

import pytest
from celery.app.trace import build_tracer
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from kombu import Connection

from config.celery import app
from config.kit import log_lines, logs, tasks
from tests.world import World
from tracking.models import Notice
from tracking.tasks import deliver_notice

Lines = Callable[[], list[dict]]
SECRET = "不可外流的字句"
pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(monkeypatch) -> Iterator[Lines]:
    """What production's log holds so far."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log_lines.JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    monkeypatch.setattr(root, "level", logging.INFO)
    root.manager._clear_cache()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    monkeypatch.undo()
    root.manager._clear_cache()


def of(lines: Lines, logger: str) -> list[dict]:
    return [line for line in lines() if line["logger"] == logger]


# --- requests -------------------------------------------------------------------------------------
def test_a_request_has_one_line_that_says_who_what_and_how_long(world: World, lines: Lines):
    browser = Client()
    browser.force_login(world.officer_a)
    answer = browser.get(reverse("plan-tree"))
    [line] = of(lines, "nstp.requests")
    assert line["message"] == "GET plan-tree"
    assert line["view"] == "plan-tree"
    assert line["status"] == 200
    assert line["ms"] > 0
    assert line["user"] == world.officer_a.pk
    assert line["ministries"] == [world.alpha.pk]
    assert line["request"] == answer[logs.HEADER]
    assert line["at"].endswith("+00:00")


def test_a_visitor_is_nobody_in_the_log(world: World, lines: Lines):
    Client().get(reverse("home"))
    [line] = of(lines, "nstp.requests")
    assert "user" not in line


def test_an_id_is_taken_from_a_proxy_of_ours_alone(world: World, settings):
    def asked(given: str) -> str:
        return Client().get("/", headers={"X-Request-ID": given})[logs.HEADER]

    assert asked("from-the-proxy-1") != "from-the-proxy-1"
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    assert asked("from-the-proxy-1") == "from-the-proxy-1"
    for wrong in ("short", "x" * 65, 'line"}{"level', "有中文的編號一二三四"):
        assert len(asked(wrong)) == 32


def test_what_people_type_and_who_they_are_is_in_no_line(world: World, lines: Lines):
    browser = Client(raise_request_exception=False)
    browser.force_login(world.officer_a)
    browser.get(reverse("search"), {"q": SECRET})
    browser.get(f"/{SECRET}/")
    browser.get("/plan/measures/9.9.9.9/", {"q": SECRET})
    browser.post(reverse("account_login"), {"login": f"{SECRET}@example.org", "password": SECRET})
    browser.post("/api/v1/reports/1/", SECRET, content_type="application/json")
    browser.get("/", headers={"Host": "elsewhere.example"})
    for name in ("nstp.requests", "django.request"):
        assert of(lines, name), name
    told = json.dumps(lines(), ensure_ascii=False)
    for word in (SECRET, world.officer_a.email, world.officer_a.name, "9.9.9.9"):
        assert word not in told, word
        assert word.encode("unicode_escape").decode() not in told, word


def test_an_error_is_told_by_its_lines_and_not_by_its_words(lines: Lines):
    def fail() -> None:
        try:
            int(SECRET)
        except ValueError as error:
            raise IntegrityError(f"Key (email)=({SECRET}) already exists") from error

    for error in (fail, lambda: smtplib.SMTP().sendmail(SECRET, SECRET, SECRET)):
        try:
            error()
        except Exception:
            logging.getLogger("nstp.test").exception("it broke")
    line, of_mail = of(lines, "nstp.test")
    assert [one["type"] for one in line["error"]] == [
        "django.db.utils.IntegrityError",
        "builtins.ValueError",
    ]
    assert line["error"][0]["at"][-1].endswith(" fail")
    assert of_mail["error"][0]["type"] == "smtplib.SMTPServerDisconnected"
    assert SECRET not in json.dumps([line, of_mail], ensure_ascii=False)


def test_a_servers_own_words_are_told(lines: Lines):
    try:
        raise OperationalError("connection refused")
    except OperationalError:
        logging.getLogger("nstp.test").exception("it broke")
    assert of(lines, "nstp.test")[0]["error"][0]["words"] == "connection refused"


# --- jobs -----------------------------------------------------------------------------------------
def test_a_job_is_queued_with_the_request_that_asked_for_it(monkeypatch):
    monkeypatch.setattr(app.conf, "task_always_eager", False)
    with Connection("memory://") as broker:

        def queue(request: HttpRequest) -> HttpResponse:
            tasks.worker_is_here.apply_async(connection=broker)
            return HttpResponse()

        request = RequestFactory().get("/")
        request.resolver_match = None
        answer = logs.RequestMiddleware(queue)(request)
        message = broker.SimpleQueue("celery").get(timeout=1)
        assert message.headers["request_id"] == answer[logs.HEADER]


def test_a_job_says_which_it_was_and_what_queued_it(lines: Lines):
    """Run as a worker runs it."""
    task = tasks.worker_is_here
    run = build_tracer(task.name, task, app=app)
    logging.getLogger("nstp.jobs").setLevel(logging.INFO)
    run("job-1", (), {}, {"id": "job-1", "request_id": "request-1", "is_eager": False})
    [line] = of(lines, "nstp.jobs")
    assert line["job"] == "job-1"
    assert line["request"] == "request-1"
    assert line["task"] == "config.kit.tasks.worker_is_here"
    assert line["state"] == "SUCCESS"
    assert line["ms"] >= 0


def test_a_mail_bears_the_request_that_wrote_its_notice(world: World, lines: Lines, mail_server):
    """The last step of the way from a click to a mailbox."""
    notice = Notice.objects.create(
        key="test", kind="message", recipient=world.officer_a, subject=SECRET, body=SECRET
    )
    run = build_tracer(deliver_notice.name, deliver_notice, app=app)
    run("job-3", (notice.pk,), {}, {"id": "job-3", "request_id": "request-3", "is_eager": False})
    mail_server.wait_for(1)
    [line] = of(lines, "tracking.outbox")
    assert line["message"] == f"notice {notice.pk} was mailed"
    assert (line["job"], line["request"]) == ("job-3", "request-3")
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_a_job_that_fails_says_so_without_the_words(lines: Lines):
    task = tasks.worker_is_here
    run = build_tracer(task.name, task, app=app)
    run("job-2", (SECRET,), {}, {"id": "job-2", "is_eager": False})
    [line] = of(lines, "celery.app.trace")
    assert line["message"] == "job failed"
    assert line["job"] == "job-2"
    assert SECRET not in json.dumps(lines(), ensure_ascii=False)


def test_lines_for_people_end_with_the_request(world: World):
    record = logging.LogRecord("any", logging.INFO, __file__, 1, "said", None, None)
    token = log_lines.doing.set({"request": "abc"})
    try:
        assert log_lines.PlainFormatter("%(message)s").format(record) == "said request=abc"
    finally:
        log_lines.doing.reset(token)
