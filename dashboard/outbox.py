"""Waiting to be sent: every edit that is on its way or was refused, in one place, with what may be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.clock import Clock
from accounts.models import User
from calendars.queries import edits as calendars
from contacts.queries import card as contacts
from integrations import queries
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.models.connection import State
from integrations.records import Service
from mail.queries import named as mail
from mail.queries.letters import HELD

MOST = 200
_NAMED: dict[str, Callable[[Sequence[Change]], dict[int, tuple[str, str]]]] = {
    Service.MAIL: mail.named,
    Service.CALENDAR: calendars.named,
    Service.CONTACTS: contacts.named,
}
_WHAT = {
    "mail.send": ("send", "Message"),
    "mail.move": ("folder-input", "Moved message"),
    "mail.modify": ("mail", "Changed message"),
    "event.create": ("calendar", "New event"),
    "event.update": ("calendar", "Changed event"),
    "event.delete": ("calendar", "Deleted event"),
    "event.answer": ("calendar", "Answer to an invitation"),
    "contact.create": ("user", "New person"),
    "contact.update": ("user", "Changed person"),
    "contact.delete": ("user", "Deleted person"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One edit; all words are ready. ``path`` leads to where it was made, if that is still there."""

    id: str
    icon: str
    what: str
    name: str
    path: str
    connection: Connection
    when: str
    words: str
    refused: bool
    conflict: bool
    late: bool


@never_cache
@login_required
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """The page; as a part of itself it is asked for again while something is on its way."""
    assert isinstance(request.user, User)
    found = lines(request.user)
    mark = sha256(repr([(one.id, one.words, one.path) for one in found]).encode()).hexdigest()[:16]
    part = request.headers.get("HX-Request")
    if part and request.GET.get("mark") == mark:
        return HttpResponse(status=204)
    context = {"mark": mark, "refused": [o for o in found if o.refused], "waiting": [o for o in found if not o.refused]}
    return render(request, "dashboard/outbox_part.html" if part else "dashboard/outbox.html", context)


def lines(user: User) -> list[Line]:
    """In the order in which they go out. Five queries at most."""
    changes, clock = queries.unsettled_of_user(user.pk, MOST), Clock.of(user, timezone.now())
    names: dict[int, tuple[str, str]] = {}
    for service, named in _NAMED.items():
        if mine := [c for c in changes if c.service == service]:
            names |= named(mine)
    stuck: dict[object, int] = {}
    for change in changes:
        if change.error and change.state == ChangeState.WAITING:
            stuck.setdefault(change.connection_id, change.number)
    return [
        _line(
            change, *names[change.number], clock, behind=stuck.get(change.connection_id, change.number) < change.number
        )
        for change in changes
    ]


def _line(change: Change, name: str, path: str, clock: Clock, *, behind: bool) -> Line:
    icon, what = _WHAT[change.operation]
    refused = change.state == ChangeState.REFUSED
    return Line(
        str(change.id),
        icon,
        what,
        name[:120],
        path,
        change.connection,
        clock.ago(change.created_at),
        _words(change, behind=behind),
        refused,
        change.error_code == "conflict",
        change.state == ChangeState.WAITING and bool(change.error),
    )


def _words(change: Change, *, behind: bool) -> str:
    connection = change.connection
    vendor = connection.provider_spec.name
    if change.state == ChangeState.REFUSED:
        if change.error_code == HELD:
            return "You took it back."
        if change.error_code == "conflict":
            return f"It was changed at {vendor} while you changed it here."
        return f"{vendor} refused it. {change.error}".strip()
    if connection.state == State.PAUSED:
        return "Kept until you resume this account."
    if connection.state != State.ACTIVE:
        return "Kept until you reconnect this account."
    if change.error:
        return f"Kept and not sent yet. {change.error} It is tried again by itself."
    return "Goes out after the edits before it." if behind else f"On its way to {vendor}."
