"""Where a calendar's sync stands: the stage it is in, the link that continues it, and when rounds fall due."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from integrations.errors import CursorExpired
from integrations.providers.microsoft import cursors

# At least half a year back and a year ahead, to the end of the round's own life.
BACK, AHEAD = timedelta(days=180), timedelta(days=365)
ROUND_LASTS = timedelta(days=7)
CHECK_EVERY = timedelta(hours=1)
OVERLAP = timedelta(minutes=5)


class Stage(enum.StrEnum):
    """A full round is WINDOW, then EVERYTHING; the runs after it are DELTA, with CHANGED once an hour."""

    WINDOW = "window"
    EVERYTHING = "everything"
    DELTA = "delta"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Position:
    """A cursor's content. Times are ISO 8601 in UTC.

    ``link`` continues the stage, and is empty at the beginning of one. ``delta`` is the window's delta link, kept
    while another stage runs. ``started`` is when the full round began, ``checked`` up to when changes outside the
    window are known.
    """

    stage: Stage
    started: str
    checked: str
    link: str = ""
    delta: str = ""

    @classmethod
    def beginning(cls, now: datetime) -> Position:
        """The start of a full round."""
        return cls(Stage.WINDOW, now.isoformat(), now.isoformat())

    @classmethod
    def read(cls, cursor: str) -> Position:
        """Raises ``CursorExpired`` for one that cannot be read."""
        fields = cursors.unpack(cursor, "stage", "started", "checked")
        try:
            if any(datetime.fromisoformat(fields[name]).tzinfo is None for name in ("started", "checked")):
                raise ValueError("a time without a zone")
            return cls(**{**fields, "stage": Stage(fields["stage"])})  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise CursorExpired("The stored position can no longer be read.", code="cursor_format") from None

    def write(self) -> str:
        return cursors.pack(asdict(self))

    def round_due(self, now: datetime) -> bool:
        """A finished round is repeated after a week, with a window that has moved on."""
        return self.stage is Stage.DELTA and now - datetime.fromisoformat(self.started) > ROUND_LASTS

    def check_due(self, now: datetime) -> bool:
        return now - datetime.fromisoformat(self.checked) > CHECK_EVERY

    def since(self) -> str:
        """From when on to ask for changes outside the window, with some overlap for clocks that differ."""
        return _text(datetime.fromisoformat(self.checked) - OVERLAP)


def window(started: str) -> dict[str, str]:
    """The window of a round that began then, in whole months."""
    now = datetime.fromisoformat(started)
    first, last = now - BACK, now + AHEAD + ROUND_LASTS + timedelta(days=31)
    return {"startDateTime": _month(first), "endDateTime": _month(last)}


def _month(of: datetime) -> str:
    return _text(datetime(of.year, of.month, 1, tzinfo=UTC))


def _text(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
