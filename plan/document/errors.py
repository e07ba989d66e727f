"""The one error with which the document reader refuses a text."""


class DocumentError(ValueError):
    """The text is not the published plan, or a part of it is missing.

    ``line`` is the 1-based line of the file at which the reader noticed, or None.
    """

    def __init__(self, reason: str, line: int | None = None):
        self.reason = reason
        self.line = line
        super().__init__(f"第 {line} 行：{reason}" if line else reason)
