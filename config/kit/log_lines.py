"""Lines of the log that tell no secret: one JSON object each, or plain ones for people.

What people typed, read or searched never stands in the JSON, nor who they are by name: a person is
a number, a page is the name of its view, and an error is told by its type and the lines of our code
that it passed, since its own words may quote what somebody wrote. Loaded before the settings are.
"""

import json
import logging
import smtplib
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

FRAMES = 12
# Errors of machines, whose words name servers and files of ours and nothing that people wrote.
OF_MACHINES = (OSError, OperationalError, InterfaceError, ImproperlyConfigured)

# The request or job that this thread is busy with: its ids, by name.
doing: ContextVar[dict[str, str]] = ContextVar("doing", default={})  # noqa: B039 (never changed)


class JsonFormatter(logging.Formatter):
    """One object a line: at (UTC), level, logger, message, request, job, further fields, error."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **doing.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            told["error"] = list(_chain(record.exc_info[1]))
        return json.dumps(told, ensure_ascii=False, default=str)


class PlainFormatter(logging.Formatter):
    """For a person at the console, whole tracebacks included; the request or job at its end."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        told = {**doing.get(), **getattr(record, "fields", {})}
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
