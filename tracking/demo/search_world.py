"""For tests and `./bench search`: 166,400 reports, of 100 plans, 104 measures, 4 bodies, 4 years.

Texts have 500 to 2,000 characters of made-up words, drawn unevenly as words of real texts are.
Year 113 of each plan is open: one in ten of its reports waits for a correction, with what was
submitted before. `RARE` stands in one text of 1,000, `COMMON` in every one.
"""

import random
from datetime import date

from django.db import connection, transaction

from config.kit.search_index import without_search_indexes
from ministries.enums import MembershipRole, SystemRole
from ministries.models import Membership, Ministry, RoleGrant, User
from plan.enums import VersionState
from plan.models import Goal, Measure, Plan, PlanVersion, Strategy, SubGoal
from tracking.enums import YearState
from tracking.models import ReportingYear

PLANS, MEASURES, BODIES, YEARS = 100, 104, 4, 4
REPORTS = PLANS * MEASURES * BODIES * YEARS
RARE, COMMON, PHRASE = "櫻鮭", "推動", "推動人才培育的長期計畫"
TEXTS = 3000

_REPORTS = """
INSERT INTO tracking_progressreport (
    reporting_year_id, measure_id, ministry_id, ministry_name, role, coordinating, status, version,
    submissions, returned_parts, filed_at, late, exempt_reason, nothing_to_report, nothing_reason,
    light, completion, work_done, benefit, cause, sub_cause, obstacle, response, others_must_act,
    next_steps, carried
)
SELECT
    year.id, measure.id, body.id, body.full_name,
    CASE WHEN place = 0 THEN 'lead' ELSE 'partner' END, place = 0,
    CASE
        WHEN year.state = 'released' THEN 'accepted'
        WHEN (measure.position + place) %% 10 = 0 THEN 'returned'
        WHEN (measure.position + place) %% 2 = 0 THEN 'draft'
        ELSE 'submitted'
    END,
    1, 1, '[]',
    CASE WHEN year.state = 'released' OR (measure.position + place) %% 2 = 1
           OR (measure.position + place) %% 10 = 0 THEN now() END,
    FALSE, '', FALSE, '', 'on_track', 40, left(one.text, 600), substr(one.text, 601, 400), '', '',
    substr(one.text, 1001, 300), substr(one.text, 1301, 300), '', substr(one.text, 1601), '[]'
FROM plan_measure AS measure
JOIN plan_planversion AS version ON version.id = measure.version_id
JOIN tracking_reportingyear AS year ON year.plan_id = version.plan_id
CROSS JOIN (SELECT *, row_number() OVER (ORDER BY code) - 1 AS place FROM ministries_ministry
            WHERE code LIKE 'of-search-%%') AS body
JOIN made_up AS one ON one.n = (measure.id * 7919 + year.id * 104729 + body.id * 31) %% {texts}
ORDER BY year.year, measure.id
"""
_SUBMISSIONS = """
INSERT INTO tracking_submission (report_id, number, content, at)
SELECT id, 1, jsonb_build_object('fields', jsonb_build_object(
    'work_done', work_done, 'benefit', benefit, 'obstacle', obstacle, 'response', response,
    'next_steps', next_steps, 'nothing_reason', '', 'sub_cause', '', 'others_must_act', ''
), 'values', '[]'::jsonb, 'money', '[]'::jsonb), now()
FROM tracking_progressreport WHERE status = 'returned'
"""


def texts() -> list[str]:
    """Made-up texts, the same at each run."""
    chance = random.Random(16)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    words = ["".join(chance.choices(letters, k=chance.choice((2, 2, 2, 3)))) for _n in range(8000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    found = []
    for n in range(TEXTS):
        length = 500 + int(1500 * chance.random() ** 2)
        parts = [PHRASE if n % 2 else COMMON, RARE if n % 1000 == 0 else ""]
        for at, word in enumerate(chance.choices(words, weights, k=length // 2)):
            parts.append(word + ("，" if at % 9 == 8 else ""))
        found.append("".join(parts)[:length])
    return found


@transaction.atomic
def fill() -> None:
    """Plans and ministries by the ORM, reports and submissions by the database, in minutes."""
    Ministry.objects.bulk_create(
        Ministry(code=f"of-search-{n}", short_name=f"找{n}", full_name=f"查找第{n}部")
        for n in range(BODIES)
    )
    plans = Plan.objects.bulk_create(
        Plan(slug=f"search-{n}", name=f"查找計畫{n}", start_year=110, end_year=113)
        for n in range(PLANS)
    )
    versions = PlanVersion.objects.bulk_create(
        PlanVersion(plan=plan, number=1, title="核定本", state=VersionState.APPROVED)
        for plan in plans
    )
    told, measures = texts(), []
    for version in versions:
        goal = Goal.objects.create(version=version, code="1", ordinal=1, name="找得到")
        sub_goal = SubGoal.objects.create(
            version=version, goal=goal, code="1.1", ordinal=1, name="找得快"
        )
        strategy = Strategy.objects.create(
            version=version, sub_goal=sub_goal, code="1.1.1", ordinal=1, name="建立索引", cell=""
        )
        measures += [
            Measure(
                version=version, strategy=strategy, code=f"1.1.1.{n}", ordinal=n, position=n,
                name=told[n][20:44], description=told[(n * 17 + version.pk) % TEXTS],
            )
            for n in range(1, MEASURES + 1)
        ]  # fmt: skip
    Measure.objects.bulk_create(measures, batch_size=2000)
    ReportingYear.objects.bulk_create(
        ReportingYear(
            plan=plan,
            year=year,
            opens_on=date(1911 + year, 1, 1),
            due_on=date(1912 + year, 2, 28),
            closes_on=date(1912 + year, 4, 30),
            state=YearState.OPEN if year == plan.end_year else YearState.RELEASED,
        )
        for plan in plans
        for year in plan.years
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE made_up (n integer PRIMARY KEY, text text)")
        cursor.executemany("INSERT INTO made_up VALUES (%s, %s)", list(enumerate(told)))
        with without_search_indexes():
            cursor.execute(_REPORTS.format(texts=TEXTS), [])
            cursor.execute(_SUBMISSIONS)
        cursor.execute("DROP TABLE made_up")
        cursor.execute("ANALYZE")


def readers() -> dict[str, User]:
    """Three people of that world, who can't sign in: officer, window and reviewer."""
    roles = (MembershipRole.OFFICER, MembershipRole.WINDOW, SystemRole.REVIEWER)
    people = {
        role.value: User.objects.create_user(f"{role.value}@search.example", name=role.value)
        for role in roles
    }
    since = date(2021, 1, 1)
    body = Ministry.objects.get(code="of-search-1")
    for role in roles[:2]:
        Membership.objects.create(user=people[role], ministry=body, role=role, since=since)
    RoleGrant.objects.create(user=people[roles[2]], role=roles[2], since=since)
    return people
