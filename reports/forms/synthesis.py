"""The paragraphs of a conclusion as they are typed: what a browser posts, laid out anew or saved.

`p` names the paragraphs in their order; those of name i come as text-i, was-i (the ordinal that a
stored one had), cite-i (tokens of `reports.citations`), more-i (keys that were typed) and seen-i.
"""

from dataclasses import dataclass, field

from django.http import QueryDict

from reports.citations import Cite, parsed
from tracking.views.glyphs import lacking

# More paragraphs than any conclusion needs.
MOST = 40


@dataclass
class Draft:
    """One paragraph as it is being written. `picked` are tokens of what it cites, `more` keys that
    were typed; `seen`: the writer has looked at what changed.
    """

    text: str = ""
    was: int | None = None
    picked: list[str] = field(default_factory=list)
    more: str = ""
    seen: bool = False
    errors: list[str] = field(default_factory=list)
    flags: dict[str, Cite] = field(default_factory=dict)
    options: list[Cite] = field(default_factory=list)

    @property
    def lacking(self) -> str:
        return lacking(self.text)

    def told(self) -> dict:
        """As `save_conclusion` takes it."""
        tokens = [*self.picked, *self.more.split()]
        return {"text": self.text, "was": self.was, "seen": self.seen, **parsed(tokens)}

    @property
    def chosen(self) -> list[Cite]:
        return [one for one in self.options if one.picked]


def posted(post: QueryDict) -> list[Draft]:
    drafts = []
    for name in post.getlist("p")[:MOST]:
        was = post.get(f"was-{name}", "")
        drafts.append(
            Draft(
                text=post.get(f"text-{name}", ""),
                was=int(was) if was.isdecimal() else None,
                # PostgreSQL can't even be asked for a key with NUL.
                picked=[token.replace("\0", "") for token in post.getlist(f"cite-{name}")],
                more=post.get(f"more-{name}", ""),
                seen=f"seen-{name}" in post,
            )
        )
    return drafts


def laid_out(drafts: list[Draft], do: str) -> list[Draft]:
    """The paragraphs after add, up:n, down:n or drop:n; n counts from 1."""
    verb, _colon, number = do.partition(":")
    place = int(number) - 1 if number.isdecimal() else -1
    if verb == "add" and len(drafts) < MOST:
        return [*drafts, Draft()]
    if not 0 <= place < len(drafts):
        return drafts or [Draft()]
    moved = drafts.pop(place)
    if verb == "up":
        drafts.insert(max(place - 1, 0), moved)
    elif verb == "down":
        drafts.insert(place + 1, moved)
    elif verb != "drop":
        drafts.insert(place, moved)
    return drafts or [Draft()]
