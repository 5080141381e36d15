"""Reads of the calendars: which there are, what takes place when, and one event whole. Always through the owner."""

from calendars.models import Calendar
from calendars.queries.agenda import Item, agenda, agenda_of
from calendars.queries.calendars import calendars_of, own_calendar, writable_of
from calendars.queries.edits import unsettled
from calendars.queries.event import Found, found_event, own_event

__all__ = [
    "Calendar",
    "Found",
    "Item",
    "agenda",
    "agenda_of",
    "calendars_of",
    "found_event",
    "own_calendar",
    "own_event",
    "unsettled",
    "writable_of",
]
