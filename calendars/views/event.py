"""One event: a page of its own, and what is opened in place above the grid."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.clock import Clock
from calendars import queries, refusals
from calendars.details import details
from calendars.entries import at
from calendars.queries import edits
from calendars.span import EARLIEST, LATEST, View
from calendars.views.page import user_of


@login_required
@require_safe
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """An event at one of its times, whole or as the part that the calendar opens above itself."""
    user = user_of(request)
    clock = Clock.of(user, timezone.now())
    found = queries.found_event(user, event_id, instant_of(request.GET.get("at", "")))
    changes = edits.of_event(found.event)
    shown = details(found, clock)
    context = {
        "e": shown,
        "event": found.event,
        "found": found,
        "at": at(found.starts_at),
        "sending": refusals.sending(changes),
        "refused": refusals.refused(changes, found.event, clock),
    }
    back = f"/calendar/?view={View.WEEK}&date={shown.day.isoformat()}"
    part = request.headers.get("HX-Request")
    return render(request, "calendars/event.html" if part else "calendars/event_page.html", {**context, "back": back})


def instant_of(text: str) -> datetime | None:
    """An instant as ``entries.at`` names it."""
    try:
        instant = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return instant if EARLIEST <= instant.date() <= LATEST else None
