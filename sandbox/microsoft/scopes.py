"""Which delegated permissions cover which ("Microsoft Graph permissions reference"): a higher one covers the lower.

Every operation of the router states the least permission that it needs.
"""

from __future__ import annotations

from collections.abc import Iterable

HIGHER: dict[str, tuple[str, ...]] = {
    "Mail.ReadBasic": ("Mail.Read", "Mail.ReadWrite"),
    "Mail.Read": ("Mail.ReadWrite",),
    "Mail.ReadWrite": (),
    "Mail.Send": (),
    "Calendars.ReadBasic": (
        "Calendars.Read",
        "Calendars.ReadWrite",
        "Calendars.Read.Shared",
        "Calendars.ReadWrite.Shared",
    ),
    "Calendars.Read": ("Calendars.ReadWrite", "Calendars.Read.Shared", "Calendars.ReadWrite.Shared"),
    "Calendars.ReadWrite": ("Calendars.ReadWrite.Shared",),
    "Calendars.Read.Shared": ("Calendars.ReadWrite.Shared",),
    "Contacts.Read": ("Contacts.ReadWrite",),
    "Contacts.ReadWrite": (),
    "MailboxSettings.Read": ("MailboxSettings.ReadWrite",),
    "MailboxSettings.ReadWrite": (),
    "User.Read": ("User.ReadWrite", "User.Read.All", "User.ReadWrite.All"),
    "User.ReadBasic.All": ("User.Read", "User.ReadWrite", "User.Read.All", "User.ReadWrite.All"),
}
PREFIX = "https://graph.microsoft.com/"


def normal(granted: Iterable[str]) -> frozenset[str]:
    """Scopes without the resource's address, in lower case: Entra compares them so."""
    return frozenset(s.removeprefix(PREFIX).lower() for s in granted)


def covers(granted: frozenset[str], least: str) -> bool:
    """Whether normalised ``granted`` holds ``least`` or something above it. An empty ``least`` asks for nothing."""
    return not least or any(name.lower() in granted for name in (least, *HIGHER[least]))
