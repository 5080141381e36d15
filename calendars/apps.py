"""The calendars app: registers its store with the sync engine, and its reader with the Python layer."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "calendars"

    def ready(self) -> None:
        from calendars.reader import CalendarReader
        from calendars.store import CalendarStore
        from integrations.layers import readers
        from integrations.records import Service
        from integrations.sync.stores import register

        register(Service.CALENDAR, CalendarStore())
        readers.register(Service.CALENDAR, CalendarReader())
