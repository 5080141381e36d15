"""The built-in world: three people with a Google and a Microsoft account each, who know each other and live today.

Deterministic for the same ``now``. Who they are is in ``people``, what they write in ``mail/``, what they do in
``events/``, whom they know in ``address_book``. What a vendor makes of it is left to that vendor's loader.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

from sandbox.meetings.itip import itip
from sandbox.seeds import SeedAccount, SeedCalendar
from sandbox.world import events
from sandbox.world.address_book import contacts
from sandbox.world.agenda import Agenda
from sandbox.world.deliveries import mailboxes
from sandbox.world.people import PARTIES, RESIDENTS

CALENDARS: dict[str, tuple[SeedCalendar, ...]] = {
    "ada.g": (
        SeedCalendar("Family", "Europe/Paris", "#f691b2"),
        SeedCalendar("Choir", "Europe/Oslo", "#7bd148"),
        SeedCalendar("Helligdager i Norge", "Europe/Oslo", "#cca6ac", writable=False),
    ),
    "ada.m": (SeedCalendar("Site visits", "Europe/Oslo", "#ffad46"),),
    "tomasz.g": (SeedCalendar("Climbing", "Europe/Oslo", "#fa573c"),),
    "tomasz.m": (SeedCalendar("Workshop machines", "Europe/Oslo", "#9a9cff"),),
    "priya.g": (SeedCalendar("Family", "Asia/Kolkata", "#f691b2"),),
    "priya.m": (SeedCalendar("Releases", "Asia/Kolkata", "#42d692"),),
}


def world(now: datetime) -> list[SeedAccount]:
    """All six accounts as they are at ``now`` (aware), to the minute."""
    return list(_at(now.astimezone(UTC).replace(second=0, microsecond=0)))


@lru_cache(maxsize=1)  # many resets in a row, as tests make them, want the same world
def _at(now: datetime) -> tuple[SeedAccount, ...]:
    agenda = Agenda(now)
    events.write(agenda)
    mail = mailboxes(now, lambda name: _invitation(agenda, name))
    people = contacts()
    accounts = []
    for resident in RESIDENTS:
        vendors: tuple[tuple[Literal["google", "microsoft"], str], ...] = (
            ("google", resident.google),
            ("microsoft", resident.microsoft),
        )
        for provider, key in vendors:
            messages = tuple(mail[key])
            accounts.append(
                SeedAccount(
                    provider=provider,
                    email=PARTIES[key].email,
                    name=PARTIES[key].name,
                    subject=_subject(provider, key),
                    tenant=_uuid(PARTIES[key].domain) if provider == "microsoft" else "",
                    time_zone=resident.zone,
                    labels=tuple(dict.fromkeys(label for message in messages for label in message.labels)),
                    messages=messages,
                    calendars=CALENDARS[key],
                    events=tuple(agenda.of[key]),
                    contacts=people[key],
                )
            )
    return tuple(accounts)


def _invitation(agenda: Agenda, name: str) -> bytes:
    """``uid`` or ``uid:METHOD`` as a script names it."""
    uid, _, method = name.partition(":")
    return itip(agenda.named[f"{uid}@events.nordlys.example"], method or "REQUEST", agenda.now)


def _subject(provider: str, key: str) -> str:
    """Google's ``sub`` is 21 digits, Microsoft's ``oid`` a UUID."""
    if provider == "google":
        return f"1{int(sha256(key.encode()).hexdigest(), 16) % 10**20:020d}"
    return _uuid(key)


def _uuid(name: str) -> str:
    return str(UUID(bytes=sha256(name.encode()).digest()[:16], version=4))
