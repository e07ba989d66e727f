"""A small world for tests, built the way the real one is: a plan, people, an open year, reports.

Ministries 甲部 (alpha), 乙部 (beta), 科學部 (science) and 丙署 (gamma), which merged into 乙部
a year ago. Two goals, three strategies, four measures; leads before ／:

    1.1.1.1 甲部／乙部        1.1.1.2 甲部、乙部／科學部
    1.1.2.1 科學部／甲部      2.1.1.1 乙部／丙署 (one report of 乙部, naming both duties)

Year 111 is open, due in 30 days and closing in 60. Everybody's password is PASSWORD.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.utils import timezone

from ministries.enums import MembershipRole, SuccessionKind, SystemRole
from ministries.models import Membership, Ministry, RoleGrant, Succession, User
from plan.enums import (
    Accumulation,
    AssignmentRole,
    Direction,
    IndicatorKind,
    IndicatorState,
    VersionState,
)
from plan.models import (
    Assignment,
    CellEntry,
    Goal,
    Indicator,
    Measure,
    Participant,
    Plan,
    PlanVersion,
    Strategy,
    SubGoal,
)
from tests.kept import kept
from tracking.actions import reports, years
from tracking.enums import Light, Part, Status
from tracking.models import ProgressReport, ReportingYear

PASSWORD = "a password of the tests"
# code: (name, leads, partners)
MEASURES = {
    "1.1.1.1": ("培育種子師資", ["alpha"], ["beta"]),
    "1.1.1.2": ("建置共用平臺", ["alpha", "beta"], ["science"]),
    "1.1.2.1": ("開放研究資料", ["science"], ["alpha"]),
    "2.1.1.1": ("試辦智慧巡檢", ["beta"], ["gamma"]),
}
NAMES = {
    "1": "人才", "1.1": "育才", "1.1.1": "培育人才", "1.1.2": "開放資源",
    "2": "應用", "2.1": "智慧應用", "2.1.1": "試辦應用",
}  # fmt: skip
# What a whole report of a lead on time says.
WHOLE = {
    "light": Light.ON_TRACK,
    "completion": 40,
    "work_done": "辦理三場培訓，共一百二十人次。",
    "benefit": "受訓者在原校開課。",
    "next_steps": "擴大到五場。",
}
LATE = {
    "light": Light.BEHIND,
    "completion": 20,
    "work_done": "只辦了一場。",
    "cause": "procurement",
    "obstacle": "採購流標兩次。",
    "response": "改用共同供應契約。",
    "next_steps": "補辦兩場。",
}
MONEY = [
    {
        "source": "公務預算",
        "allocated_thousand": 1200,
        "spent_thousand": 900,
        "note": "",
    }
]


@dataclass
class World:
    """Everything of the small world by name; people, ministries and measures also by attribute."""

    plan: Plan
    version: PlanVersion
    ministries: dict[str, Ministry]
    measures: dict[str, Measure]
    people: dict[str, User]
    year: ReportingYear

    def __getattr__(self, name: str):
        for rows in (self.__dict__.get("people", {}), self.__dict__.get("ministries", {})):
            if name in rows:
                return rows[name]
        raise AttributeError(name)

    def report(self, code: str, ministry: str, year: ReportingYear | None = None) -> ProgressReport:
        """Fresh from the database, with year, measure and ministry."""
        return ProgressReport.objects.select_related("reporting_year", "measure", "ministry").get(
            reporting_year=year or self.year,
            measure=self.measures[code],
            ministry=self.ministries[ministry],
        )

    def officer(self, report: ProgressReport) -> User:
        return self.people[f"officer_{self._letter(report)}"]

    def window(self, report: ProgressReport) -> User:
        return self.people[f"window_{self._letter(report)}"]

    def _letter(self, report: ProgressReport) -> str:
        return {"alpha": "a", "beta": "b", "science": "s"}[report.ministry.code]

    def bring(self, report: ProgressReport, status: str, **fields) -> ProgressReport:
        """Take a draft along the real road to a status; `fields` over what a whole report says."""
        return bring(
            report,
            status,
            officer=self.officer(report),
            window=self.window(report),
            reviewer=self.people["reviewer"],
            **fields,
        )


def bring(
    report: ProgressReport,
    status: str,
    *,
    officer: User,
    window: User,
    reviewer: User,
    **fields,
) -> ProgressReport:
    """Take a draft along the real road to a status; returned is the part 執行情形."""
    if status == Status.NOT_APPLICABLE:
        return reports.exempt(
            report, seen_version=report.version, by=reviewer, note="本年度不列管。"
        )
    row = reports.save_draft(
        report,
        seen_version=report.version,
        by=officer,
        fields={**WHOLE, **fields},
        money=MONEY,
    )
    if status == Status.DRAFT:
        return row
    row = reports.submit(row, seen_version=row.version, by=officer)
    if status == Status.SIGNING:
        return row
    row = reports.sign_off(row, seen_version=row.version, by=window)
    if status == Status.SUBMITTED:
        return row
    row = reports.start_review(row, seen_version=row.version, by=reviewer)
    if status == Status.UNDER_REVIEW:
        return row
    if status == Status.ACCEPTED:
        return reports.accept(row, seen_version=row.version, by=reviewer)
    return reports.return_report(
        row, seen_version=row.version, by=reviewer, parts={Part.PROGRESS: "請寫出人次。"}
    )


# --- makers ---------------------------------------------------------------------------------------
def make_user(name: str, **fields) -> User:
    return User.objects.create_user(f"{name}@example.test", PASSWORD, name=name, **fields)


def join(user: User, ministry: Ministry, role: str, **dates) -> Membership:
    return Membership.objects.create(
        user=user, ministry=ministry, role=role, since=dates.pop("since", date(2021, 1, 1)), **dates
    )


def grant(user: User, role: str) -> RoleGrant:
    return RoleGrant.objects.create(user=user, role=role, since=date(2021, 1, 1))


def make_people(ministries: dict[str, Ministry]) -> dict[str, User]:
    people = {}
    for letter, code in (("a", "alpha"), ("b", "beta"), ("s", "science")):
        for role in MembershipRole:
            people[f"{role}_{letter}"] = user = make_user(f"{role}_{letter}")
            join(user, ministries[code], role)
    for role in SystemRole:
        people[role.value] = user = make_user(role.value)
        grant(user, role)
    return people


def make_tree(ministries: dict[str, Ministry]) -> tuple[PlanVersion, dict[str, Measure]]:
    plan = Plan.objects.create(slug="small", name="小計畫", start_year=110, end_year=113)
    version = PlanVersion.objects.create(
        plan=plan,
        number=1,
        title="核定本",
        state=VersionState.APPROVED,
        level_names={"goal": "目標", "sub_goal": "子目標", "strategy": "策略", "measure": "措施"},
    )
    for ordinal, code in enumerate(("alpha", "beta", "science", "gamma"), start=1):
        Participant.objects.create(plan=plan, ministry=ministries[code], ordinal=ordinal)
    nodes: dict[str, object] = {}
    measures = {}
    for position, (code, (name, leads, partners)) in enumerate(MEASURES.items(), start=1):
        parts = code.split(".")
        names = ["、".join(ministries[ministry].short_name for ministry in side)
                 for side in (leads, partners)]  # fmt: skip
        for depth, (model, parent) in enumerate(
            ((Goal, None), (SubGoal, "goal"), (Strategy, "sub_goal")), start=1
        ):
            key = ".".join(parts[:depth])
            if key in nodes:
                continue
            fields = {parent: nodes[".".join(parts[: depth - 1])]} if parent else {}
            if model is Strategy:
                fields["cell"] = "／".join(names)
            nodes[key] = model.objects.create(
                version=version, code=key, ordinal=int(parts[depth - 1]), name=NAMES[key], **fields
            )
            if model is Strategy:
                for role, codes in (("lead", leads), ("partner", partners)):
                    for order, ministry in enumerate(codes, start=1):
                        CellEntry.objects.create(
                            strategy=nodes[key],
                            ministry=ministries[ministry],
                            role=role,
                            order=order,
                        )
        measures[code] = Measure.objects.create(
            version=version,
            strategy=nodes[".".join(parts[:3])],
            code=code,
            ordinal=int(parts[3]),
            position=position,
            name=name,
        )
        for role, codes in ((AssignmentRole.LEAD, leads), (AssignmentRole.PARTNER, partners)):
            for order, ministry in enumerate(codes, start=1):
                Assignment.objects.create(
                    measure=measures[code],
                    ministry=ministries[ministry],
                    role=role,
                    order=order,
                    basis="表7",
                )
    return version, measures


def make_ministries() -> dict[str, Ministry]:
    names = {"alpha": "甲部", "beta": "乙部", "science": "科學部", "gamma": "丙署"}
    ministries = {
        code: Ministry.objects.create(code=code, short_name=name, full_name=f"行政院{name}")
        for code, name in names.items()
    }
    merged_on = timezone.localdate() - timedelta(days=365)
    Succession.objects.create(
        predecessor=ministries["gamma"],
        successor=ministries["beta"],
        on=merged_on,
        kind=SuccessionKind.MERGED,
        legal_basis="乙部組織法",
    )
    Ministry.objects.filter(code="gamma").update(until=merged_on)
    return ministries


def make_year(plan: Plan, collator: User, year: int = 111) -> ReportingYear:
    """An open year around today."""
    today = timezone.localdate()
    row = years.add_year(
        plan,
        year=year,
        opens_on=today - timedelta(days=30),
        due_on=today + timedelta(days=30),
        closes_on=today + timedelta(days=60),
        by=collator,
    )
    return years.open_year(row, by=collator)


def make_indicator(measure: Measure, ministry: Ministry, by: User, **fields) -> Indicator:
    """An approved indicator with the targets 10 for 110 and 20 for 111."""
    targets = fields.pop("targets", {110: 10, 111: 20})
    row = Indicator.objects.create(
        measure=measure,
        ministry=ministry,
        proposed_by=by,
        **{
            "ordinal": 1,
            "name": "培訓人次",
            "unit": "人次",
            "kind": IndicatorKind.COUNT,
            "accumulation": Accumulation.YEARLY,
            "direction": Direction.HIGHER,
            "state": IndicatorState.APPROVED,
            **fields,
        },
    )
    for year, value in targets.items():
        row.targets.create(year=year, value=value)
    return row


# --- fixtures -------------------------------------------------------------------------------------
@kept
def world() -> World:
    ministries = make_ministries()
    version, measures = make_tree(ministries)
    people = make_people(ministries)
    year = make_year(version.plan, people["collator"])
    return World(version.plan, version, ministries, measures, people, year)


@pytest.fixture
def report(world: World) -> ProgressReport:
    """A blank draft of 甲部, coordinating lead of 1.1.1.1."""
    return world.report("1.1.1.1", "alpha")


@pytest.fixture
def partner_report(world: World) -> ProgressReport:
    """A blank draft of 乙部, partner of 1.1.1.1."""
    return world.report("1.1.1.1", "beta")


@pytest.fixture
def officer_a(world: World) -> User:
    return world.people["officer_a"]


@pytest.fixture
def window_a(world: World) -> User:
    return world.people["window_a"]


@pytest.fixture
def viewer_a(world: World) -> User:
    return world.people["viewer_a"]


@pytest.fixture
def officer_b(world: World) -> User:
    return world.people["officer_b"]


@pytest.fixture
def window_b(world: World) -> User:
    return world.people["window_b"]


@pytest.fixture
def reviewer(world: World) -> User:
    return world.people["reviewer"]


@pytest.fixture
def collator(world: World) -> User:
    return world.people["collator"]


@pytest.fixture
def administrator(world: World) -> User:
    return world.people["administrator"]


@pytest.fixture
def expert(world: World) -> User:
    return world.people["expert"]
