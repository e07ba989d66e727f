"""Filing of one year by ministry: what is accepted, waits, is owed, and what is not told."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.kit.templatetags.kit import state_word
from reports.figures.bars import bar, counts_axis, short_rows

# State → shape, colour, what is written on it; what needs somebody first.
_LOOKS = {
    "overdue": ("!", "--alert", "--on-alert"),
    "returned": ("↩", "--behind-f", "--behind-g"),
    "waiting": ("…", "--accent", "--on-accent"),
    "not_due": ("○", "--ground", "--ink-2"),
    "accepted": ("✓", "--wash-2", "--ink"),
    "nothing_to_report": ("∅", "--wash-2", "--ink"),
    "not_applicable": ("×", "--ground", "--ink-2"),
}


class Filed(NamedTuple):
    """A ministry's reports of one year: `duties` in all, `states` as far as they are told."""

    name: str
    duties: int
    states: Mapping[str, int]

    @property
    def untold(self) -> int:
        return self.duties - sum(self.states.values())


def key(rows: Sequence[Filed]) -> str:
    """What the shapes mean, of the states that occur."""
    return "　".join(
        f"{shape}{state_word(state)}"
        for state, (shape, _color, _ink) in _LOOKS.items()
        if any(row.states.get(state) for row in rows)
    )


def by_ministry(rows: Sequence[Filed]) -> dict:
    """`{"data", "layout"}`: a stacked bar for each ministry, one unit a report."""
    names = [row.name for row in rows]
    data = []
    for state, (shape, color, ink) in _LOOKS.items():
        numbers = [row.states.get(state) or None for row in rows]
        if any(numbers):
            words = [f"{shape}{number}" if number else "" for number in numbers]
            edge = "--ink-3" if color == "--ground" else "--ground"
            data.append(
                bar(
                    state_word(state),
                    names,
                    numbers,
                    color,
                    words=words,
                    ink=ink,
                    edge=edge,
                    unit=_("件"),
                )
            )
    untold = [row.untold or None for row in rows]
    if any(untold):
        hidden = bar(
            _("不公開"), names, untold, "--ground", ink="--rule-2", edge="--rule-2", pattern="."
        )
        data.append(hidden)
    return {
        "data": data,
        "layout": short_rows(
            names,
            barmode="stack",
            xaxis=counts_axis(_("件")),
            uniformtext={"mode": "hide", "minsize": 11},
        ),
    }
