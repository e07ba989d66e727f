"""What a page's numbers were read from: live rows, or one edition of a review.

`?source=3-2` asks for edition 2 of the review with the number 3 (both as in the address of that
edition, and never given to another); without it a page is live. Who may choose which edition, the
review itself says (`Edition.objects.visible_to`): one that is out of sight, that is of another plan
or that there is none of answers 404. An edition never shows a year of which the reader may not see
the live lights either.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kit import roc
from config.kit.fragments import query
from config.kit.prepared import prepared
from plan.enums import VersionState
from plan.models import PlanVersion
from reports.enums import Audience
from reports.models import Edition as FrozenEdition
from reports.models import Review
from reports.pages.frozen import Frozen
from reports.rules.reviews import may_see_numbers
from tracking import standing
from tracking.edition import Edition
from tracking.models import ReportingYear
from tracking.standing import Filing, Lights

PARAMETER = "source"
LIVE = "live"
CHOOSING = "choose"
# What an address keeps when another source is chosen, is all but these.
_DROPPED = (PARAMETER, CHOOSING, "version", "format", "part")


class Choice(NamedTuple):
    """An edition that this person may choose."""

    review: Review
    pk: int
    number: int
    digest: str
    frozen_at: datetime

    @property
    def key(self) -> str:
        return f"{self.review.pk}-{self.number}"

    @property
    def name(self) -> str:
        return _("%(title)s第%(number)s版") % {"title": self.review.title, "number": self.number}


class Source:
    """Live rows, until a subclass says otherwise.

    live     whether these are the rows of this moment
    edition  plan, version and year that the page is about; of an edition as they were frozen
    whole    whether filing is known of every ministry
    outside  the ROC year that was asked for and that the edition does not span
    mark     what a CSV says in its column `source`: `live`, or key and digest of the edition
    offers   whether the page lists the editions to choose from, or only leads to the list: for
             pages that have no query to spare
    """

    live = True
    key = ""
    mark = LIVE
    outside: int | None = None
    offers = True

    def __init__(self, request: HttpRequest, edition: Edition) -> None:
        self._request, self.user = request, request.user
        self.edition = edition
        self.now = timezone.now()

    @property
    def words(self) -> str:
        """What stands on every chart."""
        return _("即時資料，%(at)s") % {"at": _minute(self.now)}

    @property
    def whole(self) -> bool:
        return standing.sees_all_filing(self.user)

    def lights(self, years: Sequence[ReportingYear]) -> dict[int, Lights]:
        """As `standing.lights_of_years`: {year id: {lineage: MeasureLight}}."""
        return standing.lights_of_years(years, self.user)

    def filing(self, year: ReportingYear, today: date) -> dict[int, Filing] | dict[str, Filing]:
        """Filing by what `MeasureLight.decided_by` names: the id of a ministry; of an edition, its
        code.
        """
        return standing.filing_by_ministry(year, self.user, today)

    @property
    def parameters(self) -> dict[str, str]:
        """What every link of the page carries on; nothing while it is live."""
        return {}

    @property
    def more(self) -> str:
        """`parameters` as what follows `?year=110` in an address."""
        return query(**self.parameters).replace("?", "&")

    @cached_property
    def choices(self) -> list[Choice]:
        """Editions that this person may choose, newest review first. One query."""
        return _choices(self.edition.plan.pk, self.user)

    @property
    def links(self) -> list[tuple[str, list[tuple[Choice, str, bool]]]]:
        """For the chooser: title of a review → (edition, address, whether it is this one)."""
        found: dict[int, tuple[str, list]] = {}
        for one in self.choices:
            _title, listed = found.setdefault(one.review.pk, (one.review.title, []))
            listed.append((one, self._address(one.key), one.key == self.key))
        return list(found.values())

    @property
    def live_url(self) -> str:
        return self._address("")

    @property
    def choose_url(self) -> str:
        """This page with the list of editions."""
        return self._address("", **{CHOOSING: 1})

    def _address(self, key: str, **more: object) -> str:
        """This page with its filters, from another source."""
        kept = {
            name: values
            for name, values in self._request.GET.lists()
            if name not in _DROPPED and any(values)
        }
        if key and not self.edition.default:
            kept["plan"] = [self.edition.plan.slug]
        return query(**kept, **more, **{PARAMETER: key}) or self._request.path


class FrozenSource(Source):
    """One edition. `frozen` reads its head and lines, two queries, and no live row."""

    live = False

    def __init__(self, request: HttpRequest, edition: Edition, choice: Choice) -> None:
        self.choice = choice
        self.key = choice.key
        self.mark = f"{choice.key} {choice.digest}"
        self.frozen = Frozen(choice.pk)
        if request.GET.get("version", "") not in ("", str(self.frozen.head["version"]["number"])):
            raise Http404
        asked = edition.year.year if edition.year else edition.hidden
        if request.GET.get("year") and asked not in self.frozen.years:
            self.outside = asked
        super().__init__(request, self._narrowed(edition))

    @property
    def words(self) -> str:
        return _("%(name)s，凍結於%(day)s，摘要碼%(digest)s…") % {
            "name": self.choice.name,
            "day": roc.format_date(timezone.localdate(self.choice.frozen_at)),
            "digest": self.choice.digest[:8],
        }

    @cached_property
    def whole(self) -> bool:
        return may_see_numbers(self.choice.review, self.user)

    @property
    def parameters(self) -> dict[str, str]:
        plan = {} if self.edition.default else {"plan": self.edition.plan.slug}
        return {**plan, PARAMETER: self.key}

    def lights(self, years: Sequence[ReportingYear]) -> dict[int, Lights]:
        return {year.pk: self.frozen.lights(year.year) for year in years if self._spans(year)}

    def filing(self, year: ReportingYear, today: date) -> dict[str, Filing]:
        return self.frozen.filing(year.year, whole=self.whole) if self._spans(year) else {}

    def line_url(self, code: str) -> str:
        """Where the measure's frozen line of the year shown is read; "" for those who may not, and
        where it has none.
        """
        year = self.edition.year.year if self.edition.year else 0
        place = self.frozen.place(year, code) if self.whole else None
        if place is None:
            return ""
        return reverse("review-line", args=[self.choice.review.pk, self.choice.number, place])

    def _spans(self, year: ReportingYear) -> bool:
        return year in self.edition.years

    def _narrowed(self, edition: Edition) -> Edition:
        """Version as it was frozen; of the years that may be seen, those that the edition spans."""
        told = self.frozen.head["version"]
        row = next((one for one in edition.versions if one.number == told["number"]), None)
        version = PlanVersion(
            pk=row.pk if row else None,
            plan=edition.plan,
            number=told["number"],
            title=told["title"],
            level_names=told["level_names"],
            state=row.state if row else VersionState.DRAFT,
            approved_on=row.approved_on if row else None,
        )
        years = tuple(year for year in edition.years if year.year in self.frozen.years)
        year, hidden = edition.year, edition.hidden
        if self.outside is not None:
            year = hidden = None
        elif year not in years and years and hidden is None:
            year = years[-1]
        last = next((one for one in years if year and one.year == year.year - 1), None)
        return replace(edition, version=version, years=years, year=year, last=last, hidden=hidden)


def source_of(request: HttpRequest, edition: Edition, *, offers: bool = True) -> Source:
    """What the address asks for. Live asks nothing before its parts are asked for; without `offers`
    it lists the editions only where the address asks for the list.

    Raises Http404 for an edition that this person may not choose for this plan.
    """
    key = request.GET.get(PARAMETER, "")
    if not key:
        source = Source(request, edition)
        source.offers = offers or CHOOSING in request.GET
        return source
    found = _choices(edition.plan.pk, request.user)
    choice = next((one for one in found if one.key == key), None)
    if choice is None:
        raise Http404
    source = FrozenSource(request, edition, choice)
    source.choices = found
    return source


def _choices(plan: int, user) -> list[Choice]:
    audience = Audience.of(user)
    day = () if audience == Audience.STAFF else (timezone.localdate(),)
    return [
        Choice(Review(pk=review, title=title, state=state), pk, number, digest, frozen_at)
        for pk, number, digest, frozen_at, review, title, state in _EDITIONS[audience](plan, *day)
    ]


def _editions_for(audience: Audience):
    """The editions of a plan that this audience may choose, given the day where it counts."""

    def editions(plan: int, today: date = date.max) -> QuerySet:
        return (
            FrozenEdition.objects.for_audience(audience, today)
            .filter(review__plan=plan)
            .order_by("-review__last_year", "-review_id", "-number")
            .values_list(
                *("pk", "number", "digest", "created_at"),
                *("review_id", "review__title", "review__state"),
            )
        )

    return prepared(editions)


_EDITIONS = {audience: _editions_for(audience) for audience in Audience}


def _minute(moment: datetime) -> str:
    at = timezone.localtime(moment)
    return f"{roc.format_date(at.date())} {at:%H:%M}"
