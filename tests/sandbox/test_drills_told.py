"""Drills that an account's owner's hand holds: guests are told of a meeting that moves or goes, as by any client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox
from tests.sandbox.test_meetings import ADA, BOB, CLEO, DAN, Person

VENDORS = {"google": (ADA, CLEO), "microsoft": (DAN, BOB)}


def soon(person: Person, hour: int) -> dict[str, Any]:
    """An hour of the day after tomorrow, by which no meeting is over."""
    day = (datetime.now(UTC) + timedelta(days=2)).replace(hour=hour, minute=0, second=0, microsecond=0)
    zone = "+00:00" if person.at_google else ""
    return {
        name: {"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}{zone}", "timeZone": "UTC"}
        for name, at in (("start", day), ("end", day + timedelta(hours=1)))
    }


@pytest.mark.parametrize("provider", VENDORS)
def test_guests_are_told_of_a_meeting_that_moves_and_goes(sandbox: Sandbox, provider: str) -> None:
    owner, guest = VENDORS[provider]
    sandbox.seed(
        accounts=[{"provider": "google" if "gmail" in one else "microsoft", "email": one} for one in VENDORS[provider]]
    )
    organizer, invited = Person(sandbox, owner), Person(sandbox, guest)
    organizer.invite(guest, **soon(organizer, 10))
    assert [method for _, method, _ in invited.mail()] == ["REQUEST"]
    sandbox.drill("move-meeting", provider=provider, email=owner, minutes=30)
    _, method, said = invited.mail()[0]
    assert len(invited.mail()) == 2 and method == "REQUEST" and "T103000" in said
    sandbox.drill("delete-at-provider", provider=provider, email=owner, what="meeting")
    assert [method for _, method, _ in invited.mail()] == ["CANCEL", "REQUEST", "REQUEST"]
