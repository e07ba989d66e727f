"""A button as pages draw it and the API lists it."""

from dataclasses import dataclass

from tracking.enums import ResolutionVerb, Verb, YearVerb


@dataclass(frozen=True, slots=True)
class Move:
    """One button: what it does, whether it can be pressed, why not, and whether it asks why."""

    verb: Verb | YearVerb | ResolutionVerb
    label: str
    ok: bool
    reason: str
    note: bool = False
