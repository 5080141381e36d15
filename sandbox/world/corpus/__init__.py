"""Real mail, calendars and contacts from a folder, as two accounts that hold the same: one per vendor.

The folder has ``mail/**/*.eml|mbox``, ``calendar/**/*.ics`` and ``contacts/**/*.vcf|csv|ldif``. All that can be read is
loaded; the rest is listed with its reason. What a vendor cannot express is left to that vendor's loader.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sandbox.seeds import LeftOut, SeedAccount
from sandbox.world.corpus.calendars import calendars
from sandbox.world.corpus.contacts import contacts
from sandbox.world.corpus.mail import messages

HOME_ZONE = "Europe/Oslo"


def corpus(folder: Path, now: datetime) -> tuple[list[SeedAccount], LeftOut]:
    """Both accounts, and what was left out and why. Raises FileNotFoundError if there is no such folder."""
    if not folder.is_dir():
        raise FileNotFoundError(f"no corpus at {folder}")
    left_out = LeftOut()
    mail = messages(folder, now.astimezone(UTC).replace(microsecond=0), left_out)
    books, events = calendars(folder, HOME_ZONE, left_out)
    people = contacts(folder, left_out)
    labels = tuple(sorted({label for message in mail for label in message.labels}))
    google = SeedAccount(
        "google",
        "corpus@gmail.example",
        "The corpus",
        subject="100000000000000000001",
        time_zone=HOME_ZONE,
        labels=labels,
        messages=mail,
        calendars=books,
        events=events,
        contacts=people,
    )
    microsoft = SeedAccount(
        "microsoft",
        "corpus@outlook.example",
        "The corpus",
        subject="00000000-0000-4000-8000-000000000001",
        tenant="9188040d-6c67-4c5b-b112-36a304b66dad",  # the tenant of Microsoft's personal accounts
        time_zone=HOME_ZONE,
        labels=labels,
        messages=mail,
        calendars=books,
        events=events,
        contacts=people,
    )
    return [google, microsoft], left_out
