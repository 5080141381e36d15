"""The corpus of real mail, calendars and contacts in the sandbox's Google: all of it is there, and can be shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from sandbox import google
from sandbox.store import Store
from sandbox.world.corpus import corpus
from tests.sandbox.google_client import World

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the corpus of real files is not beside the checkout")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ME = "/gmail/v1/users/me"


def test_everything_loads_and_every_answer_is_by_the_contract() -> None:
    seeds, _ = corpus(FOLDER, NOW)
    seed = next(s for s in seeds if s.provider == "google")
    world = World(Store(None), [seed])
    counts = google.counts(world.store, world.account())
    assert counts["messages"] == len(seed.messages)
    assert counts["events"] == sum(not e.cancelled for e in seed.events)
    assert counts["contacts"] == len(seed.contacts)
    for message in google.messages(world.store, world.account()):
        world.get(f"{ME}/messages/{message['id']}")
    events = 0
    for calendar in world.get("/calendar/v3/users/me/calendarList")["items"]:
        path = f"/calendar/v3/calendars/{quote(calendar['id'])}/events"
        query = {"maxResults": 2500}
        while True:
            page = world.get(path, **query)
            events += sum(e["status"] != "cancelled" for e in page["items"])
            if "nextPageToken" not in page:
                break
            query["pageToken"] = page["nextPageToken"]
        window = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-12-01T00:00:00Z"}
        world.get(path, singleEvents="true", orderBy="startTime", **window)
    assert events == counts["events"]
    assert world.get("/v1/people/me/connections", personFields="names,emailAddresses,birthdays,photos", pageSize=1000)
