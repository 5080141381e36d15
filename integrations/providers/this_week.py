"""The days that people look at first: this week and the next, wherever on earth and on whichever day weeks begin.

A first walk over a calendar brings events in the provider's own order, so these are asked for beside its first page.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BEFORE, AFTER = timedelta(days=8), timedelta(days=15)


def bounds(now: datetime) -> tuple[str, str]:
    """From when until when, as both providers write a time."""
    first, last = (f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for moment in (now - BEFORE, now + AFTER))
    return first, last
