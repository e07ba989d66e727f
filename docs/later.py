"""Leads the demo review of `seed_demo --review` on, for the guides' pictures of later stages.

    .venv/bin/python docs/later.py commenting
    .venv/bin/python docs/later.py filed
    .venv/bin/python docs/later.py busy

Acts as the demo people and by the actions that pages use, on the database that the settings name:
do it on one that is only for pictures. `commenting`: a meeting was held and resolved something,
conclusions are written, ministries are asked. `filed`: approved by the second reviewer and filed.
`busy` is of the open year: one ministry has a second officer, an account that nobody used for long,
and a report that lacks the actual of an indicator approved since it was sent for signing.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from ministries.actions.people import create_account  # noqa: E402
from ministries.enums import MembershipRole  # noqa: E402
from ministries.models import User  # noqa: E402
from plan.actions import indicators  # noqa: E402
from plan.enums import Accumulation, Direction, IndicatorKind  # noqa: E402
from reports.actions import comments, filing, meetings, opinions, synthesis  # noqa: E402
from reports.actions.reviews import change_settings, move  # noqa: E402
from reports.enums import FilingStep, Level, ReviewKind, ReviewState, ReviewVerb  # noqa: E402
from reports.models import Comment, Conclusion, CoordinationMeeting, Review  # noqa: E402
from reports.queries.reviews import current_edition  # noqa: E402
from tracking.demo.people import DEMO_PASSWORD, address  # noqa: E402
from tracking.demo.texts import MARK  # noqa: E402
from tracking.enums import Status  # noqa: E402
from tracking.models import ProgressReport  # noqa: E402


def person(name: str) -> User:
    return User.objects.get(email=address(name))


def review() -> Review:
    return Review.objects.select_related("plan").get(kind=ReviewKind.MIDTERM)


def step(verb: str, name: str) -> None:
    row = review()
    move(row, verb, seen_version=row.version, by=person(name))


def until(days: int) -> None:
    """Ministries may comment until so many days from today."""
    row = review()
    change_settings(
        row,
        title=row.title,
        opinions_open_before=row.opinions_open_before,
        opinions_due_on=row.opinions_due_on,
        comments_due_on=timezone.localdate() + timedelta(days=days),
        criteria=row.criteria,
        seen_version=row.version,
        by=person("reviewer1"),
    )


def hold() -> None:
    """The meeting took place today; its first item got a resolution."""
    reviewer, today = person("reviewer1"), timezone.localdate()
    row = CoordinationMeeting.objects.get()
    called = [one.ministry for one in row.attendances.select_related("ministry")]
    row = meetings.change_meeting(
        row, seen_version=row.version, title=row.title, on=today, place=row.place,
        chair=row.chair, ministries=called, by=reviewer,
    )  # fmt: skip
    row = meetings.record_meeting(
        row,
        seen_version=row.version,
        minutes=f"各主辦部會說明落後原因與趕上時程，與會機關同意按季檢視。{MARK}",
        presence={
            one.pk: (True, f"示範科長（{one.ministry}）")
            for one in row.attendances.select_related("ministry")
        },
        discussions={row.items.first().pk: f"驗證場域的點交時程與替代方案。{MARK}"},
        by=reviewer,
    )
    row = meetings.mark_held(row, seen_version=row.version, by=reviewer)
    item = row.items.first()
    owner = next(one for one in called if one.code == "nstc")
    meetings.decide(
        row,
        seen_version=row.version,
        item=item,
        owner=owner,
        text=f"六個月內完成場域點交，並按季公布進度。{MARK}",
        due_on=today + timedelta(days=180),
        by=reviewer,
    )


def commenting() -> None:
    reviewer = person("reviewer1")
    hold()
    step(ReviewVerb.SYNTHESIZE, "reviewer1")
    synthesis.prefill(review(), current_edition(review()), by=reviewer)
    seen = dict(Conclusion.objects.values_list("pk", "version"))
    synthesis.mark_all_ready(review(), seen, by=reviewer)
    until(14)
    step(ReviewVerb.ASK_COMMENTS, "reviewer1")
    officer = person("officer.moe")
    row = Conclusion.objects.get(level=Level.MEASURE, code="1.3.2.1")
    (ministry,) = {one.ministry for one in officer.memberships.current()}
    comments.comment(row, ministry, f"請補充驗證機制已在試行的縣市數。{MARK}", by=officer)


def filed() -> None:
    reviewer = person("reviewer1")
    said = Comment.objects.get()
    comments.answer(said, f"已列入引用的報告，結論不另加段。{MARK}", seen_version=said.version,
                    by=reviewer)  # fmt: skip
    opinions.send_opinions(review(), by=reviewer)
    until(-1)
    step(ReviewVerb.PROPOSE, "reviewer1")
    step(ReviewVerb.APPROVE, "reviewer2")
    row = review()
    filing.file_for_reference(
        row,
        edition=current_edition(row),
        step=FilingStep.FOR_REFERENCE,
        document_number="示範字第1120000001號",
        on=timezone.localdate(),
        addressee="行政院",
        seen_version=row.version,
        by=person("collator"),
    )


def busy() -> None:
    window = person("window.moea")
    (ministry,) = {one.ministry for one in window.memberships.current()}
    colleague, _password = create_account(
        email=address("officer2.moea"), name="示範承辦人二（經濟部）", unit="科技業務單位",
        ministry=ministry, role=MembershipRole.OFFICER, by=window,
    )  # fmt: skip
    colleague.set_password(DEMO_PASSWORD)
    colleague.must_change_password, colleague.is_demo = False, True
    colleague.save()
    long_ago = timezone.now() - timedelta(days=120)
    User.objects.filter(email=address("viewer.moea")).update(last_login=long_ago)
    report = ProgressReport.objects.filter(ministry=ministry, status=Status.SIGNING).last()
    row = indicators.propose(
        report.measure, ministry, by=person("officer.moea"), name="完成驗證的產品", unit="項",
        targets={report.reporting_year.year: {"value": 5}}, kind=IndicatorKind.COUNT,
        accumulation=Accumulation.YEARLY, direction=Direction.HIGHER, source="部會統計", note=MARK,
    )  # fmt: skip
    indicators.approve(row, by=person("reviewer1"))


STAGES = {ReviewState.COMMENTING: commenting, ReviewState.FILED: filed, "busy": busy}

if __name__ == "__main__":
    with transaction.atomic():
        STAGES[sys.argv[1]]()
    print(review().get_state_display())
