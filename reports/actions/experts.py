"""Experts of a review: invited by a one-time link, seated, interests stated, the seat ended.

Every action locks the review first, so that nobody is seated while it moves on.
"""

import hashlib
import logging
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.kit import roc
from config.kit.errors import Invalid, NotAllowed, NotNow
from ministries import audit
from ministries.actions.invited import create_invited_account, drop_role, hold_role
from ministries.enums import SystemRole
from ministries.models import Ministry, User
from reports.actions.door import lock, written
from reports.actions.recusals import propose_recusals
from reports.models import Invitation, Review, Seat
from reports.rules import experts as rules_of_experts
from reports.rules import reviews as rules
from tracking.notices.mail import LANGUAGE
from tracking.outbox import SERVER_SECONDS

VALID_DAYS = 14
TOKEN_BYTES = 32

logger = logging.getLogger(__name__)


def digest_of_token(token: str) -> str:
    """What is kept of a token: SHA-256, so that a copy of the database opens no link."""
    return hashlib.sha256(token.encode()).hexdigest()


# --- invitations ----------------------------------------------------------------------------------
@transaction.atomic
def invite(
    review: Review, *, email: str, name: str, affiliation: str, by: User, mailed: bool = True
) -> tuple[Invitation, str]:
    """Invite one person; the link is mailed after the commit, if it is to be `mailed`. Returns the
    token, kept nowhere.

    Refuses (rules.may_change) whom it is not for and when seats can't change. Raises Invalid for
    what is missing, for somebody of the science ministry, who is seated already, or has an open
    invitation.
    """
    review = lock(review)
    rules.may_change(review, by).enforce()
    email, name, affiliation = email.strip().lower(), name.strip(), affiliation.strip()
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = [_("請填姓名。")]
    if not affiliation:
        errors["affiliation"] = [_("請填任職機關（構）。")]
    try:
        validate_email(email)
    except ValidationError:
        errors["email"] = [_("請填正確的電子郵件。")]
    else:
        if sentence := _known(review, email):
            errors["email"] = [sentence]
    if errors:
        raise Invalid(errors)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        review=review,
        email=email,
        name=name,
        affiliation=affiliation,
        token_sha256=digest_of_token(token),
        expires_on=timezone.localdate() + timedelta(days=VALID_DAYS),
        invited_by=by,
    )
    told = {"email": email, "name": name, "expires_on": invitation.expires_on}
    audit.record("invitation.send", invitation, by=by, after=told)
    if mailed:
        transaction.on_commit(lambda: mail_invitation(invitation, token))
    return invitation, token


@transaction.atomic
def resend(invitation: Invitation, *, by: User) -> tuple[Invitation, str]:
    """A new link, good from today on; the one before opens nothing any more."""
    lock(invitation.review)
    invitation = _locked(invitation)
    rules_of_experts.may_withdraw(invitation, by).enforce()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    before = {"expires_on": invitation.expires_on}
    invitation.token_sha256 = digest_of_token(token)
    invitation.expires_on = timezone.localdate() + timedelta(days=VALID_DAYS)
    invitation.mailed_at = None
    invitation.save(update_fields=["token_sha256", "expires_on", "mailed_at"])
    after = {"expires_on": invitation.expires_on}
    audit.record("invitation.resend", invitation, by=by, before=before, after=after)
    transaction.on_commit(lambda: mail_invitation(invitation, token))
    return invitation, token


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> Invitation:
    """The link opens nothing any more."""
    lock(invitation.review)
    invitation = _locked(invitation)
    rules_of_experts.may_withdraw(invitation, by).enforce()
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    audit.record("invitation.revoke", invitation, by=by, after={"email": invitation.email})
    return invitation


def invitation_of(token: str) -> Invitation | None:
    """The invitation that the link stands for, used or not; None for a link that was never sent."""
    rows = Invitation.objects.select_related("review__plan")
    return rows.filter(token_sha256=digest_of_token(token)).first()


def mail_invitation(invitation: Invitation, token: str) -> bool:
    """Mail the link and mark it as mailed; False, logged, where the mail server refused."""
    host = settings.SITE_URL.rstrip("/")
    with override(LANGUAGE):
        values = {
            "name": invitation.name,
            "review": invitation.review.title,
            "day": roc.format_date(invitation.expires_on),
            "link": host + reverse("invitation", args=[token]),
        }
        subject = _("邀請您擔任評估專家：%(review)s") % values
        body = _(
            "%(name)s您好：\n\n"
            "國家科學及技術委員會邀請您擔任「%(review)s」的評估專家。\n\n"
            "請由下面的連結接受邀請。連結只能用一次，%(day)s以前有效，請不要轉寄。\n\n"
            "%(link)s\n"
        )
    try:
        EmailMessage(
            " ".join(subject.split()),  # a title of two lines would be refused as a header
            body % values,
            to=[invitation.email],
            connection=get_connection(timeout=SERVER_SECONDS),
        ).send()
    except OSError as error:  # of sockets and of smtplib alike
        # Its words may hold an address.
        logger.warning("invitation %s could not be mailed: %s", invitation.pk, type(error).__name__)
        return False
    invitation.mailed_at = timezone.now()
    Invitation.objects.filter(pk=invitation.pk).update(mailed_at=invitation.mailed_at)
    return True


def _known(review: Review, email: str) -> str:
    """Why this address can't be invited; "" where it can."""
    open_ones = Invitation.objects.filter(review=review, used_at=None, revoked_at=None)
    if open_ones.filter(email__iexact=email).exists():
        return _("這位專家已經有一封還沒使用的邀請；可以重寄或撤銷那一封。")
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return ""
    if user.is_science_staff:
        return _("審查人與彙整人主持這份評估，不能同時是專家。")
    if Seat.objects.living().filter(review=review, user=user).exists():
        return _("這位專家已經在這份評估裡。")
    return ""


def _locked(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("review")
    return rows.get(pk=invitation.pk)


# --- seats ----------------------------------------------------------------------------------------
@transaction.atomic
def accept_invitation(
    token: str,
    *,
    affiliation: str,
    ministry: Ministry | None = None,
    name: str = "",
    password: str = "",
    by: User | None = None,
) -> Seat:
    """Take the seat, once. A new person makes an account with name and password; whoever has one
    under the address that was invited must be signed in with it (`by`).

    Gives the expert's role, uses the link up, and looks for recusals. Raises NotNow where the link
    is no longer good, NotAllowed for another account, Invalid for name, password or affiliation.
    """
    known = invitation_of(token)
    if known is None:
        raise NotNow(_("沒有這份邀請。"))
    review = lock(known.review)
    invitation = _locked(known)
    if invitation.token_sha256 != known.token_sha256:  # sent again meanwhile
        raise NotNow(_("沒有這份邀請。"))
    rules_of_experts.may_accept(invitation).enforce()
    affiliation = affiliation.strip()
    if not affiliation:
        raise Invalid({"affiliation": [_("請填任職機關（構）。")]})
    user = User.objects.filter(email__iexact=invitation.email).first()
    if user is None and by is None:
        user = create_invited_account(email=invitation.email, name=name, password=password)
    elif user is None or user != by:
        raise NotAllowed(
            _("這份邀請是寄給%(email)s的，請用那個帳號登入。") % {"email": invitation.email}
        )
    if user.is_science_staff:
        raise NotAllowed(_("審查人與彙整人主持這份評估，不能同時是專家。"))
    hold_role(user, SystemRole.EXPERT, by=user)
    user = User.objects.get(pk=user.pk)  # roles are read once for an instance
    seat, _new = Seat.objects.update_or_create(
        review=review,
        user=user,
        defaults={
            "affiliation": affiliation,
            "ministry": ministry,
            "no_interest": False,
            "interests": "",
            "declared_at": None,
            "ended_at": None,
        },
    )
    invitation.used_at = timezone.now()
    invitation.save(update_fields=["used_at"])
    told = {"seat": seat.pk, "affiliation": affiliation, "ministry": ministry and ministry.code}
    audit.record("invitation.accept", invitation, by=user, after=told)
    propose_recusals(seat, by=user)
    return seat


@transaction.atomic
def declare_interest(
    seat: Seat,
    *,
    no_interest: bool,
    interests: str = "",
    affiliation: str = "",
    ministry: Ministry | None = None,
    by: User,
) -> Seat:
    """State that there are no interests, or which; affiliation and ministry as they are today.

    Opens the dossier. May be stated anew while opinions may come; the audit keeps each. Raises
    Invalid unless it is exactly one of the two.
    """
    lock(seat.review)
    seat = Seat.objects.select_for_update(of=("self",)).select_related("review").get(pk=seat.pk)
    rules_of_experts.may_declare(seat, by).enforce()
    interests, affiliation = interests.strip(), affiliation.strip() or seat.affiliation
    if no_interest and interests:
        raise Invalid({"no_interest": [_("說明了利害關係，就不要勾選「沒有利害關係」。")]})
    if not no_interest and not interests:
        raise Invalid({"no_interest": [_("勾選沒有利害關係，或寫下有哪些。")]})
    names = ("no_interest", "interests", "affiliation", "ministry_id")
    before = {name: getattr(seat, name) for name in names} if seat.declared_at else None
    seat.no_interest, seat.interests = no_interest, interests
    seat.affiliation, seat.ministry = affiliation, ministry
    seat.declared_at = timezone.now()
    seat.save()
    after = {name: getattr(seat, name) for name in names}
    audit.record("seat.declare", seat, by=by, before=before, after=after)
    propose_recusals(seat, by=by)
    return seat


@transaction.atomic
def end_seat(seat: Seat, *, reason: str, by: User) -> Seat:
    """The expert leaves: dossier closed, drafts kept unread, what was handed in stays.

    The expert's role ends with the last seat. Raises NotNow for one that has ended.
    """
    review = lock(seat.review)
    rules.may_change(review, by).enforce()
    seat = Seat.objects.select_for_update(of=("self",)).select_related("user").get(pk=seat.pk)
    if seat.ended_at:
        raise NotNow(_("這位專家已經退出。"))
    reason = written(reason, field="reason")
    seat.ended_at = timezone.now()
    seat.save(update_fields=["ended_at"])
    audit.record("seat.end", seat, by=by, after={"user": seat.user.email, "reason": reason})
    if not Seat.objects.living().filter(user=seat.user).exists():
        drop_role(seat.user, SystemRole.EXPERT, by=by)
    return seat
