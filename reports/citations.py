"""What a paragraph rests on, as people read it: a label, and the page that a click opens.

A `token` names it in forms: `line|111/3.3.1.2/moea`, `opinion|12`, `node|measure|3.3.1.2`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from reports.enums import LineKind
from reports.models import Citation, CitationFlag, Conclusion, Opinion, Review, Seat, SnapshotLine
from reports.queries.synthesis import Node
from reports.rules import reviews as rules
from tracking.enums import FilingState, Light

PLAN = "plan"  # stands for the plan's empty code in addresses


@dataclass(frozen=True, slots=True)
class Cite:
    """One thing cited. `short` is its label without its name; `url` is empty where the reader may
    not open it; `note` says more of it.
    """

    token: str
    label: str
    short: str
    url: str
    note: str = ""
    flag: str = ""
    picked: bool = False

    @property
    def flag_word(self) -> str:
        return str(CitationFlag(self.flag).label) if self.flag else ""


def conclusion_url(review_id: int, level: str, code: str, name: str = "conclusion") -> str:
    return reverse(name, args=[review_id, level, code or PLAN])


class Cites:
    """Citations of one review for one reader, on the page of the measure `own` or of none."""

    def __init__(self, review: Review, user, names: Mapping[Node, str], own: str = "") -> None:
        self.review, self.user, self.names, self.own = review, user, names, own

    @cached_property
    def _open_lines(self) -> bool:
        return rules.may_see_numbers(self.review, self.user)

    @cached_property
    def _open_opinions(self) -> frozenset[int]:
        rows = Opinion.objects.visible_to(self.user).filter(seat__review=self.review)
        return frozenset(rows.values_list("pk", flat=True))

    @cached_property
    def _experts(self) -> dict[int, int]:
        """Experts are numbered in the order in which they took their seats, as in documents."""
        seats = Seat.objects.filter(review=self.review).order_by("pk").values_list("pk", flat=True)
        return {pk: place for place, pk in enumerate(seats, start=1)}

    def line(self, line: SnapshotLine) -> Cite:
        content = line.content
        url = ""
        if self._open_lines:
            number = line.edition.number
            url = reverse("review-line", args=[self.review.pk, number, line.ordinal])
        values = {"year": line.year, "ministry": content["ministry"]["short_name"]}
        label = self._with_code(_("%(year)s年度%(ministry)s") % values, line.measure_code)
        return Cite(
            token=f"line|{line.key}",
            label=label,
            short=label,
            url=url,
            note=_what(line),
        )

    def opinion(self, opinion: Opinion) -> Cite:
        shown = opinion.pk in self._open_opinions
        told = _("專家%(place)s的意見") % {"place": self._experts[opinion.seat_id]}
        label = self._with_code(told, opinion.measure_code)
        return Cite(
            token=f"opinion|{opinion.pk}",
            label=label,
            short=label,
            url=reverse("opinion-show", args=[opinion.pk]) if shown else "",
        )

    def node(self, level: str, code: str) -> Cite:
        name = self.names.get((level, code), "")
        return Cite(
            token=f"node|{level}|{code}",
            label=" ".join(filter(None, [code, name])),
            short=code or name,
            url=conclusion_url(self.review.pk, level, code),
        )

    def _with_code(self, told: str, code: str) -> str:
        return told if code == self.own else f"{told} {code}"

    def of(self, citation: Citation) -> Cite:
        if citation.line is not None:
            found = self.line(citation.line)
        elif citation.opinion is not None:
            found = self.opinion(citation.opinion)
        else:
            found = self.node(citation.node.level, citation.node.code)
        return replace(found, flag=citation.flag, picked=True)

    def told(self, conclusion: Conclusion) -> list[tuple[str, list[Cite]]]:
        """Paragraphs of a conclusion with what each rests on."""
        rows = conclusion.paragraphs.prefetch_related(
            "citations__line__edition", "citations__opinion", "citations__node"
        )
        return [(row.text, [self.of(one) for one in row.citations.all()]) for row in rows]


def parsed(tokens: Iterable[str]) -> dict[str, list]:
    """Tokens as `save_conclusion` takes them; what is no token is taken for a line's key, and
    refused there.
    """
    found: dict[str, list] = {"lines": [], "opinions": [], "nodes": []}
    for token in tokens:
        kind, _bar, rest = token.partition("|")
        if kind == "opinion" and rest.isdecimal():
            found["opinions"].append(int(rest))
        elif kind == "node" and "|" in rest:
            level, _bar, code = rest.partition("|")
            found["nodes"].append((level, code))
        else:
            found["lines"].append(rest if kind == "line" else token)
    return found


def _what(line: SnapshotLine) -> str:
    content = line.content
    if line.kind == LineKind.GAP:
        return str(FilingState(content["state"]).label)
    if content["nothing_to_report"]:
        return _("無事項")
    return str(Light(content["light"]).label) if content["light"] else ""
