"""A line in the log for each request and each job, and in every line the ids of both.

How lines look, and what they never tell, is said in `config.kit.log_lines`.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable

from celery import Task, signals
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from config.kit import metrics
from config.kit.log_lines import doing

HEADER = "X-Request-ID"
REQUEST, JOB = "request", "job"
# What a proxy of ours may hand in; anything else could write lines of its own.
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")

requests_log = logging.getLogger("nstp.requests")
jobs_log = logging.getLogger("nstp.jobs")


def request_id() -> str:
    """The id of the request that is answered or that queued the job; "" at the prompt."""
    return doing.get().get(REQUEST, "")


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
        token = doing.set({REQUEST: known})
        try:
            response = self.get_response(request)
            response[HEADER] = known
            _tell(request, response, time.perf_counter() - began)
            return response
        finally:
            doing.reset(token)


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
    ids = {JOB: task_id}
    if known := task.request.get("request_id"):
        ids[REQUEST] = known
    doing.set(ids)
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
        doing.set({})


def connect() -> None:
    """Have jobs carry their ids; for `AppConfig.ready`."""
    signals.before_task_publish.connect(_hand_on, dispatch_uid="nstp.logs")
    signals.task_prerun.connect(_begin, dispatch_uid="nstp.logs")
    signals.task_postrun.connect(_end, dispatch_uid="nstp.logs")
