"""Times as scripts give them, in the form that providers' APIs take. Knows no vendor."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from integrations.errors import PermanentFailure

Moment = datetime | date | str


def instant(value: Moment) -> datetime:
    """An instant in UTC. A naive time and a date are in this machine's zone, as Python itself takes them.

    Text is ISO 8601. Raises ``PermanentFailure`` for what is no time.
    """
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    except ValueError:
        raise PermanentFailure(f"{value!r} is no time: give a datetime, a date or ISO 8601.", code="field") from None
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value.astimezone(UTC)


def rfc3339(value: Moment) -> str:
    """The same as text, such as ``2026-06-15T10:00:00Z``. Raises ``PermanentFailure``."""
    return instant(value).isoformat(timespec="seconds").replace("+00:00", "Z")
