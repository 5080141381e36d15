"""Which calendars a user has. An account that is being removed is gone already."""

from __future__ import annotations

from django.http import Http404

from accounts.models import User
from calendars.models import Calendar
from integrations.models.connection import State
from integrations.records import Service


def calendars_of(user: User) -> list[Calendar]:
    """All calendars of a user, account by account, each with its connection. One query."""
    rows = Calendar.objects.filter(connection__user=user).exclude(connection__state=State.DISCONNECTING)
    return list(rows.select_related("connection").order_by("connection__created_at", "-primary", "name", "pk"))


def writable_of(user: User) -> list[Calendar]:
    """Those in which the user may make events, account by account, the primary and its main one first. One query."""
    mine = sorted(calendars_of(user), key=lambda c: not c.connection.primary)
    return [c for c in mine if c.writable and Service.CALENDAR in c.connection.services]


def own_calendar(user: User, calendar_id: int) -> Calendar:
    """The user's calendar of that id. Raises ``Http404``."""
    calendar = Calendar.objects.filter(connection__user=user, pk=calendar_id).first()
    if calendar is None:
        raise Http404
    return calendar
