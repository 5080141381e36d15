"""How the pages above the domains put numbers and services into words."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.records import Service

SERVICE_NAMES = {Service.MAIL: "Mail", Service.CALENDAR: "Calendar", Service.CONTACTS: "Contacts"}
_ITEMS = {
    Service.MAIL: ("message", "messages"),
    Service.CALENDAR: ("event", "events"),
    Service.CONTACTS: ("contact", "contacts"),
}


def counted(number: int, one: str, many: str) -> str:
    """1 message, 8,900 messages."""
    return f"{number:,} {one if number == 1 else many}"


def items(service: Service, number: int) -> str:
    """A number of what a service is made of."""
    return counted(number, *_ITEMS[service])


def listed(words: list[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def duration(length: timedelta) -> str:
    """36 min, 2 h 5 min, 3 days; whole minutes, rounded up."""
    minutes = max(1, -(-int(length.total_seconds()) // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return counted(minutes // (24 * 60), "day", "days")


def time_left(seconds: float | None, *, at_limit: bool, vendor: str) -> str:
    """What follows how much is done, such as “, about 14 min left at Google's limit”; empty where it is not known."""
    if seconds is None:
        return ""
    limit = f" at {vendor}'s limit" if at_limit else ""
    return f", about {duration(timedelta(seconds=seconds))} left{limit}"


def day(moment: datetime) -> str:
    """Monday 23 November."""
    return f"{moment:%A} {moment.day} {moment:%B}"
