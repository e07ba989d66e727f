"""What people said of a review, as one plain value: collected from the rows, and read back.

It holds everything that a volume tells beside an edition's own head, rules, standing and lines.
When the review is approved the value is copied into `Edition.closing`; from then on the volumes of
that edition read the copy, and no live row. Shape (JSON, dates as ISO text):

title, kind   of the review
criteria      [{"key", "name"}]
conclusions   [{"level", "code", "ready_by", "paragraphs": [{"text", "lines": [keys],
              "opinions": [marks], "nodes": [[level, code]]}]}]
comments      [{"level", "code", "ministry", "text", "answer"}]
opinions      measure code → [{"mark", "expert", "scores", "text", "outdated", "replies":
              [{"ministry", "text"}]}]
experts       [{"label", "name", "affiliation"}]
meetings      [{"title", "on", "chair", "present", "minutes", "items", "resolutions"}]
"""

from collections import defaultdict

from django.utils.translation import override

from reports.canonical import digest, digest_of_lines
from reports.compare import bases
from reports.enums import ReviewKind
from reports.models import (
    Citation,
    Comment,
    Conclusion,
    Edition,
    Opinion,
    Paragraph,
    Review,
    Seat,
)
from reports.queries.meetings import meetings_of

# Documents are in Chinese, whoever approves.
LANGUAGE = "zh-hant"


def of_edition(edition: Edition) -> dict:
    """The copy that was made at approval, else what the rows say now."""
    return edition.closing if edition.closing is not None else collect(edition)


def content_digest(edition: Edition) -> str:
    """SHA-256 over what goes out: the inputs' digest and what people said of them."""
    return digest({"edition": edition.digest, "closing": edition.closing})


def is_intact(edition: Edition) -> bool:
    """Whether head, rules and every line still are what the edition's digest was taken over."""
    lines = list(edition.lines.order_by("ordinal"))
    if any(digest(line.content) != line.digest for line in lines):
        return False
    keys = digest_of_lines((line.key, line.digest) for line in lines)
    return edition.digest == digest({"head": edition.head, "rules": edition.rules, "lines": keys})


def collect(edition: Edition) -> dict:
    """What the rows say now, for this edition."""
    review = edition.review
    labels = _labels(review)
    with override(LANGUAGE):
        kind = str(ReviewKind(review.kind).label)
    return {
        "title": review.title,
        "kind": kind,
        "criteria": review.criteria,
        "conclusions": conclusions(review, labels),
        "comments": _comments(review),
        "opinions": _opinions(edition, labels),
        "experts": [
            {"label": label, "name": seat.user.name, "affiliation": seat.affiliation}
            for seat, label in labels.items()
        ],
        "meetings": meetings_of(review),
    }


def _labels(review: Review) -> dict[Seat, str]:
    """Experts by the order in which they took their seats."""
    seats = Seat.objects.filter(review=review).select_related("user").order_by("pk")
    return {seat: f"專家{place}" for place, seat in enumerate(seats, start=1)}


def _mark(opinion: Opinion, labels: dict[Seat, str]) -> str:
    return f"{opinion.measure_code}{labels[opinion.seat]}"


def conclusions(review: Review, labels: dict[Seat, str] | None = None) -> list[dict]:
    """Those with a text, in the order of the tree."""
    labels = _labels(review) if labels is None else labels
    told: dict[int, list[dict]] = defaultdict(list)
    for paragraph in _paragraphs(review, labels):
        told[paragraph.pop("conclusion")].append(paragraph)
    rows = Conclusion.objects.filter(review=review).order_by("ordinal")
    return [
        {"level": level, "code": code, "ready_by": name or "", "paragraphs": told[pk]}
        for pk, level, code, name in rows.values_list("pk", "level", "code", "ready_by__name")
    ]


def _paragraphs(review: Review, labels: dict[Seat, str]) -> list[dict]:
    """Of all conclusions in two flat reads: the lines cited are wide, and only their keys told."""
    names = {seat.pk: label for seat, label in labels.items()}
    found = {
        pk: {"conclusion": conclusion, "text": text, "lines": [], "opinions": [], "nodes": []}
        for pk, conclusion, text in Paragraph.objects.filter(conclusion__review=review)
        .order_by("conclusion", "ordinal")
        .values_list("pk", "conclusion_id", "text")
    }
    cited = Citation.objects.filter(paragraph__conclusion__review=review).order_by("pk")
    for pk, key, code, seat, level, node in cited.values_list(
        "paragraph_id",
        "line__key",
        "opinion__measure_code",
        "opinion__seat_id",
        "node__level",
        "node__code",
    ):
        paragraph = found[pk]
        if key is not None:
            paragraph["lines"].append(key)
        elif seat is not None:
            paragraph["opinions"].append(f"{code}{names[seat]}")
        else:
            paragraph["nodes"].append([level, node])
    for paragraph in found.values():
        for name in ("lines", "opinions", "nodes"):
            paragraph[name].sort()
    return list(found.values())


def _comments(review: Review) -> list[dict]:
    rows = Comment.objects.filter(conclusion__review=review).select_related(
        "conclusion", "ministry"
    )
    return [
        {
            "level": row.conclusion.level,
            "code": row.conclusion.code,
            "ministry": row.ministry.short_name,
            "text": row.text,
            "answer": row.answer,
        }
        for row in rows.order_by("conclusion__ordinal", "ministry__code", "at")
    ]


def _opinions(edition: Edition, labels: dict[Seat, str]) -> dict[str, list[dict]]:
    """Opinions that were handed in; a draft is its author's alone.

    One that rests on other lines than this edition's says so.
    """
    now = bases(edition)
    found: dict[str, list[dict]] = defaultdict(list)
    rows = Opinion.objects.filter(seat__in=labels, submitted_at__isnull=False).select_related(
        "seat"
    )
    for row in rows.prefetch_related("replies__ministry").order_by("measure_code", "seat_id"):
        found[row.measure_code].append(
            {
                "mark": _mark(row, labels),
                "expert": labels[row.seat],
                "scores": row.scores,
                "text": row.text,
                "outdated": row.basis != now.get(row.measure_code),
                "replies": [
                    {"ministry": reply.ministry.short_name, "text": reply.text}
                    for reply in row.replies.all()
                ],
            }
        )
    return dict(found)
