"""The calendar page and its feed: one span of days, for the grid and, without scripts, as a list."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts.clock import Clock
from accounts.models import User
from calendars import queries, span
from calendars.entries import Entry, days, entries
from calendars.feed import feed
from calendars.span import Span, View
from calendars.views import sidebar

MOST_DAYS = 400
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T00:00(?::00)?(?:Z|[+-]00:00)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the toolbar or the strip of days. ``keys`` are its shortcuts."""

    name: str
    path: str
    current: bool = False
    keys: str = ""
    number: int = 0
    today: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """The week around the day, where a phone has no room for a grid of it, and what comes before and after."""

    days: list[Link]
    earlier: str
    later: str
    unit: str

    @property
    def earlier_name(self) -> str:
        return f"Previous {self.unit}"

    @property
    def later_name(self) -> str:
        return f"Next {self.unit}"


def user_of(request: HttpRequest) -> User:
    """The signed-in user; views that call it require one."""
    return cast(User, request.user)


# FullCalendar's style sheet brings an icon font along, inside itself; it is not used, but the browser looks at it.
@csp_update({"font-src": ["data:"]})
@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """A view around a day. The week's grid needs more room than a phone has, which shows one day of it."""
    user = user_of(request)
    clock = Clock.of(user, timezone.now())
    shown = span.read(request.GET.get("view", ""), request.GET.get("date", ""), clock)
    calendars = queries.calendars_of(user)
    found = _entries(calendars, shown.first, shown.last, clock)
    listed = days(found, shown.days, clock)
    context = {
        "span": shown,
        "clock": clock,
        "now": f"{clock.now:%Y-%m-%dT%H:%M:%S}",
        "events": feed(found) if shown.view is not View.AGENDA else [],
        "days": listed,
        "empty": not any(day.lines for day in listed),
        "views": [Link(v.title(), shown.path(view=v), v is shown.view, v[0]) for v in View],
        "strip": _strip(shown),
        "earlier": _step(shown, -1),
        "later": _step(shown, 1),
        "today": shown.path(day=clock.today),
        "mini": sidebar.mini(shown),
        "accounts": sidebar.accounts(calendars),
        "arriving": sidebar.arriving(user),
        "writable": any(c.writable for c in calendars),
        "free": f"{_suggested(shown):%Y-%m-%dT%H:%M}",
    }
    return render(request, "calendars/calendar.html", context)


@login_required
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """What takes place from ``start`` to ``end``, days on the reader's calendar, at most ``MOST_DAYS`` of them."""
    first, last = _day(request.GET.get("start", "")), _day(request.GET.get("end", ""))
    if first is None or last is None or not first < last <= first + timedelta(days=MOST_DAYS):
        return HttpResponseBadRequest(f"start and end are dates, in order, at most {MOST_DAYS} days apart.")
    user = user_of(request)
    clock = Clock.of(user, timezone.now())
    found = _entries(queries.calendars_of(user), first, last, clock)
    response = JsonResponse(feed(found), safe=False)
    etag = f'"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response


def _entries(calendars: list[queries.Calendar], first: date, last: date, clock: Clock) -> list[Entry]:
    items = queries.agenda_of(calendars, clock.midnight(first), clock.midnight(last))
    return entries(items, clock, queries.unsettled(calendars))


def _day(text: str) -> date | None:
    match = _MIDNIGHT.fullmatch(text)
    day = span.parse_date(match.group(1)) if match else None
    return day if day and span.EARLIEST - timedelta(days=31) <= day <= span.LATEST + timedelta(days=31) else None


def _suggested(shown: Span) -> datetime:
    """When a new event begins unless somebody says: the next full hour of today, nine o'clock of another day."""
    day = datetime.combine(shown.day, time(9))
    if shown.day == shown.clock.today:
        next_hour = shown.clock.now.replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(hours=1)
        day = min(next_hour, datetime.combine(shown.day, time(23)))
    return day


def _step(shown: Span, by: int) -> str:
    day = shown.step(by)
    return shown.path(day=day) if day else ""


def _strip(shown: Span) -> Strip:
    view = View.AGENDA if shown.view is View.AGENDA else View.DAY
    first = shown.clock.start_of_week(shown.day)
    week = [first + timedelta(days=n) for n in range(7)]
    today = shown.clock.today
    days = [Link(f"{d:%a}", shown.path(view=view, day=d), d == shown.day, number=d.day, today=d == today) for d in week]
    if shown.view is View.MONTH:
        return Strip(days, _step(shown, -1), _step(shown, 1), "month")
    near = Span(View.WEEK, shown.day, shown.clock)
    earlier, later = (shown.path(view=view, day=day) if day else "" for day in (near.step(-1), near.step(1)))
    return Strip(days, earlier, later, "week")
