"""The calendars' tables: calendars, events, and the occurrences that a page shows."""

from calendars.models.calendar import Calendar
from calendars.models.event import Event
from calendars.models.occurrence import Occurrence

__all__ = ["Calendar", "Event", "Occurrence"]
