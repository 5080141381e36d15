"""The collections of a connection, one by one, in words: progress and estimate, freshness, how we learn of changes,
the comparison with the provider, the last error, and what happened when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.clock import Clock
from dashboard.words import SERVICE_NAMES, counted, duration, items, time_left
from integrations.models.collection import Phase
from integrations.queries import CollectionStatus, ConnectionStatus, ServiceStatus


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a part."""

    when: str
    iso: str
    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One collection. ``walked`` and ``total`` are 0 unless a walk of known length is under way."""

    id: str
    name: str
    kept: str
    now: str
    walked: int
    total: int
    told: str
    compared: str
    differs: bool
    error: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The parts of one service, and what is known of it as a whole."""

    id: str
    name: str
    fresh: str
    quota: str
    parts: tuple[Part, ...]


def groups(status: ConnectionStatus, clock: Clock) -> tuple[Group, ...]:
    """Of every service that has something here."""
    return tuple(_group(status, service, clock) for service in status.services if service.collections)


def _group(status: ConnectionStatus, service: ServiceStatus, clock: Clock) -> Group:
    vendor = status.connection.provider_spec.name
    held = f"{vendor}'s limit is used to the full, so this takes its time." if service.at_limit else ""
    parts = tuple(_part(service, part, vendor, clock) for part in service.collections)
    return Group(service.service.value, SERVICE_NAMES[service.service], _freshness(service, vendor), held, parts)


def _freshness(service: ServiceStatus, vendor: str) -> str:
    if service.freshness is None:
        return ""
    median, slow, exact = service.freshness
    first = f"{'' if exact else 'at most '}{_seconds(median)}"
    return f"Half of today's changes at {vendor} were here after {first}, 19 of 20 within {_seconds(slow)}."


def _seconds(length: float) -> str:
    return f"{length:.0f} s" if length < 90 else duration(timedelta(seconds=length))


def _part(service: ServiceStatus, part: CollectionStatus, vendor: str, clock: Clock) -> Part:
    row = part.row
    walking = row.phase != Phase.CURRENT and row.walked > 0
    return Part(
        id=str(row.pk),
        name=row.name,
        kept=items(service.service, part.count),
        now=_now(service, part, vendor, clock),
        walked=min(row.walked, row.total) if walking and row.total else 0,
        total=row.total or 0 if walking else 0,
        told=f"{vendor} tells us of changes" if part.told_until else "Asked about regularly",
        compared=f"{row.differed:,} of {row.compared:,} differ" if row.compared_at and row.compared else "",
        differs=row.differed > 0,
        error=row.last_error if service.asked else "",
        events=tuple(_events(part, vendor, clock)),
    )


def _now(service: ServiceStatus, part: CollectionStatus, vendor: str, clock: Clock) -> str:
    row = part.row
    if not service.asked:
        return f"Last looked at {clock.ago(row.succeeded_at)}" if row.succeeded_at else "Not read yet"
    if row.last_error:
        return f"Tried again {clock.whole(row.due_at)}" if row.due_at > clock.now else "Being tried again"
    if row.phase == Phase.CURRENT:
        return f"Up to date {clock.ago(row.succeeded_at)}" if row.succeeded_at else "Looking"
    if not row.walked:
        return "Being read again" if row.phase == Phase.RECOVERING else "Waiting for its turn"
    said = f"{min(row.walked, row.total):,} of about {row.total:,}" if row.total else f"{row.walked:,} so far"
    return f"{said}{time_left(part.seconds_left, at_limit=service.at_limit, vendor=vendor)}"


def _events(part: CollectionStatus, vendor: str, clock: Clock) -> list[Event]:
    """What its row remembers, newest first."""
    row = part.row
    known: list[tuple[datetime | None, str, bool]] = [
        (row.succeeded_at, "Last looked at, and all was well", False),
        (row.changed_at, "Something new came last", False),
        (row.recovered_at, f"{vendor} had lost our place, so everything was read again", True),
        (row.walk_began_at, "Reading everything began", False),
    ]
    if row.compared_at is not None:
        said = counted(row.compared, "item", "items")
        told = f"{said} compared with {vendor}: {row.differed:,} differed" + (", mended" if row.differed else "")
        known.append((row.compared_at, told, row.differed > 0))
    if row.last_error:
        known.append((row.started_at, f"Tried {counted(row.attempts, 'time', 'times')}: {row.last_error}", True))
    happened = sorted(((at, text, warns) for at, text, warns in known if at is not None), reverse=True)
    return [Event(clock.whole(at), at.isoformat(), text, warns) for at, text, warns in happened]
