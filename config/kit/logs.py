"""Logs that a machine can sort and that tell no secret: one JSON object a line, with the request or
the job that it belongs to.

What people typed, read or searched never stands in them, nor who they are by name: a person is a
number, a page is the name of its view, and an error is told by its type and the lines of our code
that it passed, since its own words may quote what somebody wrote.
"""

import json
import logging
import re
import smtplib
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

from celery import Task, signals
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from config.kit import metrics

HEADER = "X-Request-ID"
REQUEST, JOB = "request", "job"
# What a proxy of ours may hand in; anything else could write lines of its own.
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
FRAMES = 12
# Errors of machines, whose words name servers and files of ours and nothing that people wrote.
OF_MACHINES = (OSError, OperationalError, InterfaceError, ImproperlyConfigured)

requests_log = logging.getLogger("nstp.requests")
jobs_log = logging.getLogger("nstp.jobs")
_doing: ContextVar[dict[str, str]] = ContextVar("doing", default={})  # noqa: B039 (never changed)


def request_id() -> str:
    """The id of the request that is answered or that queued the job; "" at the prompt."""
    return _doing.get().get(REQUEST, "")


# --- requests -------------------------------------------------------------------------------------
class RequestMiddleware:
    """Gives each request an id and, when it is answered, writes its line and counts it.

    The id comes from `X-Request-ID` where a proxy of ours stands in front, else it is made here;
    the answer names it. Nothing is asked of the database for the line: who it was stands in it
    where the page asked for that itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        known = _handed_in(request) or uuid.uuid4().hex
        token = _doing.set({REQUEST: known})
        try:
            response = self.get_response(request)
            response[HEADER] = known
            _tell(request, response, time.perf_counter() - began)
            return response
        finally:
            _doing.reset(token)


def _handed_in(request: HttpRequest) -> str:
    if not settings.REST_FRAMEWORK["NUM_PROXIES"]:
        return ""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if GIVEN.fullmatch(given) else ""


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    view = view_of(request)
    metrics.count_request(request.method, view, response.status_code, seconds)
    # Style sheets and pictures would be most of the lines.
    if not requests_log.isEnabledFor(logging.INFO) or (not view and response.status_code < 400):
        return
    requests_log.info(
        "%s %s",
        request.method if request.method in metrics.METHODS else "OTHER",
        view or "-",
        extra={
            "fields": {
                "view": view,
                "status": response.status_code,
                "ms": round(1000 * seconds, 1),
                **_who(request),
            }
        },
    )


def view_of(request: HttpRequest) -> str:
    """The name of the page, never its address, which may hold a word searched for or a key."""
    match = request.resolver_match
    return (match.view_name or match.route) if match else ""


def _who(request: HttpRequest) -> dict:
    """The person's number and those of the bodies they belong to, as far as they are known."""
    user = vars(request).get("user")
    if isinstance(user, LazyObject):
        user = None if user._wrapped is empty else user._wrapped
    if user is None or not user.is_authenticated:
        return {}
    held = vars(user).get("held")
    ministries = sorted({ministry for ministry, _role in held.memberships}) if held else []
    return {"user": user.pk, "ministries": ministries}


# --- jobs -----------------------------------------------------------------------------------------
def _hand_on(headers: dict, **kwargs) -> None:
    """Into the message of a queued job goes the request that queued it."""
    if known := request_id():
        headers["request_id"] = known


def _begin(task_id: str, task: Task, **kwargs) -> None:
    if task.request.is_eager:
        return  # run where it was queued, as in tests: it belongs to the request
    doing = {JOB: task_id}
    if known := task.request.get("request_id"):
        doing[REQUEST] = known
    _doing.set(doing)
    task.request.began = time.perf_counter()


def _end(task_id: str, task: Task, state: str | None, args: tuple, **kwargs) -> None:
    began = getattr(task.request, "began", None)
    fields = {
        "task": task.name,
        "state": state,
        # Ids of rows. A text may be of any kind.
        "ids": [value for value in args if isinstance(value, int)],
    }
    if began is not None:
        fields["ms"] = round(1000 * (time.perf_counter() - began), 1)
    jobs_log.info("%s %s", task.name, state, extra={"fields": fields})
    if not task.request.is_eager:
        _doing.set({})


def connect() -> None:
    """Have jobs carry their ids; for `AppConfig.ready`."""
    signals.before_task_publish.connect(_hand_on, dispatch_uid="nstp.logs")
    signals.task_prerun.connect(_begin, dispatch_uid="nstp.logs")
    signals.task_postrun.connect(_end, dispatch_uid="nstp.logs")


# --- lines ----------------------------------------------------------------------------------------
class JsonFormatter(logging.Formatter):
    """One object a line: at (UTC), level, logger, message, request, job, further fields, error."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_doing.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            told["error"] = list(_chain(record.exc_info[1]))
        return json.dumps(told, ensure_ascii=False, default=str)


class PlainFormatter(logging.Formatter):
    """For a person at the console, whole tracebacks included; the request or job at its end."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        told = {**_doing.get(), **getattr(record, "fields", {})}
        return line + "".join(f" {name}={value}" for name, value in told.items())


def _message(record: logging.LogRecord) -> str:
    """What the record says, without the address of the page or an error's own words."""
    if hasattr(record, "request") and hasattr(record, "status_code"):
        # Django's: the reason, then the address; or an error's words alone.
        given = record.args[0] if isinstance(record.args, tuple) and record.args else ""
        return str(given) or f"answered {record.status_code}"
    if record.name == "celery.app.trace" and record.exc_info and record.exc_info[1]:
        return "job failed"
    return record.getMessage()


def _chain(error: BaseException | None) -> Iterator[dict]:
    """The error, then what it came from: type, lines of code, words where they are a machine's."""
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        told = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if isinstance(error, OF_MACHINES) and not isinstance(error, smtplib.SMTPException):
            told["words"] = str(error)
        yield told
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
