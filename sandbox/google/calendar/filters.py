"""Which events a list is asked for, apart from its time window."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.google.calendar.book import Event
from sandbox.google.parameters import moment


def changed(event: Event) -> int:
    """When an event last changed, in milliseconds."""
    return int(datetime.fromisoformat(event["updated"]).timestamp() * 1000)


def wanted(query: dict[str, Any], since: int | None, event: Event) -> bool:
    """Whether the parameters of events.list want an event; a sync since a version always tells of deletions."""
    cancelled, single = event["status"] == "cancelled", query.get("singleEvents", False)
    stays_hidden = since is None and not query.get("showDeleted")
    if cancelled and stays_hidden and (single or not event.get("recurringEventId")):
        return False
    if query.get("eventTypes") and event.get("eventType", "default") not in query["eventTypes"]:
        return False
    if "iCalUID" in query and event.get("iCalUID") != query["iCalUID"]:
        return False
    if "updatedMin" in query and changed(event) < moment(query["updatedMin"]).timestamp() * 1000:
        return False
    return ("q" not in query or _mentions(event, query["q"])) and _has_properties(event, query)


def _has_properties(event: Event, query: dict[str, Any]) -> bool:
    for name, kind in (("privateExtendedProperty", "private"), ("sharedExtendedProperty", "shared")):
        for wish in query.get(name, ()):
            key, _, value = wish.partition("=")
            if event.get("extendedProperties", {}).get(kind, {}).get(key) != value:
                return False
    return True


def _mentions(event: Event, wanted: str) -> bool:
    people = [event.get("organizer", {}), event.get("creator", {}), *event.get("attendees", ())]
    texts = [event.get(name, "") for name in ("summary", "description", "location")]
    texts += [str(p.get(name, "")) for p in people for name in ("displayName", "email")]
    whole = "\n".join(texts).lower()
    return all(word in whole for word in wanted.lower().split())
