"""The calendar's pages: thin; what they show is read by ``calendars.queries``."""
