"""When Google's events keep somebody busy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from integrations.providers.google.calendar_times import moment


def times(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The times of events in order, without those that are free, cancelled or declined; what overlaps is one."""
    spans = sorted((_at(e, "start"), _at(e, "end")) for e in events if _keeps_busy(e))
    merged: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [{"start": start.isoformat(), "end": end.isoformat()} for start, end in merged]


def _at(event: Mapping[str, Any], name: str) -> datetime:
    found = moment(event[name], "UTC")
    return found if isinstance(found, datetime) else datetime.combine(found, time(), UTC)


def _keeps_busy(event: Mapping[str, Any]) -> bool:
    if event.get("transparency") == "transparent" or event.get("status") == "cancelled":
        return False
    mine = [a for a in event.get("attendees") or () if a.get("self")]
    return not any(a.get("responseStatus") == "declined" for a in mine)
