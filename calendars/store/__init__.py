"""Records to rows: the calendar store of the sync engine."""

from calendars.store.store import CalendarStore

__all__ = ["CalendarStore"]
