"""What stops a command: one sentence in both languages instead of a traceback."""


class Problem(Exception):
    """Something the person at the keyboard can mend. Holds the Chinese and the English sentence."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
