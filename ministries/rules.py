"""Who may? Rules about people and ministries; each answers with a verdict and a reason."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed
from ministries.enums import MembershipRole, SystemRole
from ministries.models import (
    ApiToken,
    Deputyship,
    LiveSession,
    Membership,
    Ministry,
    RoleGrant,
    User,
)
from ministries.queries import line_of

Person = User | AnonymousUser


def may_administer(user: Person) -> Verdict:
    if user.is_authenticated and user.is_staff:
        return YES
    return not_allowed(_("這件事只有系統管理者能做。"))


def may_manage(user: Person, ministry: Ministry) -> Verdict:
    """Whether this person creates and retires accounts of this body (or of its forebears)."""
    if may_administer(user):
        return YES
    if user.is_authenticated and user.is_active and ministry.pk in user.own_window_ids:
        return YES
    return not_allowed(
        _("%(ministry)s的帳號由它的部會窗口管理。") % {"ministry": ministry.short_name}
    )


def may_manage_people(user: Person) -> Verdict:
    """Whether there is any body of today whose people this person manages."""
    if Ministry.objects.managed_by(user).on(timezone.localdate()).exists():
        return YES
    return not_allowed(_("只有部會窗口與系統管理者管理帳號。"))


def may_grant(user: Person, person: User, ministry: Ministry) -> Verdict:
    """A window takes in only people whom its ministry knows already; others it creates anew.

    Otherwise any window could make anybody's account its own, and then reset its password.
    """
    verdict = may_manage(user, ministry)
    if not verdict or may_administer(user):
        return verdict
    if person.memberships.filter(ministry__in=user.own_window_ids).exists():
        return YES
    return not_allowed(_("這個帳號屬於別的機關，請系統管理者把這個人加入貴部會。"))


def may_retire(user: Person, membership: Membership) -> Verdict:
    """As managing; but a body that lives keeps at least one window, unless an administrator acts.

    Without one nobody there could sign off or create accounts.
    """
    verdict = may_manage(user, membership.ministry)
    if not verdict or may_administer(user) or membership.role != MembershipRole.WINDOW:
        return verdict
    today = timezone.localdate()
    body = line_of(membership.ministry, today)
    others = Membership.objects.on(today).filter(
        role=MembershipRole.WINDOW, ministry__in=body, user__is_active=True
    )
    if others.exclude(pk=membership.pk).exists():
        return YES
    return not_allowed(_("這是貴部會最後一位窗口：請先建立接任的窗口，或請系統管理者處理。"))


def may_reset_password(user: Person, person: User) -> Verdict:
    """A window only for people who belong to its ministry and to nothing else.

    Whoever sets a first password can sign in with it, so it must not reach beyond what the window
    itself holds.
    """
    if may_administer(user):
        return YES
    mine = user.own_window_ids if user.is_authenticated and user.is_active else frozenset()
    today = timezone.localdate()
    belongs = set(person.memberships.on(today).values_list("ministry_id", flat=True))
    if not belongs or not belongs <= mine:
        return not_allowed(_("這個帳號不只屬於貴部會，請系統管理者重設密碼。"))
    if person.role_grants.on(today).exists():
        return not_allowed(_("這個帳號另有系統角色，請系統管理者重設密碼。"))
    return YES


def may_reset_second_factor(user: Person, person: User) -> Verdict:
    """An administrator, and never for oneself: whoever took over an account must not be able to
    take its second factor away with it.
    """
    if user == person:
        return not_allowed(
            _("自己的第二因素請在「登入與安全」更換；遺失時請另一位系統管理者重設。")
        )
    return may_administer(user)


def may_revoke_role(user: Person, grant: RoleGrant) -> Verdict:
    verdict = may_administer(user)
    if not verdict or grant.role != SystemRole.ADMINISTRATOR:
        return verdict
    others = RoleGrant.objects.current().filter(role=grant.role, user__is_active=True)
    if others.exclude(pk=grant.pk).exists():
        return YES
    return not_allowed(_("這是最後一位系統管理者：請先指定接任的人。"))


def may_appoint_deputy(user: Person, ministry: Ministry) -> Verdict:
    """Only a window, and only for itself; being a deputy is not handed on."""
    if user.is_authenticated and user.is_active and ministry.pk in user.own_window_ids:
        return YES
    return not_allowed(_("只有部會窗口本人能指定自己的代理人。"))


def may_end_deputyship(user: Person, deputyship: Deputyship) -> Verdict:
    if user == deputyship.window:
        return YES
    return may_manage(user, deputyship.ministry)


def may_make_token(user: Person) -> Verdict:
    """Everybody with an account that is open, for themselves."""
    if not user.is_authenticated or not user.is_active:
        return not_allowed(_("請先登入。"))
    if user.must_change_password:
        return not_allowed(_("請先變更第一次的密碼。"))
    return YES


def may_revoke_token(user: Person, token: ApiToken) -> Verdict:
    if user.is_authenticated and user.pk == token.owner_id:
        return YES
    return not_allowed(_("只有本人能撤銷自己的權杖。"))


def may_end_session(user: Person, live: LiveSession) -> Verdict:
    if user.is_authenticated and user.pk == live.user_id:
        return YES
    return not_allowed(_("只有本人能結束自己的連線。"))


def belongs_to(person: User, ministry: Ministry, on: date) -> bool:
    """Whether the person is a member of this body's line on that day, in whatever role."""
    return (
        person.is_active
        and person.memberships.on(on).filter(ministry__in=line_of(ministry, on)).exists()
    )
