"""`manage.py compile_review PLAN --kind final --out DIR`: compile a review without the pages."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.kit.errors import NotNow
from ministries import audit
from plan.models import Plan
from reports.actions.compile import compile_review
from reports.actions.documents import make_document
from reports.canonical import canonical
from reports.documents.sources import source_of, subject_of_edition
from reports.enums import DocumentFormat, ReviewKind
from reports.models import Edition, Review

BY = "system:compile_review"
# A mid-term review looks at the first half of the plan's years, a final one at all of them.
KINDS = (ReviewKind.MIDTERM, ReviewKind.FINAL)


class Command(BaseCommand):
    help = (
        "Compile the mid-term or final review of a plan as it stands now, print the edition's "
        "number and digest, and write the edition (JSON) and its documents into a folder. The "
        "same inputs and rules are the same edition; a review that does not exist yet is made."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("plan", help="slug of the plan, such as nstp-110-113")
        parser.add_argument("--kind", required=True, choices=[kind.value for kind in KINDS])
        parser.add_argument(
            "--format",
            type=_formats,
            default=[],
            metavar=",".join(DocumentFormat.values),
            help="documents to make as well, separated by commas",
        )
        parser.add_argument("--out", type=Path, metavar="DIR", help="folder for what is made")

    def handle(self, *, plan, kind, format, out, **options) -> None:
        if format and not out:
            raise CommandError("--format needs --out, a folder for the documents.")
        review = _review(plan, ReviewKind(kind))
        try:
            edition = compile_review(review.pk, by=BY)
        except NotNow as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{review.title} 第{edition.number}版 edition {edition.number}")
        self.stdout.write(edition.digest)
        if out is None:
            return
        out.mkdir(parents=True, exist_ok=True)
        written = [_write_edition(edition, out / f"{_stem(edition)}.json")]
        for form in format:
            written += _write_documents(edition, form, out)
        audit.record("export.take", edition, by=BY, after={"files": [one.name for one in written]})
        self.stdout.write("\n".join(str(one) for one in written))


def _formats(text: str) -> list[DocumentFormat]:
    """Formats by name, each once, in the order given."""
    names = list(dict.fromkeys(text.split(",")))
    if not set(names) <= set(DocumentFormat.values):
        raise ArgumentTypeError(f"{text}: give {', '.join(DocumentFormat.values)}")
    return [DocumentFormat(name) for name in names]


@transaction.atomic
def _review(slug: str, kind: ReviewKind) -> Review:
    """The plan's review of that kind, made with the usual years and rules where there is none."""
    plan = Plan.objects.select_for_update().filter(slug=slug).first()
    if plan is None:
        known = ", ".join(Plan.objects.values_list("slug", flat=True)) or "none"
        raise CommandError(f"No plan {slug}. There are: {known}.")
    if not plan.versions.exists():
        raise CommandError(f"The plan {slug} has no version: run load_plan first.")
    if found := plan.reviews.filter(kind=kind).first():
        return found
    years = list(plan.years)
    review = Review.objects.create(
        plan=plan,
        kind=kind,
        title=f"{plan.name}{kind.label}",
        first_year=years[0],
        last_year=years[(len(years) - 1) // 2] if kind is ReviewKind.MIDTERM else years[-1],
    )
    audit.record("review.create", review, by=BY, after={"kind": kind.value})
    return review


def _stem(edition: Edition) -> str:
    review = edition.review
    return f"{review.plan.slug}-{review.kind}-{edition.number}"


def _write_documents(edition: Edition, form: DocumentFormat, out: Path) -> Iterator[Path]:
    """Every kind of document that an edition has in that format."""
    subject = subject_of_edition(edition)
    for kind, (forms, _content) in source_of(subject).kinds.items():
        if form in forms:
            document = make_document(subject, kind, form, by=BY)
            path = out / document.name
            with document.file.open("rb") as made:
                path.write_bytes(made.read())
            yield path


def _write_edition(edition: Edition, path: Path) -> Path:
    """Everything that the edition holds, in canonical JSON, a line at a time."""
    with path.open("w", encoding="utf-8") as file:
        for name in ("number", "digest", "head", "rules", "standing"):
            file.write(f'{"," if name != "number" else "{"}"{name}":')
            file.write(canonical(getattr(edition, name)))
        file.write(',"lines":[\n')
        rows = edition.lines.order_by("ordinal").values("key", "kind", "digest", "content")
        for number, row in enumerate(rows.iterator(chunk_size=500)):
            file.write((",\n" if number else "") + canonical(row))
        file.write("\n]}\n")
    return path
