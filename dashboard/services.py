"""One service of a connection in words: what is kept, how fresh it is, how far a walk has come, what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.clock import Clock
from dashboard.words import SERVICE_NAMES, counted, items, time_left
from integrations.models import Connection
from integrations.models.connection import State
from integrations.providers.base import Permission
from integrations.queries import ServiceStatus
from integrations.records import Service


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A row of a card. ``walked`` and ``total`` are 0 unless a walk is under way and its length known."""

    id: str
    name: str
    state: str
    kept: str
    fresh: str
    walked: int
    total: int
    progress: str
    missing: tuple[str, ...]
    error: str
    remedy: str

    @property
    def shown(self) -> bool:
        """Whether anything of it is here or on its way."""
        return self.state not in ("off", "missing")

    @property
    def so_far(self) -> str:
        """For a line without a known length."""
        return "starting" if self.state == "waiting" else self.kept


def line_of(connection: Connection, status: ServiceStatus, clock: Clock) -> ServiceLine:
    """The row of one service."""
    walking = status.state in ("first", "syncing", "failing") and status.walked > 0
    return ServiceLine(
        id=status.service.value,
        name=SERVICE_NAMES[status.service],
        state=status.state,
        kept=_kept(status),
        fresh=_fresh(connection, status, clock),
        walked=min(status.walked, status.total) if walking and status.total else 0,
        total=status.total or 0 if walking else 0,
        progress=_progress(status, connection.provider_spec.name) if walking else "",
        missing=() if status.state == "off" else tuple(map(_lost, status.missing)),
        # What is put off the card's own line says, with the time; what is not allowed, the note with the button.
        error="" if status.put_off_until or status.state == "missing" else status.error,
        remedy=status.remedy,
    )


def _kept(status: ServiceStatus) -> str:
    if status.state in ("off", "missing") and not status.count:
        return "Nothing"
    here = items(status.service, status.count)
    if status.service == Service.CALENDAR and status.collections:
        return f"{here}, {counted(len(status.collections), 'calendar', 'calendars')}"
    return here


def _fresh(connection: Connection, status: ServiceStatus, clock: Clock) -> str:
    if status.state == "off":
        return "Not chosen"
    if status.state == "missing":
        return "Not allowed"
    if connection.state == State.PAUSED:
        return "Paused"
    if status.state in ("waiting", "first"):
        return "Arriving" if status.walked else "Starting"
    if status.state == "failing" or not status.asked:
        return f"Last {clock.ago(status.fresh_at)}" if status.fresh_at else "Not yet"
    return f"Up to date {clock.ago(status.fresh_at)}" if status.fresh_at else "Looking"


def _progress(status: ServiceStatus, vendor: str) -> str:
    if not status.total:
        return f"{items(status.service, status.walked)} so far"
    done = f"{min(status.walked, status.total):,} of {items(status.service, status.total)}"
    if not status.asked or status.error:
        return done
    return f"{done}{time_left(status.seconds_left, at_limit=status.at_limit, vendor=vendor)}"


def _lost(permission: Permission) -> str:
    allows = permission.allows[0].lower() + permission.allows[1:]
    return f"OsMEN may not {allows}."
