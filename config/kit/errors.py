"""Why an action refuses. Each carries a sentence for the person who asked."""


class Refused(Exception):
    """Base: `str(error)` is a sentence in the reader's language."""


class NotAllowed(Refused):
    """This person may not (rules)."""


class NotNow(Refused):
    """It is not the time: wrong status, year not open, correction over (workflow)."""


class StaleVersion(Refused):
    """Somebody else changed the row since it was read; `current` is the row as it is now."""

    def __init__(self, message: str, current: object) -> None:
        super().__init__(message)
        self.current = current


class Invalid(Refused):
    """What was given can't be taken: `errors` maps field names to lists of sentences."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(" ".join(str(text) for texts in errors.values() for text in texts))
        self.errors = errors
