"""What an event says here, in short, to compare it with what its provider says."""

from __future__ import annotations

from collections.abc import Sequence

from calendars.models import Event
from integrations.models import Collection

_FIELDS = (
    *("kind", "series_id", "original_start", "cancelled", "starts_at", "ends_at", "all_day", "time_zone", "recurrence"),
    *("title", "description", "location", "my_answer", "showing", "private", "attendees"),
)
Fingerprint = tuple[object, ...]


def sample(collection: Collection, count: int) -> list[str]:
    """Ids of events of a calendar, by chance. Gaps in series are left out: they cannot be read one by one."""
    rows = Event.objects.filter(
        calendar__connection=collection.connection,
        calendar__provider_id=collection.provider_id,
        cancelled=False,
        ours=False,
    )
    return list(rows.order_by("?").values_list("provider_id", flat=True)[:count])


def fingerprints(collection: Collection, ids: Sequence[str]) -> dict[str, Fingerprint]:
    """By id; those that are not here are left out."""
    rows = Event.objects.filter(
        calendar__connection=collection.connection,
        calendar__provider_id=collection.provider_id,
        provider_id__in=ids,
    )
    return {row[0]: row[1:] for row in rows.values_list("provider_id", *_FIELDS)}
