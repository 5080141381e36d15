"""The sandbox's Google Calendar: calendars and events in SQLite, and the methods of the Calendar API v3 over them."""
