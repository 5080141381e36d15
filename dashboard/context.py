"""What the frame around every page shows: where you can go, what needs you, and how you like to see things.

Computed when a template first asks, in one query; an answer without a frame costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Density, Theme, User
from integrations.models import Connection
from integrations.models.connection import State


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail. ``keys`` is the shortcut that goes there."""

    name: str
    path: str
    icon: str
    keys: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that needs the person, in words, with the one action that mends it (if there is one)."""

    text: str
    bad: bool
    action: str = ""
    path: str = ""


_PLACES = (
    Place("Today", "/", "sun", "g t"),
    Place("Inbox", "/inbox/", "inbox", "g i"),
    Place("Calendar", "/calendar/", "calendar", "g c"),
    Place("People", "/people/", "users", "g p"),
    Place("Integrations", "/integrations/", "plug", "g n"),
)
_OUTBOX = Place("Waiting to be sent", "/outbox/", "send", "g w")
_SETTINGS = Place("Settings", "/settings/", "settings", "g s")
_ENDED = {State.RECONNECT, State.UNREADABLE}


class Frame:
    """The frame of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def user(self) -> User | None:
        user = self._request.user
        return user if isinstance(user, User) else None

    @property
    def theme(self) -> str:
        """Empty follows the system."""
        return "" if self.user is None or self.user.theme == Theme.SYSTEM else self.user.theme

    @property
    def density(self) -> str:
        return Density.COMPACT if self.user and self.user.density == Density.COMPACT else ""

    @cached_property
    def places(self) -> list[Place]:
        return [self._marked(place) for place in _PLACES]

    @cached_property
    def outbox(self) -> Place:
        return self._marked(_OUTBOX)

    @cached_property
    def settings(self) -> Place:
        return self._marked(_SETTINGS)

    @cached_property
    def notices(self) -> list[Notice]:
        """The worst first."""
        if self.user is None:
            return []
        now = timezone.now()
        troubled = Connection.objects.filter(user=self.user).filter(Q(state__in=_ENDED) | Q(wait_until__gt=now))
        return sorted((_notice(c, self.user) for c in troubled), key=lambda n: not n.bad)

    @property
    def needs_you(self) -> int:
        """How many accounts only the person can mend."""
        return sum(n.bad for n in self.notices)

    def _marked(self, place: Place) -> Place:
        path = self._request.path
        here = path == "/" if place.path == "/" else path.startswith(place.path)
        return Place(place.name, place.path, place.icon, place.keys, here)


def _notice(connection: Connection, user: User) -> Notice:
    vendor = connection.provider_spec.name
    anchor = f"/integrations/#c-{connection.pk}"
    if connection.state == State.RECONNECT:
        text = f"{vendor} stopped accepting our access to {connection.email}."
        return Notice(text, True, "Reconnect", anchor)
    if connection.state == State.UNREADABLE:
        return Notice(
            f"The keys on this machine cannot open our access to {connection.email}.", True, "See why", anchor
        )
    until = timezone.localtime(connection.wait_until, user.zone).strftime("%-I:%M %p" if user.hour12 else "%H:%M")
    return Notice(f"{vendor} asked us to slow down. {connection.display_name} resumes at {until}.", False)


def frame(request: HttpRequest) -> dict[str, Frame]:
    """The context processor."""
    return {"frame": Frame(request)}
