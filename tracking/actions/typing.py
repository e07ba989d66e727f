"""Keeping what is typed before it is saved, and saying who is typing.

Nothing here changes a report, so nothing is logged: a copy is its writer's own until it is saved
through `tracking.actions.reports.save_draft`.
"""

import json

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.errors import Invalid, NotAllowed
from ministries.models import User
from tracking.enums import Verb
from tracking.models import Presence, ProgressReport, TypedCopy
from tracking.models.typing import PRESENT_FOR
from tracking.rules import reports as rules

LONGEST_TOKEN = 32
# All texts of a form at their limits, in a language of three bytes a character, are a third of it.
MOST_BYTES = 200_000
# Forms of one report in which one person left something; the oldest makes room.
MOST_COPIES = 8


@transaction.atomic
def keep(report: ProgressReport, *, token: str, data: dict[str, str], by: User) -> TypedCopy:
    """Keep what was typed into one open form, instead of what it kept before.

    Also where the report can't be saved just now: only whoever is not its officer is refused
    (NotAllowed). Invalid where it is longer than any form.
    """
    answer = rules.verdict(Verb.SAVE, report, by)
    if answer.refusal is NotAllowed:
        answer.enforce()
    if not 0 < len(token) <= LONGEST_TOKEN or len(json.dumps(data)) > MOST_BYTES:
        raise Invalid({"data": [_("內容太長，沒有留住。")]})
    copy, _created = TypedCopy.objects.update_or_create(
        report=report, user=by, token=token, defaults={"data": data, "at": timezone.now()}
    )
    others = TypedCopy.objects.filter(report=report, user=by).exclude(pk=copy.pk)
    too_old = others.values_list("pk", flat=True)[MOST_COPIES - 1 :]
    TypedCopy.objects.filter(pk__in=list(too_old)).delete()
    return copy


def drop(report: ProgressReport, *, token: str, by: User) -> None:
    """Do without a copy, because the report holds it or the person wants it so."""
    TypedCopy.objects.filter(report=report, user=by, token=token).delete()


@transaction.atomic
def be_here(report: ProgressReport, *, by: User) -> list[Presence]:
    """Say that the person has the form open; returns who else has, longest first.

    After an absence longer than `PRESENT_FOR` the person comes anew.
    """
    now = timezone.now()
    row, created = Presence.objects.get_or_create(report=report, user=by)
    if not created:
        if row.seen_at < now - PRESENT_FOR:
            row.since = now
        row.seen_at = now
        row.save(update_fields=["since", "seen_at"])
    return list(
        Presence.objects.now().filter(report=report).exclude(user=by).select_related("user")
    )
