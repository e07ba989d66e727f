"""Mails about resolutions: to the owner when one is given, sent back or closed, to the reviewers
when one was reported on.
"""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.kit import roc
from ministries.enums import MembershipRole
from ministries.models import User
from tracking.models import Resolution, ResolutionReport
from tracking.models.notice import NoticeKind
from tracking.models.resolution import Answer
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, reviewers, windows_of


def given(resolution: Resolution, *, by: User, note: str = "") -> None:
    """A new or amended one: officers and windows of the owner. Inside the transaction."""
    _post(
        NoticeKind.RESOLUTION_GIVEN,
        resolution,
        _owners(resolution) - {by},
        gettext_noop("協調會議決議：%(due)s以前 %(code)s %(name)s"),
        gettext_noop("「%(source)s」決議由%(ministry)s在%(due)s以前辦理："),
        [resolution.text, note],
    )


def reported(resolution: Resolution, told: ResolutionReport, *, by: User) -> None:
    """What the owner says was done: all reviewers."""
    _post(
        NoticeKind.RESOLUTION_REPORTED,
        resolution,
        reviewers() - {by},
        gettext_noop("決議已回報：%(ministry)s %(code)s %(name)s"),
        gettext_noop("%(ministry)s回報了「%(source)s」決議的辦理情形，等審查人確認。"),
        [resolution.text, told.text],
    )


def answered(resolution: Resolution, told: ResolutionReport, *, by: User) -> None:
    """The reviewer's answer: officers and windows of the owner."""
    if told.answer == Answer.AGREED:
        kind = NoticeKind.RESOLUTION_CLOSED
        subject = gettext_noop("決議結案：%(code)s %(name)s")
        lead = gettext_noop("審查人同意%(ministry)s這項「%(source)s」決議結案。")
    else:
        kind = NoticeKind.RESOLUTION_RETURNED
        subject = gettext_noop("決議退回補充：%(code)s %(name)s")
        lead = gettext_noop(
            "審查人請%(ministry)s補充「%(source)s」決議的辦理情形；期限仍是%(due)s。"
        )
    _post(
        kind, resolution, _owners(resolution) - {by}, subject, lead, [told.reason, resolution.text]
    )


def _owners(resolution: Resolution) -> set[User]:
    bodies = bodies_of(resolution.owner_id)
    return windows_of(bodies) | members_of(bodies, MembershipRole.OFFICER)


def _post(
    kind: NoticeKind,
    resolution: Resolution,
    people: set[User],
    subject: str,
    lead: str,
    quoted: list[str],
) -> None:
    values = {
        "code": resolution.code,
        "name": resolution.name,
        "source": resolution.source,
        "ministry": resolution.owner.short_name,
        "due": roc.format_date(resolution.due_on),
    }
    link = settings.SITE_URL.rstrip("/") + reverse("resolution", args=[resolution.pk])
    with translation.override(LANGUAGE):
        subject = (_(subject) % values).strip()
        parts = [_(lead) % values, *quoted, link]
    key = f"resolution:{resolution.pk}:{kind}:{resolution.version}"
    body = "\n\n".join(part for part in parts if part) + "\n"
    post(kind, key, people, subject, body, resolution=resolution)
