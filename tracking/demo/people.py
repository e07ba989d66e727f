"""Demo accounts: an officer and a window for every ministry with duties, and the plan's own."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from config.kit.roc import gregorian_year
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Lineage, Membership, Ministry, RoleGrant, User
from plan.models import Assignment, Plan

# Documented in README.md; production refuses to start while these accounts exist.
DEMO_PASSWORD = "demo-nstp-110"
DOMAIN = "demo.example"

SYSTEM = (
    ("reviewer1", SystemRole.REVIEWER, "示範審查人一", "科技政策規劃單位"),
    ("reviewer2", SystemRole.REVIEWER, "示範審查人二", "科技政策規劃單位"),
    ("collator", SystemRole.COLLATOR, "示範彙整人", "科技政策規劃單位"),
    ("administrator", SystemRole.ADMINISTRATOR, "示範系統管理者", "資訊單位"),
    ("expert", SystemRole.EXPERT, "示範專家一", "學術機構"),
    ("expert2", SystemRole.EXPERT, "示範專家二", "研究機構"),
)
MINISTRY = (
    ("officer", MembershipRole.OFFICER, "示範承辦人", "科技業務單位"),
    ("window", MembershipRole.WINDOW, "示範部會窗口", "綜合規劃單位"),
)
# One person who may only look, in the ministry with the largest part of the plan.
VIEWER = ("viewer", MembershipRole.VIEWER, "示範檢視者", "主管單位")


@dataclass(frozen=True)
class People:
    """Who acts in the demo. `officers` and `windows` are found by the id of any body in the line
    of their ministry."""

    officers: dict[int, User]
    windows: dict[int, User]
    reviewers: list[User]
    collator: User


def address(name: str) -> str:
    return f"{name}@{DOMAIN}"


def seed_people(plan: Plan, today: date) -> People:
    """Make the accounts that are missing. Memberships follow the bodies through succession."""
    duties = Assignment.objects.filter(measure__version__plan=plan)
    counts: dict[int, int] = {}
    for ministry_id in duties.values_list("ministry_id", flat=True):
        counts[ministry_id] = counts.get(ministry_id, 0) + 1
    ministries = Ministry.objects.in_bulk()
    lineage = Lineage()
    begin = date(gregorian_year(plan.start_year), 1, 1)
    # Last body of each line → its bodies and the days on which each took over.
    lines: dict[int, dict[int, tuple[date, date | None]]] = {}
    for ministry_id in sorted(counts):
        current, since = ministry_id, begin
        bodies: dict[int, tuple[date, date | None]] = {}
        for heir, on in lineage.heirs(ministry_id):
            if on <= today:
                if on > since:
                    bodies[current] = (since, on)
                current, since = heir, max(on, since)
        bodies[current] = (since, None)
        line = lines.setdefault(current, {})
        for body, (first, until) in bodies.items():
            line[body] = (min(first, line[body][0]) if body in line else first, until)
    busiest = max(counts, key=lambda pk: (counts[pk], -pk))

    accounts = _Accounts()
    officers: dict[int, User] = {}
    windows: dict[int, User] = {}
    for last, line in lines.items():
        ministry = ministries[last]
        for (name, role, title, unit), found in zip(MINISTRY, (officers, windows), strict=True):
            user = accounts.member(name, role, title, unit, ministry, line)
            found.update(dict.fromkeys(line, user))
        if busiest in line:
            accounts.member(*VIEWER, ministry, line)
    system = {name: accounts.holder(name, *rest, since=begin) for name, *rest in SYSTEM}
    accounts.save()
    return People(
        officers,
        windows,
        reviewers=[system["reviewer1"], system["reviewer2"]],
        collator=system["collator"],
    )


class _Accounts:
    """Collects what is missing and writes it in three statements."""

    def __init__(self) -> None:
        self._existing = {user.email: user for user in User.objects.filter(is_demo=True)}
        self._users: list[User] = []
        self._memberships: list[Membership] = []
        self._grants: list[RoleGrant] = []
        # One hash for all: the password is published, so a salt of each one's own would protect
        # nothing, and fifty real hashes would take fifteen seconds.
        self._password = make_password(DEMO_PASSWORD)

    def member(
        self,
        name: str,
        role: MembershipRole,
        title: str,
        unit: str,
        ministry: Ministry,
        line: dict[int, tuple[date, date | None]],
    ) -> User:
        user, new = self._user(f"{name}.{ministry.code}", f"{title}（{ministry.short_name}）", unit)
        if new:
            self._memberships += [
                Membership(user=user, ministry_id=body, role=role, since=since, until=until)
                for body, (since, until) in line.items()
            ]
        return user

    def holder(self, name: str, role: SystemRole, title: str, unit: str, since: date) -> User:
        user, new = self._user(name, title, unit)
        if new:
            self._grants.append(RoleGrant(user=user, role=role, since=since))
        return user

    def _user(self, name: str, title: str, unit: str) -> tuple[User, bool]:
        email = address(name)
        if email in self._existing:
            return self._existing[email], False
        user = User(email=email, name=title, unit=unit, is_demo=True, password=self._password)
        self._users.append(user)
        return user, True

    def save(self) -> None:
        User.objects.bulk_create(self._users)
        Membership.objects.bulk_create(self._memberships)
        RoleGrant.objects.bulk_create(self._grants)


def account_lines() -> list[str]:
    """The accounts as `./run` prints them: those of two ministries, the plan's own, and how to
    find the rest. Empty where nothing was seeded."""
    users = {user.email: user for user in User.objects.filter(is_demo=True).order_by("pk")}
    named = [address(name) for name, *_ in SYSTEM]
    others = [email for email in users if email not in named]
    shown = [address(f"{name}.{code}") for code in ("moe", "moea") for name, *_ in MINISTRY]
    shown = [email for email in shown if email in users] or others[:4]
    lines = [f"  {email:<28}{users[email].name}" for email in [*shown, *named] if email in users]
    if lines:
        lines += [
            f"  其他部會 other ministries: officer.代碼@{DOMAIN}、window.代碼@{DOMAIN}",
            f"  密碼 password: {DEMO_PASSWORD}",
        ]
    return lines
