"""Calendars and events: views of a window, series with their exceptions, answers, with their change tracking."""
