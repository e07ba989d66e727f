"""What is asked of each address of a review, at which stations of its road, and what is posted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from reports.enums import Level, ReviewState
from tests.access import cases_reports
from tests.access.asking import BOTH, Question, Visitor, answers
from tests.access.cases_reports import roc
from tests.access.world_of_reviews import DRAFT, RECUSED, SENT, UNSENT, Walk
from tests.reports.experts import WHOLE

# Beside those of reporting: two experts with a seat in the review, and a reviewer who neither
# wrote nor proposed it.
ROLES = cases_reports.ROLES | {"seated": "seated", "peer": "peer", "second": "second"}
GET, POST = BOTH[:1], BOTH[1:]
(
    PREPARED, ASSESSING, SYNTHESIS, COMMENTING, APPROVING, APPROVED, FILED, PUBLISHED,
) = ReviewState  # fmt: skip
Args = Callable[[Walk], list]
Given = Callable[[Walk], dict]


@dataclass(frozen=True)
class Case:
    """One address at one station of the review's road, `label` where it is about several things."""

    station: str
    args: Args
    methods: tuple[str, ...] = GET
    given: Given = lambda walk: {}
    label: str = ""


# --- what stands in an address --------------------------------------------------------------------
def of_review(*rest: object) -> Args:
    """The review, then what follows."""
    return lambda walk: [walk.review.pk, *rest]


def of_edition(walk: Walk) -> list:
    return [walk.review.pk, walk.edition.number]


def line(code: str) -> Args:
    return lambda walk: [*of_edition(walk), walk.ordinal(code)]


def node(code: str) -> Args:
    return of_review(Level.MEASURE, code)


def opinion(code: str) -> Args:
    return lambda walk: [walk.opinion(code).pk]


def seat(walk: Walk) -> list:
    return [walk.review.pk, walk.seat("peer").pk]


# --- what is posted -------------------------------------------------------------------------------
def seen(walk: Walk, **more: object) -> dict:
    return {"seen_version": walk.review.version, **more}


def noted(walk: Walk) -> dict:
    return seen(walk, note="寫下的理由。")


def on_day(name: str, days: int = 0) -> dict:
    return roc(name, timezone.localdate() + timedelta(days=days))


def new_review(walk: Walk) -> dict:
    return {
        "plan": walk.plan.pk, "kind": "other", "title": "單年評估", "first_year": 110,
        "last_year": 110,
    }  # fmt: skip


def settings(walk: Walk) -> dict:
    names = {f"criterion_{n}": one["name"] for n, one in enumerate(walk.review.criteria)}
    return seen(walk, title="改過的名稱", **names)


def written(walk: Walk) -> dict:
    """The draft of an opinion, as its form sends it."""
    scores = {f"score_{key}": score or "none" for key, score in WHOLE.items()}
    version = walk.opinion(DRAFT).version
    return {**scores, "text": "改過。", "seen_version": version, "edition": 2, "do": "save"}


def statement(walk: Walk) -> dict:
    return {"affiliation": "東海大學", "no_interest": "on"}


def decision(walk: Walk) -> dict:
    return {"decision": "confirm", "reason": "參與過計畫。"}


def joining(walk: Walk) -> dict:
    secret = "a long new password"
    return {"name": "新人", "affiliation": "東海大學", "password1": secret, "password2": secret}


def paragraph(walk: Walk) -> dict:
    return {
        "seen_version": walk.conclusion(SENT).version, "p": "0", "text-0": "改過的結論。",
        "cite-0": f"line|111/{SENT}/science", "do": "save",
    }  # fmt: skip


def unready(walk: Walk) -> dict:
    return {"seen_version": walk.conclusion(SENT).version, "do": "unready"}


def chosen(walk: Walk) -> dict:
    row = walk.conclusion(SENT)
    return {"conclusion": f"{row.pk}:{row.version}"}


def remark(walk: Walk) -> dict:
    return {"ministry": "alpha", "text": "請補充。", "seen_version": 0}


def reply_to_comment(walk: Walk) -> dict:
    return {"answer": "已補充。", "seen_version": walk.comment.version}


def calling(walk: Walk) -> dict:
    return {
        "title": "第2次會議", "place": "第一會議室", "chair": "主席", "items": "measure:1.1.1.1",
        "invite": "leads", **on_day("on"),
    }  # fmt: skip


def recorded(walk: Walk) -> dict:
    return {"seen_version": walk.meeting.version, "minutes": "改過的紀錄。"}


def cancelled(walk: Walk) -> dict:
    return {"seen_version": walk.meeting.version, "note": "改期。"}


def owed(walk: Walk) -> dict:
    return {
        "seen_version": walk.meeting.version, "text": "乙部提供場域。", "owner": walk.beta.pk,
        **on_day("due_on", 60),
    }  # fmt: skip


def told(walk: Walk) -> dict:
    return {
        "seen_version": walk.resolution.version, "text": "已辦。", "url": "https://example.test/x",
    }  # fmt: skip


def amended(walk: Walk) -> dict:
    return {
        "seen_version": walk.resolution.version, "text": "改由乙部。", "owner": walk.beta.pk,
        "note": "權責。", **on_day("due_on", 60),
    }  # fmt: skip


def resolved(walk: Walk) -> dict:
    return {"seen_version": walk.resolution.version, "note": "寫下的理由。"}


def filing(verb: str) -> Given:
    sent = {"step": "for_reference", "document_number": "字第1號", "addressee": "行政院"}

    def given(walk: Walk) -> dict:
        more = {"file": sent, "withdraw": {"reason": "數字有誤。"}}.get(verb, {})
        return seen(walk, verb=verb, edition=walk.edition.number, **on_day("on"), **more)

    return given


def answered(walk: Walk) -> dict:
    return {"number": "院臺科字第1號", **on_day("on")}


# --- cases ----------------------------------------------------------------------------------------
def pages(args: Args, *stations: str, label: str = "") -> tuple[Case, ...]:
    """A page at these stations; at the first of them it is asked whether it takes a POST too."""
    return tuple(
        Case(station, args, GET if place else BOTH, label=label)
        for place, station in enumerate(stations)
    )


def deed(
    args: Args, station: str, given: Given = lambda walk: {}, label: str = "", methods=POST
) -> Case:
    """Something done by a POST."""
    return Case(station, args, methods, given, label)


def moves(verb: str, station: str, methods=POST) -> Case:
    return deed(of_review(verb), station, noted, verb, methods)


def met(verb: str, station: str, given: Given, methods=POST) -> Case:
    return deed(lambda walk: [walk.meeting.pk, verb], station, given, verb, methods)


def owing(verb: str, station: str, given: Given, methods=POST) -> Case:
    return deed(lambda walk: [walk.resolution.pk, verb], station, given, verb, methods)


def link(token: str, label: str) -> Case:
    return deed(lambda walk: [walk.tokens[token]], ASSESSING, joining, label, BOTH)


def invited(verb: str, methods=POST) -> Case:
    def args(walk: Walk) -> list:
        return [walk.review.pk, walk.waiting.pk, verb]

    return deed(args, ASSESSING, label=verb, methods=methods)


def papers(subject: str) -> Args:
    return lambda walk: [getattr(walk, f"of_{subject}")]


def paper(subject: str, kind: str) -> Args:
    return lambda walk: [getattr(walk, f"of_{subject}"), kind]


def made(subject: str, kind: str, content: str = "0") -> Args:
    """A document made when it is first asked for; of other content it is another one."""
    return lambda walk: [walk.document(getattr(walk, f"of_{subject}"), kind, content).pk]


THE = of_review()
CASES: dict[str, tuple[Case, ...]] = {
    "review-list": pages(lambda walk: [], PREPARED, PUBLISHED),
    "review-create": (deed(lambda walk: [], PREPARED, new_review, methods=BOTH),),
    "review": pages(THE, PREPARED, ASSESSING, SYNTHESIS, COMMENTING, FILED, PUBLISHED),
    "review-compile": (
        deed(THE, PREPARED, methods=BOTH), deed(THE, ASSESSING), deed(THE, COMMENTING),
    ),
    "review-move": (
        moves("assess", PREPARED, BOTH), moves("synthesize", ASSESSING),
        moves("ask_comments", SYNTHESIS), moves("propose", COMMENTING),
        moves("approve", APPROVING), moves("send_back", APPROVING),
    ),
    "review-settings": (
        deed(THE, ASSESSING, settings, methods=BOTH), deed(THE, COMMENTING, methods=GET),
    ),
    "review-rules": (
        deed(THE, PREPARED, seen, methods=BOTH),
        *(deed(THE, station, methods=GET) for station in (ASSESSING, SYNTHESIS, COMMENTING)),
        deed(THE, PUBLISHED, seen, methods=BOTH),
    ),
    "review-edition": pages(of_edition, ASSESSING, SYNTHESIS, COMMENTING, PUBLISHED),
    "review-line": (
        *pages(line(SENT), ASSESSING, SYNTHESIS, COMMENTING, PUBLISHED, label="of-both"),
        *pages(line(DRAFT), ASSESSING, label="of-one"),
    ),
    "review-compare": pages(THE, PREPARED, SYNTHESIS, COMMENTING),
    "review-filing": (
        *(deed(THE, station, methods=GET) for station in (COMMENTING, PUBLISHED)),
        deed(THE, APPROVED, filing("file"), "file"),
        deed(THE, FILED, filing("publish"), "publish"),
        deed(THE, PUBLISHED, filing("withdraw"), "withdraw"),
    ),
    "review-acknowledge": (
        deed(lambda walk: [walk.review.pk, walk.filing.pk], FILED, answered, methods=BOTH),
    ),
    # --- experts
    "invitation": (link("guest", "valid"), link("seated", "used"), link("late", "expired")),
    "dossier": pages(lambda walk: [], PREPARED, ASSESSING),
    "review-experts": pages(THE, PREPARED, ASSESSING, COMMENTING),
    "review-invite": (
        deed(
            THE, ASSESSING, lambda walk: {**joining(walk), "email": "x@example.test"}, methods=BOTH
        ),
    ),
    "review-assign": (
        deed(
            THE, ASSESSING,
            lambda walk: {"seat": walk.seat("peer").pk, "scope": UNSENT}, methods=BOTH,
        ),
    ),
    "review-invitation": (invited("resend", BOTH), invited("revoke")),
    "review-seat": (
        deed(seat, ASSESSING, lambda walk: {"codes": [SENT, UNSENT]}, methods=BOTH),
    ),
    "review-seat-end": (
        deed(seat, ASSESSING, lambda walk: {"reason": "出國。"}, methods=BOTH),
    ),
    "review-recusal": (
        deed(
            lambda walk: [walk.review.pk, walk.recusal.pk], ASSESSING, decision, methods=BOTH
        ),
    ),
    "review-dossier": pages(THE, PREPARED, ASSESSING, COMMENTING, PUBLISHED),
    "review-declare": (deed(THE, ASSESSING, statement, methods=BOTH),),
    "review-opinions": pages(THE, ASSESSING, SYNTHESIS, COMMENTING),
    "opinions-send": (deed(THE, ASSESSING, methods=BOTH), deed(THE, SYNTHESIS)),
    "opinion": (
        deed(of_review(DRAFT), ASSESSING, written, "of-one", BOTH),
        deed(of_review(DRAFT), SYNTHESIS, written, "of-one"),
        deed(of_review(SENT), ASSESSING, label="of-both", methods=GET),
        deed(of_review(RECUSED), ASSESSING, label="recused", methods=GET),
    ),
    "opinion-recuse": (
        deed(of_review(DRAFT), ASSESSING, lambda walk: {"reason": "指導過。"}, methods=BOTH),
    ),
    "opinion-show": (
        *pages(opinion(DRAFT), SYNTHESIS, PUBLISHED, label="draft"),
        *pages(opinion(UNSENT), SYNTHESIS, COMMENTING, label="unsent"),
        *pages(opinion(SENT), SYNTHESIS, PUBLISHED, label="sent"),
    ),
    "opinion-reply": (
        deed(opinion(SENT), SYNTHESIS, lambda walk: {"text": "已改。"}, "sent", BOTH),
        deed(opinion(UNSENT), SYNTHESIS, lambda walk: {"text": "已改。"}, "unsent"),
        deed(opinion(DRAFT), SYNTHESIS, lambda walk: {"text": "已改。"}, "draft"),
    ),
    # --- synthesis
    "review-synthesis": pages(THE, ASSESSING, SYNTHESIS, COMMENTING, PUBLISHED),
    "review-synthesis-prefill": (deed(THE, SYNTHESIS, methods=BOTH), deed(THE, COMMENTING)),
    "review-synthesis-ready": (
        deed(THE, SYNTHESIS, chosen, methods=BOTH), deed(THE, COMMENTING, chosen),
    ),
    "review-comments": pages(THE, SYNTHESIS, COMMENTING),
    "review-comments-done": (
        deed(THE, COMMENTING, lambda walk: {"ministry": "alpha"}, methods=BOTH),
    ),
    "conclusion": pages(node(SENT), SYNTHESIS, COMMENTING, FILED, PUBLISHED),
    "conclusion-edit": (
        deed(node(SENT), SYNTHESIS, paragraph, methods=BOTH),
        deed(node(SENT), COMMENTING, paragraph, methods=BOTH),
        deed(node(SENT), PUBLISHED, paragraph, methods=GET),
    ),
    "conclusion-ready": (
        deed(node(SENT), SYNTHESIS, unready, methods=BOTH),
        deed(node(SENT), COMMENTING, unready),
    ),
    "conclusion-comment": (
        deed(node(SENT), SYNTHESIS, remark, methods=BOTH),
        deed(node(SENT), COMMENTING, remark),
        deed(node(SENT), PUBLISHED, remark),
    ),
    "conclusion-comment-answer": (
        deed(
            lambda walk: [*node(RECUSED)(walk), walk.comment.pk], COMMENTING, reply_to_comment,
            methods=BOTH,
        ),
    ),
    # --- coordination
    "review-coordination": (
        deed(THE, ASSESSING, calling, methods=BOTH),
        deed(THE, SYNTHESIS, methods=GET),
        deed(THE, COMMENTING, calling, methods=BOTH),
    ),
    "meeting": pages(lambda walk: [walk.meeting.pk], SYNTHESIS, COMMENTING),
    "meeting-move": (
        met("record", SYNTHESIS, recorded, BOTH), met("hold", SYNTHESIS, recorded),
        met("cancel", SYNTHESIS, cancelled), met("decide", COMMENTING, owed),
    ),
    **{
        name: pages(THE, SYNTHESIS, COMMENTING)
        for name in ("review-trace", "review-trace-csv", "review-trace-ods")
    },
    "resolution-list": pages(lambda walk: [], PREPARED, COMMENTING),
    "resolution": pages(lambda walk: [walk.resolution.pk], COMMENTING, PUBLISHED),
    "resolution-move": (
        owing("report", COMMENTING, told, BOTH), owing("amend", COMMENTING, amended),
        owing("agree", APPROVING, resolved), owing("send_back", APPROVING, resolved),
    ),
    "resolution-evidence": pages(lambda walk: [walk.done.pk], APPROVING),
    # --- documents
    "review-documents": pages(THE, PREPARED, COMMENTING),
    "documents": (
        deed(
            papers("edition"), COMMENTING, lambda walk: {"kind": "figures", "format": "ods"},
            "edition", BOTH,
        ),
        deed(papers("edition"), PUBLISHED, label="edition", methods=GET),
        deed(
            papers("seat"), ASSESSING, lambda walk: {"kind": "dossier", "format": "odt"}, "seat",
            BOTH,
        ),
    ),
    "document-page": (
        *pages(paper("edition", "main"), COMMENTING, PUBLISHED, label="main"),
        *pages(paper("edition", "trace"), COMMENTING, label="trace"),
        *pages(paper("seat", "dossier"), ASSESSING, label="dossier"),
    ),
    "document": (
        *pages(made("edition", "main"), COMMENTING, FILED, PUBLISHED, label="main"),
        *pages(made("edition", "main", "1"), PUBLISHED, label="main-of-the-filed"),
        *pages(made("edition", "annex"), PUBLISHED, label="annex"),
        *pages(made("edition", "trace"), PUBLISHED, label="trace"),
        *pages(made("seat", "dossier"), ASSESSING, PUBLISHED, label="dossier"),
    ),
}  # fmt: skip


# --- asking ---------------------------------------------------------------------------------------
def key_of(name: str, case: Case, method: str) -> str:
    return " ".join(filter(None, (name, case.label, str(case.station), method)))


def asked(walk: Walk, everybody: dict[str, Visitor], station: str) -> Iterator[tuple[str, str]]:
    """(`name label station METHOD`, the statuses in the order of ROLES)."""
    for name, cases in CASES.items():
        for case in cases:
            if case.station != station:
                continue
            url = reverse(name, args=case.args(walk))
            for method in case.methods:
                given = case.given(walk) if method == "POST" else {}
                key = key_of(name, case, method)
                yield key, answers(everybody.values(), Question(key, method, url, given))
