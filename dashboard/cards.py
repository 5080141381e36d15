"""The integrations page's cards: what a connection is doing, in words, from what the queries say.

A card computes everything that its template shows; nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from accounts.clock import Clock
from dashboard.access import EndingNote, Removal, ending_note, removal_of
from dashboard.parts import Group, groups
from dashboard.services import ServiceLine, line_of
from dashboard.story import Happened, story
from dashboard.words import SERVICE_NAMES, listed
from integrations.advice import ending
from integrations.models import Change, Connection
from integrations.models.connection import COLOURS, Reach, State
from integrations.queries import ConnectionStatus
from integrations.records import Service
from mail.queries.letters import HELD

# By service where an operation needs no words of its own.
EDITS = {
    "mail.move": "Moving a message",
    "mail.send": "Sending a message",
    "event.delete": "Deleting an event",
    "event.answer": "Answering an invitation",
    "contact.delete": "Deleting a contact",
    "mail": "Changing a message",
    "calendar": "Changing an event",
    "contacts": "Changing a contact",
}


@dataclass(frozen=True, slots=True)
class Line:
    """The state in one sentence. ``tone`` is ok, busy, wait, bad, still."""

    tone: str
    icon: str
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What holds services up, said once for all of them."""

    names: str
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that the provider refused."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """One permission and whether it was granted."""

    text: str
    granted: bool
    disables: str


@dataclass(frozen=True, slots=True)
class Card:
    """One connection as its card shows it."""

    id: str
    title: str
    email: str
    label: str
    vendor: str
    colour: str
    state: str
    line: Line
    code: str
    services: tuple[ServiceLine, ...]
    troubles: tuple[Trouble, ...]
    access: str
    permissions: tuple[Allowed, ...]
    idle: str
    waiting: str
    refused: tuple[Refused, ...]
    story: tuple[Happened, ...]
    reconnect_to: str
    busy: bool
    ending: EndingNote | None
    removal: Removal
    groups: tuple[Group, ...]
    reaches: tuple[tuple[str, str, bool], ...]
    primary: bool

    @property
    def kept(self) -> str:
        """Everything that is here, in one line."""
        return ", ".join(s.kept for s in self.services if s.shown and s.state != "waiting")

    @property
    def missing(self) -> bool:
        """Whether reconnecting could grant more."""
        return any(not p.granted for p in self.permissions)

    @property
    def blocked(self) -> bool:
        """Whether a service is off for want of a permission; the card says so above, with the button."""
        return any(s.state == "missing" for s in self.services)

    @property
    def paused(self) -> bool:
        return self.state == State.PAUSED

    @property
    def leaving(self) -> bool:
        return self.state == State.DISCONNECTING

    @property
    def ended(self) -> bool:
        return self.state in (State.RECONNECT, State.UNREADABLE)


def colours() -> tuple[tuple[str, str], ...]:
    """The palette with its names."""
    return tuple((colour, colour.title()) for colour in COLOURS)


def card(status: ConnectionStatus, refused: Iterable[Change], clock: Clock) -> Card:
    """The card of one connection."""
    row = status.connection
    lines = tuple(line_of(row, service, clock) for service in status.services)
    unsent = status.waiting_changes
    return Card(
        id=str(row.pk),
        title=row.display_name,
        email=row.email if row.label else "",
        label=row.label,
        vendor=row.provider_spec.name,
        colour=row.colour,
        state=row.state,
        line=_line(status, lines, clock),
        code=row.state_code,
        services=lines,
        troubles=_troubles(lines),
        access=_access(row, clock),
        permissions=_permissions(row),
        idle=_idle(row),
        waiting=f"{unsent} edit{'' if unsent == 1 else 's'} waiting to be sent." if unsent else "",
        refused=tuple(Refused(str(c.id), _refusal(c)) for c in refused if c.connection_id == row.pk),
        story=story(status.story, clock),
        reconnect_to=f"{reverse(f'{row.provider}_login')}?process=connect",
        busy=status.busy or _due(status, clock),
        ending=ending_note(row, ending(row), clock),
        removal=removal_of(row),
        groups=groups(status, clock),
        reaches=_reaches(row),
        primary=row.primary and row.state != State.DISCONNECTING,
    )


def _line(status: ConnectionStatus, lines: tuple[ServiceLine, ...], clock: Clock) -> Line:
    row = status.connection
    vendor = row.provider_spec.name
    since = clock.whole(row.state_since)
    if row.state == State.RECONNECT:
        kept = "Everything received until then is here."
        return Line("bad", "triangle-alert", f"{vendor} stopped accepting our access at {since}.", kept)
    if row.state == State.UNREADABLE:
        text = "The keys on this machine cannot open our access to this account."
        return Line("bad", "key-round", text, "Bring the right key ring back, or reconnect to begin with a new grant.")
    if row.state == State.PAUSED:
        stays = "What is here stays readable; nothing is fetched or sent."
        return Line("still", "pause", f"Paused since {since}.", stays)
    if row.state == State.DISCONNECTING:
        return Line("busy", "refresh-cw", "Being removed from this machine.")
    if row.app.trouble:
        text = f"{vendor} refuses this OsMEN’s own registration, so access cannot be renewed."
        return Line("wait", "triangle-alert", text, "Whoever runs it was told. It goes on once that is mended.")
    if row.wait_until and row.wait_until > clock.now:
        text = f"{vendor} asked us to slow down. It goes on at {clock.time(row.wait_until)}."
        return Line("wait", "clock", text, "Nothing is lost, and you need not do anything.")
    if put_off := [s for s in status.services if s.state == "failing" and s.put_off_until]:
        until = min(s.put_off_until for s in put_off if s.put_off_until)
        names = listed([SERVICE_NAMES[s.service].lower() for s in put_off])
        text = f"{put_off[0].error} OsMEN asks for {names} again after {clock.whole(until)}."
        return Line("wait", "clock", text, "Nothing is lost, and you need not do anything.")
    states = {line.state for line in lines}
    if "failing" in states:
        return Line("wait", "triangle-alert", "Something did not work. OsMEN tries again by itself.")
    if silent := [s for s in status.services if s.state == "stale"]:
        names = listed([SERVICE_NAMES[s.service] for s in silent])
        text = f"{names} went quiet: OsMEN should have looked again by now, and has not."
        return Line("wait", "triangle-alert", text, silent[0].remedy)
    if states & {"first", "waiting"}:
        text = "First sync. The newest comes first; what is here can be used already."
        return Line("busy", "refresh-cw", text)
    lost = [line.name.lower() for line in lines if line.state == "missing"]
    if lost:
        return Line("wait", "lock", f"Works without {listed(lost)}, for which OsMEN has no permission.")
    if again := [SERVICE_NAMES[s.service].lower() for s in status.services if s.read_again]:
        text = f"Everything in {listed(again)} is being read again."
        return Line("busy", "refresh-cw", text, "What is here can be used meanwhile.")
    fresh = [s.fresh_at for s in status.services if s.fresh_at and s.state in ("current", "syncing")]
    return Line("ok", "check", f"Working. Up to date {clock.ago(min(fresh))}." if fresh else "Connected.")


def _troubles(lines: Iterable[ServiceLine]) -> tuple[Trouble, ...]:
    names: dict[str, list[str]] = {}
    for line in lines:
        if line.error:
            names.setdefault(f"{line.error} {line.remedy}".strip(), []).append(line.name)
    return tuple(Trouble(listed([who[0], *map(str.lower, who[1:])]), text) for text, who in names.items())


def _access(row: Connection, clock: Clock) -> str:
    """Until when the tokens last, and what renews them."""
    grant = getattr(row, "grant", None)
    if grant is None or row.state not in (State.ACTIVE, State.PAUSED):
        return ""
    words = f"Access was renewed {clock.ago(grant.refreshed_at)}. " if grant.refreshed_at else ""
    if grant.access_expires_at:
        lasts = grant.access_expires_at > clock.now
        renewed = "renews by itself before" if lasts else "is renewed now; it lasted until"
        words += f"{'It' if words else 'Access'} {renewed} {clock.whole(grant.access_expires_at)}."
    return words.strip()


def _reaches(row: Connection) -> tuple[tuple[str, str, bool], ...]:
    """How far back mail may be kept, and which of it is chosen."""
    chosen = Service.MAIL in row.services and row.state in (State.ACTIVE, State.PAUSED)
    return tuple((value, name, value == row.mail_reach) for value, name in Reach.choices) if chosen else ()


def _permissions(row: Connection) -> tuple[Allowed, ...]:
    spec = row.provider_spec
    granted = frozenset(row.granted_scopes)
    missing = {p.scope for service in spec.offered_services for p in spec.missing(service, granted)}
    chosen = set(row.chosen_services)
    return tuple(
        Allowed(p.allows, p.scope not in missing, "" if p.required else "Everything else works without it.")
        for p in spec.permissions
        if p.service is None or p.service.value in chosen
    )


def _due(status: ConnectionStatus, clock: Clock) -> bool:
    """Whether something is about to be looked at, as after "Sync now"."""
    rows = (c.row for s in status.services for c in s.collections)
    return status.connection.state == State.ACTIVE and any(row.enabled and row.due_at <= clock.now for row in rows)


def _idle(row: Connection) -> str:
    """What was granted and is not shown anywhere yet."""
    spec = row.provider_spec
    waiting = [s for s in spec.offered_services if s.value in row.chosen_services and s not in spec.services]
    names = [SERVICE_NAMES[s].lower() for s in waiting]
    return f"OsMEN does not show {listed(names)} yet; their permission waits." if names else ""


def _refusal(change: Change) -> str:
    what = EDITS.get(change.operation) or EDITS[change.service]
    vendor = change.connection.provider_spec.name
    if change.error_code == HELD:
        return f"{what} was held back. {change.error}"
    return f"{what} was refused by {vendor}{f': {change.error}' if change.error else '.'}"
