"""Calendars: calendars and events of all accounts; reads, edits and pages."""
