"""Making, changing, moving, answering and deleting events. Forms work without scripts; with them, above the grid."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import Clock
from accounts.forms import time_zones
from calendars import actions, draft, moves, queries
from calendars.actions import Instance
from calendars.details import when
from calendars.draft import Draft
from calendars.entries import UNTITLED, at
from calendars.models import Event
from calendars.presets import Repeat
from calendars.queries import Calendar, Found
from calendars.repeats import in_words
from calendars.span import EARLIEST, LATEST
from calendars.store.edits import fields_of
from calendars.views.event import instant_of
from calendars.views.page import user_of
from integrations.records import Answer, EventKind

_ANSWERED = {Answer.ACCEPTED: "Accepted", Answer.TENTATIVE: "Answered maybe", Answer.DECLINED: "Declined"}
_REPEATS = (
    (Repeat.NEVER, "Does not repeat"),
    (Repeat.DAILY, "Every day"),
    (Repeat.WEEKDAYS, "Every weekday, Monday to Friday"),
    (Repeat.WEEKLY, "Every week"),
    (Repeat.MONTHLY, "Every month"),
    (Repeat.YEARLY, "Every year"),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new event, at the times that were pointed at."""
    user = user_of(request)
    clock, calendars = Clock.of(user, timezone.now()), queries.writable_of(user)
    if not calendars:
        raise Http404
    if request.method != "POST":
        start, end = _wall(request.GET.get("start", "")), _wall(request.GET.get("end", ""))
        all_day = isinstance(start, date) and not isinstance(start, datetime)
        begins, ends = (_midnight(t) if t else None for t in (start, end))
        return _form(request, draft.blank(clock, begins, ends, all_day=all_day), calendars)
    made = draft.read(request.POST)
    chosen = next((c for c in calendars if str(c.pk) == request.POST.get("calendar")), None)
    if chosen is None:
        raise Http404
    fields = draft.new_fields(made)
    if made.errors:
        return _form(request, made, calendars, into=chosen)
    event = actions.create(chosen, fields, notify=made.tell)
    return _done(request, event.starts_at, event, clock, f"{_named(event)} is on its way to {_vendor(event)}.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, event_id: int) -> HttpResponse:
    """Change an event, one of a series or all of it. Only fields that the editor changed are sent."""
    found, clock = _editable(request, event_id)
    event = found.event
    if request.method != "POST":
        return _form(request, draft.of_event(event, found.starts_at, found.series, clock), found=found)
    was, made = draft.unseal(request.POST.get("was", "")), draft.read(request.POST)
    whole, instance = _scope(request, found)
    fields: dict[str, Any] = {}
    before: dict[str, Any] = {}
    if was is None:
        made.errors["title"] = "This form is too old. Check what it says and save again."
    else:
        fields, before = draft.changes(made, was, event, found.starts_at, whole=whole)
    if made.errors:
        return _form(request, made, found=found)
    change = actions.update(event, fields, before, instance=instance, notify=made.tell)
    words = f"{_named(event)} is changed." if change else "Nothing was changed."
    return _done(request, found.starts_at, event, clock, words, undo=change.number if change else 0)


@login_required
@require_POST
def move(request: HttpRequest, event_id: int) -> HttpResponse:
    """Put an event at the times ``start`` to ``end`` of the reader's clock; of a series, asks which part of it."""
    found, clock = _editable(request, event_id)
    event, zone = found.event, ZoneInfo(str(clock.zone))
    walls = _wall(request.POST.get("start", "")), _wall(request.POST.get("end", ""))
    start, end = (w.replace(tzinfo=zone) if isinstance(w, datetime) else w for w in walls)
    if start is None or end is None or isinstance(start, datetime) != isinstance(end, datetime) or end < start:
        return HttpResponseBadRequest("start and end are times or dates, in order.")
    whole, instance = _scope(request, found)
    if event.kind == EventKind.MASTER and not request.POST.get("scope"):
        context = {"found": found, "title": event.title.strip() or UNTITLED, "asked": request.POST}
        context |= {"single": actions.instance_of(event, found.starts_at) is not None, "at": at(found.starts_at)}
        return render(request, "calendars/which.html", context)
    before = fields_of(event)
    rule = None
    if whole and event.kind == EventKind.MASTER:
        start, end = moves.shifted(event, found.starts_at, start, end, zone)
        rule = moves.following(event, start)
        if rule is None:
            messages.error(request, "This series names its days, so only one event of it can be moved to another.")
            return _answer(request, found.starts_at, clock)
    else:
        length = event.ends_at - event.starts_at
        ends = (found.starts_at, found.starts_at + length)
        first, last = ((t.date() if event.all_day else t) for t in ends)
        before |= {"start": moves.moment_text(first), "end": moves.moment_text(last)}
    fields: dict[str, Any] = {"start": moves.moment_text(start), "end": moves.moment_text(end)}
    if rule is not None:
        fields |= {"recurrence": rule}
    change = actions.update(event, fields, before, instance=instance, notify=True)
    there = start if isinstance(start, datetime) else clock.midnight(start)
    words = f"{_named(event)} is moved to {when(*_shown(start, end), clock, all_day=not isinstance(start, datetime))}."
    return _done(request, there, event, clock, words, undo=change.number if change else 0)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, event_id: int) -> HttpResponse:
    """Ask, then delete an event here and at the provider; of a series, one or all of them."""
    found, clock = _editable(request, event_id)
    event = found.event
    if request.method != "POST":
        context = {"found": found, "title": event.title.strip() or UNTITLED, "at": at(found.starts_at)}
        context |= {"series": event.kind == EventKind.MASTER, "back": _day_path(found.starts_at, clock)}
        context["when"] = when(found.starts_at, found.ends_at, clock, all_day=event.all_day)
        context["single"] = context["series"] and actions.instance_of(event, found.starts_at) is not None
        return _part(request, "calendars/delete.html", context)
    _, instance = _scope(request, found)
    actions.delete(event, instance=instance, notify=True)
    messages.success(request, f"{_named(event)} is deleted.")
    return _answer(request, found.starts_at, clock)


@login_required
@require_POST
def answer(request: HttpRequest, event_id: int) -> HttpResponse:
    """Say whether one comes."""
    found, clock = _found(request, event_id)
    said = next((a for a in _ANSWERED if a == request.POST.get("answer")), None)
    if said is None or not found.invited:
        raise Http404
    series = found.series if found.event.kind == EventKind.MASTER else None
    actions.answer(series or found.event, said)
    messages.success(request, f"{_ANSWERED[said]}: {_named(found.event)}.")
    return _answer(request, found.starts_at, clock)


@login_required
@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Take a change back."""
    user = user_of(request)
    if not actions.undo(user, number):
        raise Http404
    messages.success(request, "Undone")
    return _answer(request, timezone.now(), Clock.of(user, timezone.now()))


@login_required
@require_POST
def settle(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Retry or discard a refused edit."""
    user, again = user_of(request), request.POST.get("do") == "retry"
    actions.settle_refused(user, change_id, again=again)
    messages.success(request, "Sent again" if again else "Discarded")
    shown = instant_of(request.GET.get("at", "")) or timezone.now()
    return _answer(request, shown, Clock.of(user, timezone.now()))


def _found(request: HttpRequest, event_id: int) -> tuple[Found, Clock]:
    user = user_of(request)
    found = queries.found_event(user, event_id, instant_of(request.GET.get("at", "")))
    return found, Clock.of(user, timezone.now())


def _editable(request: HttpRequest, event_id: int) -> tuple[Found, Clock]:
    found, clock = _found(request, event_id)
    if not found.editable:
        raise Http404
    return found, clock


def _scope(request: HttpRequest, found: Found) -> tuple[bool, Instance | None]:
    """Whether all of it is meant, and otherwise which instance of a series is."""
    if found.event.kind != EventKind.MASTER or request.POST.get("scope") == "all":
        return True, None
    instance = actions.instance_of(found.event, found.starts_at)
    return instance is None, instance


def _form(
    request: HttpRequest,
    made: Draft,
    calendars: list[Calendar] | None = None,
    into: Calendar | None = None,
    found: Found | None = None,
) -> HttpResponse:
    clock = Clock.of(user_of(request), timezone.now())
    series = found.event if found and found.event.kind == EventKind.MASTER else None
    chosen = found.event.calendar if found else into
    custom = (
        ((Repeat.CUSTOM, in_words(series.recurrence, clock, series)),) if series and made.repeat == "custom" else ()
    )
    context = {
        "form": made,
        "found": found,
        "at": at(found.starts_at) if found else "",
        "calendars": calendars or [],
        "into": chosen,
        "was": draft.seal(draft.of_event(found.event, found.starts_at, found.series, clock)) if found else "",
        "zones": time_zones(),
        "series": series,
        "single": series is not None and found is not None and actions.instance_of(series, found.starts_at) is not None,
        "repeats": (*custom, *_REPEATS) if not (found and found.event.kind == EventKind.EXCEPTION) else (),
        "back": _day_path(found.starts_at, clock) if found else f"/calendar/?date={made.start_day}",
    }
    return _part(request, "calendars/form.html", context, status=422 if made.errors else 200)


def _part(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The part that is opened above the calendar, or the same on a page of its own."""
    if request.headers.get("HX-Request"):
        # What is wrong is said inside; the part takes its own place.
        return render(request, template, {**context, "heading": "h2"})
    return render(request, "calendars/change_page.html", {**context, "part": template, "heading": "h1"}, status=status)


def _done(request: HttpRequest, shown: datetime, event: Event, clock: Clock, words: str, undo: int = 0) -> HttpResponse:
    messages.success(request, words, extra_tags=f"undo:/calendar/undo/{undo}/" if undo else "")
    return _answer(request, shown, clock)


def _answer(request: HttpRequest, shown: datetime, clock: Clock) -> HttpResponse:
    """With scripts the page is told to look again; without, it is the calendar around that day."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(_day_path(shown, clock))
    response = render(request, "components/toasts_more.html")
    response["HX-Trigger"], response["HX-Reswap"] = "calendars-changed", "none"
    return response


def _day_path(shown: datetime, clock: Clock) -> str:
    return f"/calendar/?date={clock.wall(shown).date().isoformat()}"


def _named(event: Event) -> str:
    title = event.title.strip()[:60] or UNTITLED
    return f"“{title}”"


def _vendor(event: Event) -> str:
    return event.calendar.connection.provider_spec.name


def _wall(text: str) -> datetime | date | None:
    """A date, or a time without a zone."""
    try:
        found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    day = found.date() if isinstance(found, datetime) else found
    return found if EARLIEST <= day <= LATEST else None


def _midnight(value: datetime | date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _shown(start: datetime | date, end: datetime | date) -> tuple[datetime, datetime]:
    """Times as rows have them: a date is midnight in UTC."""
    first, last = (t if isinstance(t, datetime) else _midnight(t).replace(tzinfo=UTC) for t in (start, end))
    return first, last
