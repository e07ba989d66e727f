"""Two people, or two windows, saved the same thing: one difference of both, and what was chosen."""

from dataclasses import dataclass

from config.kit.textdiff import mark_changes

MINE, THEIRS, BOTH = "mine", "theirs", "both"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that both hold differently; `long` texts may be written together, and of those and
    of what else is `worded` the words that differ are marked. Mine is what was typed and could not
    be saved, theirs what is saved.
    """

    key: str
    label: str
    mine: str
    theirs: str
    long: bool
    worded: bool = False
    picked: str = ""
    merged: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        return (MINE, THEIRS, BOTH) if self.long else (MINE, THEIRS)

    @property
    def decided(self) -> bool:
        return self.picked in self.choices

    @property
    def suggested(self) -> str:
        """What is picked to begin with."""
        return self.picked

    @property
    def written(self) -> str:
        """What stands in the box for writing together: mine, until something else is written."""
        return self.merged or self.mine

    @property
    def marked(self) -> bool:
        return self.long or self.worded

    @property
    def mine_marked(self) -> str:
        """Mine, with what only mine has marked; single values stand as they are."""
        return mark_changes(self.theirs, self.mine)[1] if self.marked else self.mine

    @property
    def theirs_marked(self) -> str:
        return mark_changes(self.mine, self.theirs)[1] if self.marked else self.theirs
