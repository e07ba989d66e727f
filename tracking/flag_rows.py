"""The plain rows that the flags of a review are made from, and what a flag is. No ORM."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from tracking.enums import Light, Part


class Said(NamedTuple):
    """One of the things on which a flag rests: whose or when, and what."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Flag:
    """`place` names the field, indicator or money line in its part; `report` is the id of another
    report that holds the second text, `code` its measure.
    """

    rule: str
    part: Part
    text: str
    basis: tuple[Said, ...] = ()
    place: str = ""
    report: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Settings, in per cent. `bands`: light → the lowest attainment that fits it."""

    same: int = 90
    trend: int = 50
    bands: Mapping[str, int] = field(
        default_factory=lambda: {
            Light.DONE.value: 100,
            Light.AHEAD.value: 100,
            Light.ON_TRACK.value: 80,
            Light.BEHIND.value: 40,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One indicator. `attainment` in per cent, None where unknown; `history` is the actual of each
    earlier year that has one, None of an indicator for which a trend means nothing.
    """

    name: str
    actual: Decimal | None
    attainment: Decimal | None = None
    history: tuple[tuple[int, Decimal], ...] = ()
    target_was: str = ""
    target_is: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One source of money in 千元."""

    source: str
    allocated: int
    spent: int | None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A text of the same ministry's report on another measure in the same year."""

    report: int
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year of a report as the rules below want it; `texts` by the name of their field."""

    year: int
    light: str = ""
    completion: int | None = None
    nothing_to_report: bool = False
    due_on: str = ""
    filed_on: str = ""
    late: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    measured: tuple[Measured, ...] = ()
    money: tuple[Spent, ...] = ()
    evidence: int = 0

    @property
    def label(self) -> str:
        return _("%(year)s年") % {"year": self.year}
