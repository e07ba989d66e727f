"""Mails that the trial wrote to files instead of sending them, for looking at."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from config.kit.views import SignedInMixin
from tracking.rules import pages as rules

MOST_SHOWN = 100
# What the file backend writes behind each mail.
SEPARATOR = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    at: datetime | None
    text: str


class Mailbox(SignedInMixin, View):
    """The newest mails first. There is no such page where mail is really sent."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not rules.may_see_mail(request.user):
            raise Http404
        mails = read_mails(Path(settings.EMAIL_FILE_PATH))
        return render(request, "tracking/mailbox.html", {"mails": mails})


def read_mails(folder: Path) -> list[Mail]:
    """The newest mails of the folder's files; a folder that is not there yet holds none."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    mails: list[Mail] = []
    for path in files[:MOST_SHOWN]:
        parts = [part for part in path.read_bytes().split(SEPARATOR) if part.strip()]
        mails += [_mail(part) for part in reversed(parts)]
    return mails[:MOST_SHOWN]


def _mail(raw: bytes) -> Mail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain",))
    date = message["Date"]
    return Mail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        at=parsedate_to_datetime(date) if date else None,
        text=body.get_content() if body else "",
    )
