"""The answer of a rule: yes, or no with a sentence and the refusal that an action raises."""

from dataclasses import dataclass

from config.kit.errors import NotAllowed, NotNow, Refused


@dataclass(frozen=True, slots=True)
class Verdict:
    """Pages draw a button from `ok` and `reason`; the action calls `enforce` on the same answer."""

    reason: str = ""
    refusal: type[Refused] | None = None

    @property
    def ok(self) -> bool:
        return self.refusal is None

    def __bool__(self) -> bool:
        return self.ok

    def enforce(self) -> None:
        """Raise the refusal, if it is one."""
        if self.refusal is not None:
            raise self.refusal(self.reason)


YES = Verdict()


def not_allowed(reason: object) -> Verdict:
    """This person may not."""
    return Verdict(str(reason), NotAllowed)


def not_now(reason: object) -> Verdict:
    """This person may, but not at this time."""
    return Verdict(str(reason), NotNow)
