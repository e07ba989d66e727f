"""Mails about requests for more time and for corrections: to the reviewers' list when one is asked,
to the ministry when it is decided, and to whoever used a report that is being corrected.

Rooms above say who used a report: they register a reader by `add_users_of` (`AppConfig.ready`).
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.kit import roc
from ministries.enums import MembershipRole
from ministries.models import User
from tracking.enums import Part
from tracking.models import CorrectionRequest, ExtensionRequest, ProgressReport
from tracking.models.notice import NoticeKind
from tracking.notices.mail import LANGUAGE, post
from tracking.queries.people import bodies_of, members_of, reviewers, windows_of


class Use(NamedTuple):
    """A person to be told that a report changes, and where they used it, in words."""

    person: User
    where: str


_users_of: dict[str, Callable[[ProgressReport], Iterable[Use]]] = {}


def add_users_of(name: str, read: Callable[[ProgressReport], Iterable[Use]]) -> None:
    """Have these people told when a report that they used is corrected."""
    _users_of[name] = read


def extension_asked(request: ExtensionRequest, *, by: User) -> None:
    """All reviewers. Inside the transaction, as every function here."""
    _extension(
        NoticeKind.EXTENSION_ASKED,
        request,
        reviewers() - {by},
        gettext_noop("申請展延：%(ministry)s %(year)s年度"),
        gettext_noop("%(ministry)s申請把%(year)s年度的填報展延到%(wanted)s，等審查人決定。"),
        request.reason,
    )


def extension_decided(request: ExtensionRequest, *, by: User) -> None:
    """Who asked, and the windows."""
    lead = (
        gettext_noop(
            "審查人同意%(ministry)s的%(year)s年度填報展延到%(until)s，那天以前送出都算準時。"
        )
        if request.granted
        else gettext_noop("審查人沒有同意%(ministry)s的%(year)s年度展延；截止日不變。")
    )
    _extension(
        NoticeKind.EXTENSION_DECIDED,
        request,
        _askers(request.ministry_id, request.asked_by) - {by},
        gettext_noop("展延的決定：%(ministry)s %(year)s年度"),
        lead,
        request.decision,
    )


def correction_asked(request: CorrectionRequest, *, by: User) -> None:
    """All reviewers."""
    _correction(
        NoticeKind.CORRECTION_ASKED,
        request,
        reviewers() - {by},
        gettext_noop("申請更正：%(ministry)s %(year)s年度 %(code)s %(name)s"),
        gettext_noop("%(ministry)s申請更正已接受的報告（%(parts)s），等審查人決定。"),
        [request.reason],
        reverse("correction", args=[request.pk]),
    )


def correction_decided(request: CorrectionRequest, *, by: User) -> None:
    """Who asked, the windows, and where it was granted whoever used the report."""
    lead = (
        gettext_noop(
            "審查人同意更正（%(parts)s），請在%(due)s以前改好送出；接受以前，大家看到的仍是原來的內容。"
        )
        if request.granted
        else gettext_noop("審查人沒有同意這份報告的更正；已接受的內容不變。")
    )
    report = request.copy if request.granted else request.report
    _correction(
        NoticeKind.CORRECTION_DECIDED,
        request,
        _askers(request.report.ministry_id, request.asked_by) - {by},
        gettext_noop("更正的決定：%(ministry)s %(year)s年度 %(code)s %(name)s"),
        lead,
        [request.decision],
        reverse("report", args=[report.pk]),
    )
    if request.granted:
        _tell_users(
            NoticeKind.CORRECTION_RUNS,
            request,
            by,
            gettext_noop("引用的報告更正中：%(ministry)s %(year)s年度 %(code)s %(name)s"),
            gettext_noop(
                "你用到的這份報告正在更正（%(parts)s）；接受以前，內容與已彙編的版本都不變。"
            ),
        )


def correction_done(request: CorrectionRequest, *, by: User) -> None:
    """Whoever used the report: it says something else from now on."""
    _tell_users(
        NoticeKind.CORRECTION_DONE,
        request,
        by,
        gettext_noop("引用的報告已更正：%(ministry)s %(year)s年度 %(code)s %(name)s"),
        gettext_noop(
            "你用到的這份報告更正了（%(parts)s），審查人已接受。已彙編的版本不變；"
            "要用新的內容，請重新彙編。"
        ),
    )


def _askers(ministry_id: int, asker: User) -> set[User]:
    """The windows of today, and who asked while they still belong to the ministry."""
    bodies = bodies_of(ministry_id)
    return windows_of(bodies) | (members_of(bodies, MembershipRole.OFFICER) & {asker})


def _tell_users(
    kind: NoticeKind, request: CorrectionRequest, by: User, subject: str, lead: str
) -> None:
    """One mail to each person, with all the places where they used the report."""
    places: dict[User, list[str]] = {}
    with translation.override(LANGUAGE):
        for read in _users_of.values():
            for person, where in read(request.report):
                if person != by and person.is_active:
                    places.setdefault(person, []).append(where)
        link = reverse("report", args=[request.report_id])
        for person, where in places.items():
            used = _("用在：%(places)s") % {"places": _("、").join(dict.fromkeys(where))}
            _correction(kind, request, {person}, subject, lead, [request.reason, used], link)


def _correction(
    kind: NoticeKind,
    request: CorrectionRequest,
    people: set[User],
    subject: str,
    lead: str,
    quoted: list[str],
    link: str,
) -> None:
    report = request.report
    with translation.override(LANGUAGE):
        values = {
            "year": report.reporting_year.year,
            "ministry": report.ministry.short_name,
            "code": report.measure.code,
            "name": report.measure.name,
            "parts": _("、").join(str(Part(part).label) for part in request.parts),
            "due": roc.format_date(request.due_on) if request.due_on else "",
        }
        texts = [_(lead) % values, *quoted]
        _post(kind, f"correction:{request.pk}", people, _(subject) % values, texts, link, report)


def _extension(
    kind: NoticeKind,
    request: ExtensionRequest,
    people: set[User],
    subject: str,
    lead: str,
    quoted: str,
) -> None:
    with translation.override(LANGUAGE):
        values = {
            "year": request.reporting_year.year,
            "ministry": request.ministry.short_name,
            "wanted": roc.format_date(request.wanted_until),
            "until": roc.format_date(request.granted_until) if request.granted_until else "",
        }
        link = reverse("extension", args=[request.pk])
        texts = [_(lead) % values, quoted]
        _post(kind, f"extension:{request.pk}", people, _(subject) % values, texts, link)


def _post(
    kind: NoticeKind,
    key: str,
    people: set[User],
    subject: str,
    texts: list[str],
    link: str,
    report: ProgressReport | None = None,
) -> None:
    parts = [*texts, settings.SITE_URL.rstrip("/") + link]
    body = "\n\n".join(part for part in parts if part) + "\n"
    post(kind, f"{key}:{kind}", people, subject, body, report=report)
