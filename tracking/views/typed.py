"""What a person typed and the report doesn't hold: told by the open form, offered again later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.crypto import get_random_string

from config.kit.set_aside import hand_out, handed_out
from ministries.models import User
from tracking.actions import typing
from tracking.models import ProgressReport, TypedCopy
from tracking.views.conflict import Difference

# Inputs that belong to one answer of a button, not to what was typed.
_OWN = {"csrfmiddlewaretoken", "do", "carry", "remove", "conflict", "holder", "discard"}
EVIDENCE = ("title", "url")
SESSION_KEY = "typed"


@dataclass(frozen=True)
class Offer:
    """A copy that differs from the report, with its differences: mine is the copy's."""

    token: str
    at: datetime
    differences: list[Difference]
    evidence: list[str]


def typed(data: Mapping[str, str]) -> dict[str, str]:
    """What of a posted form is worth keeping; no database keeps a NUL."""
    return {
        name: text.replace("\0", "")
        for name, text in data.items()
        if name not in _OWN and not name.startswith(("pick-", "merged-")) and "\0" not in name
    }


def evidence_of(data: Mapping[str, str]) -> list[str]:
    """Title and address of evidence that was typed but not added."""
    return [text for name in EVIDENCE if (text := data.get(f"evidence-{name}", "").strip())]


def seen_version(data: Mapping[str, str]) -> int:
    """The version that the form was read at; 0 where it does not say."""
    text = data.get("seen_version", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def new_token() -> str:
    return get_random_string(22)


def token_of(data: Mapping[str, str]) -> str:
    return data.get("copy", "")


def copies_of(report: ProgressReport, user: User) -> list[TypedCopy]:
    return list(TypedCopy.objects.visible_to(user).filter(report=report))


# --- a session that expired while the form was open ---------------------------------------------
def holder(report: ProgressReport, user: User) -> str:
    """Names, unforgeably, to whom the form of which report was handed out."""
    return hand_out(report.pk, user.pk)


def set_aside(request: HttpRequest, pk: int) -> None:
    """A form posted by nobody: kept in the session until its holder has signed in again.

    Only forms that this site handed out are taken, so that nobody else can store anything.
    """
    if not (found := handed_out(request)):
        return
    report, person = found
    kept = typed(request.POST.dict())
    if report == pk and sum(map(len, kept.values())) < typing.MOST_BYTES // 4:
        request.session[SESSION_KEY] = {"report": pk, "person": person, "data": kept}


def take_back(request: HttpRequest, report: ProgressReport) -> None:
    """After the sign-in: what was set aside becomes a copy of its holder, and of nobody else."""
    aside = request.session.get(SESSION_KEY)
    if not aside or (aside["report"] != report.pk and aside["person"] == request.user.pk):
        return
    del request.session[SESSION_KEY]
    if aside["person"] == request.user.pk:
        data = aside["data"]
        typing.keep(report, token=token_of(data) or new_token(), data=data, by=request.user)
