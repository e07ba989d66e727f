"""What documents can be made of: a subject's title, its kinds and formats, who may, its content.

A subject is text, as `reports.models.Document` keeps it; `source_of` finds what it names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from config.kit.verdicts import YES, Verdict, not_allowed
from ministries.models import Ministry, User
from plan.models import PlanVersion
from reports.canonical import digest_of_lines
from reports.documents import content, reading
from reports.documents.blocks import Content
from reports.documents.content import revision
from reports.documents.reading_trace import trace_of
from reports.enums import DocumentFormat, DocumentKind, RecusalState
from reports.models import Edition, Review, Seat
from reports.queries.reviews import current_edition
from reports.rules.experts import may_open_dossier
from tracking.models import ReportingYear

TEXT = (DocumentFormat.ODT, DocumentFormat.DOCX, DocumentFormat.PDF)
PAPER = (DocumentFormat.ODT, DocumentFormat.PDF)
Person = User | AnonymousUser


@dataclass(frozen=True)
class Source:
    """`kinds`: which documents there are, each with its formats and the function that makes its
    content. `owner` is the code of the ministry whose own paper it is. `stem` begins the names of
    files: ASCII of ours, never a person's words.
    """

    subject: str
    title: str
    stem: str
    verdict: Callable[[Person], Verdict]
    kinds: Mapping[str, tuple[tuple[str, ...], Callable[[], Content]]]
    owner: str = ""

    def content(self, kind: str, form: str) -> Content:
        """KeyError for a kind or a format that this subject doesn't have."""
        forms, make = self.kinds[kind]
        if form not in forms:
            raise KeyError(form)
        return make()


class NoSource(LookupError):
    """The subject names nothing that there is."""


def source_of(subject: str) -> Source:
    """The source of that name. Raises NoSource."""
    name, _colon, rest = subject.partition(":")
    make, pieces = SOURCES.get(name, (None, 0))
    parts = rest.split(":")
    if make is None or len(parts) != pieces:
        raise NoSource(subject)
    try:
        return make(subject, *parts)
    except (ValueError, ObjectDoesNotExist) as error:
        raise NoSource(subject) from error


# --- subjects -------------------------------------------------------------------------------------
def subject_of_edition(edition: Edition) -> str:
    return f"edition:{edition.pk}"


def subject_of_seat(seat: Seat) -> str:
    return f"seat:{seat.pk}"


def subject_of_year(year: ReportingYear) -> str:
    return f"collation:{year.plan.slug}:{year.year}"


def subject_of_filing(ministry: Ministry, year: ReportingYear) -> str:
    return f"filing:{year.plan.slug}:{ministry.code}:{year.year}"


def subject_of_version(version: PlanVersion) -> str:
    return f"version:{version.pk}"


def filing_of(source: Source) -> tuple[Ministry, ReportingYear] | None:
    """The ministry and the year of which the subject is the filing; None for other subjects."""
    name, _colon, rest = source.subject.partition(":")
    if name != "filing":
        return None
    slug, code, number = rest.split(":")
    year = ReportingYear.objects.select_related("plan").get(plan__slug=slug, year=int(number))
    return Ministry.objects.get(code=code), year


def review_of(source: Source) -> Review | None:
    """The review of which the subject is an edition; None for other subjects."""
    name, _colon, pk = source.subject.partition(":")
    if name != "edition":
        return None
    return Review.objects.select_related("plan").get(editions__pk=int(pk))


# --- sources --------------------------------------------------------------------------------------
def _edition(subject: str, pk: str) -> Source:
    edition = Edition.objects.select_related("review__plan").get(pk=int(pk))
    review = edition.review

    def made(make: Callable) -> Callable[[], Content]:
        return lambda: make(reading.of_edition(edition))

    return Source(
        subject,
        _("%(review)s第%(number)s版") % {"review": review.title, "number": edition.number},
        f"{review.plan.slug}-{review.kind}-{edition.number}",
        _science_staff,
        {
            DocumentKind.MAIN: (TEXT, made(content.main_volume)),
            DocumentKind.ANNEX: (TEXT, made(content.annex)),
            DocumentKind.FIGURES: ((DocumentFormat.ODS,), made(content.figures)),
            DocumentKind.TRACE: ((DocumentFormat.ODS, *TEXT), lambda: trace_of(edition)),
        },
    )


def _seat(subject: str, pk: str) -> Source:
    seat = Seat.objects.select_related("review__plan", "user").get(pk=int(pk))

    def dossier() -> Content:
        edition = current_edition(seat.review)
        if edition is None:
            raise NoSource(subject)
        expert = {"name": seat.user.name, "affiliation": seat.affiliation}
        recused = seat.recusals.filter(state=RecusalState.CONFIRMED).values("measure_code")
        items = seat.items.exclude(measure_code__in=recused)
        codes = list(items.values_list("measure_code", flat=True))
        return content.dossier(reading.of_edition(edition), expert, codes)

    def verdict(user: Person) -> Verdict:
        return YES if may_open_dossier(seat, user) else _science_staff(user)

    return Source(
        subject,
        _("%(review)s：%(expert)s的卷宗") % {"review": seat.review.title, "expert": seat.user},
        f"{seat.review.plan.slug}-{seat.review.kind}-dossier-{seat.pk}",
        verdict,
        {DocumentKind.DOSSIER: (TEXT, dossier)},
    )


def _year(subject: str, slug: str, number: str) -> Source:
    year = ReportingYear.objects.select_related("plan").get(plan__slug=slug, year=int(number))
    return Source(
        subject,
        _("%(year)s年度執行情形彙整") % {"year": year.year},
        f"{slug}-{year.year}",
        _science_staff,
        {
            DocumentKind.COLLATION: (TEXT, lambda: content.collation(reading.of_year(year))),
            DocumentKind.FIGURES: (
                (DocumentFormat.ODS,),
                lambda: content.figures(reading.of_year(year)),
            ),
        },
    )


def _filing(subject: str, slug: str, code: str, number: str) -> Source:
    year = ReportingYear.objects.select_related("plan").get(plan__slug=slug, year=int(number))
    ministry = Ministry.objects.get(code=code)

    def paper() -> Content:
        lines = reading.of_filing(ministry, year)
        return content.filing(
            plan=year.plan.name,
            ministry=lines[0].content["ministry"]["full_name"] if lines else ministry.full_name,
            year=year.year,
            day=reading.filing_day(year, ministry),
            digest=digest_of_lines((line.key, line.digest) for line in lines),
            lines=lines,
        )

    def verdict(user: Person) -> Verdict:
        if user.is_authenticated and ministry.pk in user.ministry_ids:
            return YES
        return not_allowed(
            _("%(ministry)s的填報文件只有%(ministry)s的人可以看。")
            % {"ministry": ministry.short_name}
        )

    return Source(
        subject,
        _("%(ministry)s%(year)s年度填報") % {"ministry": ministry.short_name, "year": year.year},
        f"{slug}-{code}-{year.year}",
        verdict,
        {DocumentKind.FILING: (PAPER, paper)},
        owner=code,
    )


def _version(subject: str, pk: str) -> Source:
    version = PlanVersion.objects.select_related("plan", "based_on").get(pk=int(pk))
    cover, day = reading.version_cover(version), reading.version_day(version)

    def redline() -> Content:
        return revision.redline(cover, version.plan.name, day, reading.of_redline(version))

    def vision() -> Content:
        return revision.vision_paper(cover, version.plan.name, day, reading.of_vision(version))

    def verdict(user: Person) -> Verdict:
        if user.is_authenticated and PlanVersion.objects.visible_to(user).filter(pk=version.pk):
            return YES
        return not_allowed(_("這個版本還沒有公開。"))

    return Source(
        subject,
        _("%(plan)s第%(number)s版") % {"plan": version.plan.name, "number": version.number},
        f"{version.plan.slug}-version-{version.number}",
        verdict,
        {
            DocumentKind.REDLINE: (TEXT, redline),
            DocumentKind.VISION: (TEXT, vision),
        },
    )


# How each is made, and of how many pieces its name consists.
SOURCES: Mapping[str, tuple[Callable[..., Source], int]] = {
    "edition": (_edition, 1),
    "seat": (_seat, 1),
    "collation": (_year, 2),
    "filing": (_filing, 3),
    "version": (_version, 1),
}


def _science_staff(user: Person) -> Verdict:
    if user.is_authenticated and user.is_science_staff:
        return YES
    return not_allowed(_("這份文件由審查人與彙整人製作。"))
