"""A review of the small world, led by the real actions from its first edition to its publication.

甲部 leads 1.1.1.1, shares 1.1.2.1, is called to the meeting and owes the resolution. The expert
`seated` handed in opinions of 1.1.2.1, which is sent, and 2.1.1.1, which is not; that of 1.1.1.2
stays a draft; of 1.1.1.1 there is a recusal. `peer` is asked for 1.1.2.1 too, and has written
nothing. `reviewer` writes and proposes, `second` approves.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from ministries.enums import SystemRole
from reports.actions import comments, experts, filing, meetings, opinions, recusals, synthesis
from reports.actions.compile import compile_review
from reports.actions.reviews import change_settings, create_review, move
from reports.documents.sources import subject_of_edition, subject_of_seat
from reports.enums import FilingStep, Level, ReviewKind, ReviewState, ReviewVerb
from reports.models import (
    Comment,
    Conclusion,
    CoordinationMeeting,
    Document,
    Edition,
    Filing,
    Invitation,
    Opinion,
    Recusal,
    Review,
    Seat,
)
from reports.queries.reviews import current_edition
from tests.access.world_of_reports import make_retired
from tests.reports.experts import draft
from tests.reports.meetings import call
from tests.reports.review_world import settings_of
from tests.world import LATE, World, grant, make_user
from tracking.actions import resolutions
from tracking.enums import Status
from tracking.models import Resolution, ResolutionReport

# What the first to read it must not tell others.
WORDS = {
    name: f"WORDOF{name.upper()}"
    for name in (
        "draft", "unsent", "interest", "recusal", "minutes", "conclusion", "comment", "guest",
    )
}  # fmt: skip
SENT, UNSENT, DRAFT, RECUSED = "1.1.2.1", "2.1.1.1", "1.1.1.2", "1.1.1.1"


@dataclass
class Walk:
    """A review on its road: `to` takes it on; the rest are the rows that are asked about."""

    world: World
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        make_retired(self.world)
        for name in ("seated", "peer", "second"):
            self.world.people[name] = make_user(name)
        grant(self.second, SystemRole.REVIEWER)

    def __getattr__(self, name: str):
        if "world" not in self.__dict__:  # while it is being copied
            raise AttributeError(name)
        return getattr(self.world, name)

    # --- rows -------------------------------------------------------------------------------------
    @property
    def review(self) -> Review:
        return Review.objects.get()

    @property
    def edition(self) -> Edition:
        return current_edition(self.review)

    @property
    def meeting(self) -> CoordinationMeeting:
        return CoordinationMeeting.objects.get()

    @property
    def resolution(self) -> Resolution:
        return Resolution.objects.get()

    @property
    def done(self) -> ResolutionReport:
        return ResolutionReport.objects.get()

    @property
    def recusal(self) -> Recusal:
        return Recusal.objects.get(reason__contains=WORDS["recusal"])

    @property
    def waiting(self) -> Invitation:
        return Invitation.objects.get(email="guest@example.test")

    @property
    def filing(self) -> Filing:
        return Filing.objects.get()

    @property
    def comment(self) -> Comment:
        return Comment.objects.get()

    def seat(self, name: str) -> Seat:
        return Seat.objects.select_related("review", "user").get(user=self.people[name])

    def opinion(self, code: str) -> Opinion:
        return Opinion.objects.get(seat=self.seat("seated"), measure_code=code)

    def conclusion(self, code: str) -> Conclusion:
        return Conclusion.objects.get(level=Level.MEASURE, code=code)

    def ordinal(self, code: str) -> int:
        """Of a frozen line of that measure."""
        return self.edition.lines.filter(measure_code=code).first().ordinal

    def document(self, subject: str, kind: str, content: str) -> Document:
        """A document of that subject, made by nobody: what counts is who may fetch it."""
        digest = content * 64
        row, new = Document.objects.get_or_create(
            subject=subject, kind=kind, format="odt", digest=digest,
            defaults={"name": "a.odt", "size": 4, "sha256": digest},
        )  # fmt: skip
        if new:
            row.file.save("", ContentFile(b"file"))
        return row

    @property
    def of_edition(self) -> str:
        return subject_of_edition(self.edition)

    @property
    def of_seat(self) -> str:
        return subject_of_seat(self.seat("seated"))

    # --- the road ---------------------------------------------------------------------------------
    def to(self, state: str) -> None:
        """One step on, with all that is done at that station."""
        getattr(self, state)()
        assert self.review.state == state

    def move(self, verb: str, by) -> None:
        move(self.review, verb, seen_version=self.review.version, by=by)

    def draft(self) -> None:
        """Two editions: before the second, another report was accepted."""
        soon = timezone.localdate() + timedelta(days=90)
        late = {**LATE, "catch_up_on": soon, "light": "far_behind"}
        self.bring(self.report("1.1.1.1", "alpha"), Status.ACCEPTED, **late)
        review = create_review(
            self.plan, kind=ReviewKind.FINAL, title="期末成果評估", first_year=111, last_year=111,
            by=self.reviewer,
        )  # fmt: skip
        compile_review(review.pk, by=self.reviewer)
        self.bring(self.report("1.1.2.1", "science"), Status.ACCEPTED)
        compile_review(review.pk, by=self.reviewer)

    def assessing(self) -> None:
        """Experts are seated and write, a meeting is called and being recorded."""
        self.move(ReviewVerb.ASSESS, self.reviewer)
        self.take_seat("seated", [SENT, UNSENT, DRAFT, RECUSED], interests=WORDS["interest"])
        self.take_seat("peer", [SENT])
        self.invite("guest", WORDS["guest"])
        self.invite("late")
        Invitation.objects.filter(email="late@example.test").update(
            expires_on=timezone.localdate() - timedelta(days=1)
        )
        seat = self.seat("seated")
        for code, text in ((SENT, "規模足夠。"), (UNSENT, WORDS["unsent"])):
            opinions.submit_opinion(
                seat, measure_code=code, draft=draft(text=text, edition=2), by=self.seated
            )
        opinions.save_opinion(
            seat, measure_code=DRAFT, draft=draft(text=WORDS["draft"], edition=2), by=self.seated
        )
        recusals.declare_recusal(seat, code=RECUSED, reason=WORDS["recusal"], by=self.seated)
        meeting = call(self.world, self.edition)
        meetings.record_meeting(
            meeting,
            seen_version=meeting.version,
            minutes=WORDS["minutes"],
            presence={one.pk: (True, "李科長") for one in meeting.attendances.all()},
            discussions={},
            by=self.reviewer,
        )

    def invite(self, who: str, name: str = "受邀人") -> None:
        told = {"name": name, "affiliation": "東海大學"}
        _row, self.tokens[who] = experts.invite(
            self.review, email=f"{who}@example.test", **told, by=self.reviewer
        )

    def take_seat(self, name: str, codes: list[str], interests: str = "") -> None:
        self.invite(name)
        user = self.people[name]
        seat = experts.accept_invitation(self.tokens[name], affiliation="東海大學", by=user)
        experts.declare_interest(seat, no_interest=not interests, interests=interests, by=user)
        recusals.assign(seat, codes=codes, by=self.reviewer)

    def synthesis(self) -> None:
        """One opinion is sent; every conclusion is written and ready."""
        self.move(ReviewVerb.SYNTHESIZE, self.reviewer)
        opinions.send_opinions(self.review, codes=[SENT], by=self.reviewer)
        synthesis.prefill(self.review, self.edition, by=self.reviewer)
        row = self.conclusion(SENT)
        told = [{"text": WORDS["conclusion"], "lines": [f"111/{SENT}/science"], "opinions": []}]
        synthesis.save_conclusion(row, paragraphs=told, seen_version=row.version, by=self.reviewer)
        rows = Conclusion.objects.values_list("pk", "version")
        synthesis.mark_all_ready(self.review, dict(rows), by=self.reviewer)
        given = settings_of(self.review, comments_due_on=timezone.localdate() + timedelta(days=14))
        change_settings(self.review, **given, seen_version=self.review.version, by=self.reviewer)

    def commenting(self) -> None:
        """甲部 comments; the meeting is held and resolves."""
        self.move(ReviewVerb.ASK_COMMENTS, self.reviewer)
        comments.comment(self.conclusion(RECUSED), self.alpha, WORDS["comment"], by=self.officer_a)
        row = meetings.mark_held(self.meeting, seen_version=self.meeting.version, by=self.reviewer)
        meetings.decide(
            row,
            seen_version=row.version,
            item=row.items.first(),
            owner=self.alpha,
            text="甲部補足場地。",
            due_on=timezone.localdate() + timedelta(days=60),
            by=self.reviewer,
        )

    def approving(self) -> None:
        """The comment is answered, the day over, every opinion sent; 甲部 says what it did."""
        comments.answer(
            self.comment, "已補充。", seen_version=self.comment.version, by=self.reviewer
        )
        yesterday = timezone.localdate() - timedelta(days=1)
        Review.objects.update(comments_due_on=yesterday)
        opinions.send_opinions(self.review, codes=[UNSENT], by=self.reviewer)
        self.move(ReviewVerb.PROPOSE, self.reviewer)
        resolutions.report(
            self.resolution,
            seen_version=self.resolution.version,
            text="已經補足。",
            url="https://example.test/done",
            by=self.officer_a,
        )

    def approved(self) -> None:
        self.move(ReviewVerb.APPROVE, self.second)

    def filed(self) -> None:
        filing.file_for_reference(
            self.review,
            edition=self.edition,
            step=FilingStep.FOR_REFERENCE,
            document_number="科會前字第1120012345號",
            on=timezone.localdate(),
            addressee="行政院",
            seen_version=self.review.version,
            by=self.collator,
        )

    def published(self) -> None:
        filing.publish(
            self.review,
            on=timezone.localdate(),
            seen_version=self.review.version,
            by=self.collator,
        )


STATIONS = tuple(ReviewState)
