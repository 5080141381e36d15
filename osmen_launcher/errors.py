"""How the launcher says that something is wrong: one sentence and its remedy, never a traceback."""

from __future__ import annotations


class Failure(Exception):
    """Ends the launcher with ``sentence``, ``remedy`` and exit code ``code`` (1 failed, 2 wrong use).

    ``detail`` is printed beneath them, as it is: the end of a log, for instance.
    """

    def __init__(self, sentence: str, remedy: str = "", *, code: int = 1, detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        text = f"{self.sentence} {self.remedy}".strip()
        return f"{text}\n{self.detail.rstrip()}" if self.detail else text


class Stopped(BaseException):
    """SIGINT or SIGTERM came while there was nothing running yet that would have to be stopped in order."""
