"""The corpus loader on the real files that lie beside the checkout; skipped where they are not."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.seeds import LeftOut, SeedAccount
from sandbox.world.corpus import corpus

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus"
NOW = datetime(2026, 3, 11, 9, 20, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the corpus of real files is not beside the checkout")


@pytest.fixture(scope="module")
def loaded() -> tuple[list[SeedAccount], LeftOut]:
    return corpus(FOLDER, NOW)


def test_both_vendors_get_the_same(loaded: tuple[list[SeedAccount], LeftOut]) -> None:
    google, microsoft = loaded[0]
    assert (google.provider, microsoft.provider) == ("google", "microsoft")
    assert google.messages == microsoft.messages
    assert google.events == microsoft.events
    assert google.contacts == microsoft.contacts


def test_it_takes_seconds() -> None:
    started = time.perf_counter()
    corpus(FOLDER, NOW)
    assert time.perf_counter() - started < 15


def test_every_message_is_there_byte_for_byte(loaded: tuple[list[SeedAccount], LeftOut]) -> None:
    raws = {message.raw for message in loaded[0][0].messages}
    files = sorted((FOLDER / "mail").rglob("*.eml"))
    assert len(files) > 1700
    assert all(path.read_bytes() in raws for path in files)
    assert len(loaded[0][0].messages) >= len(files) + 60


def test_every_event_is_loaded_or_its_absence_explained(loaded: tuple[list[SeedAccount], LeftOut]) -> None:
    accounts, left_out = loaded
    reasons = Counter(why.split(":")[0][:20] for _, why in left_out.entries)
    assert len(accounts[0].events) >= 12_800
    assert reasons["no DTSTART"] > 100
    assert all(what and why for what, why in left_out.entries)


def test_events_are_well_formed(loaded: tuple[list[SeedAccount], LeftOut]) -> None:
    account = loaded[0][0]
    masters = {event.uid for event in account.events if event.recurrence}
    names = {calendar.name for calendar in account.calendars}
    uses = Counter((event.uid, event.original_start) for event in account.events)
    assert max(uses.values()) == 1
    for event in account.events:
        ZoneInfo(event.time_zone)
        assert event.calendar in names
        assert isinstance(event.start, datetime) == isinstance(event.end, datetime)
        assert event.original_start is None or event.uid in masters
        if isinstance(event.start, datetime) and isinstance(event.end, datetime):
            assert event.start.tzinfo is None and event.end.tzinfo is None and event.start <= event.end


def test_messages_came_in_the_past(loaded: tuple[list[SeedAccount], LeftOut]) -> None:
    for message in loaded[0][0].messages:
        assert datetime(1990, 1, 1, tzinfo=UTC) <= message.received <= NOW
    boxes = Counter(message.box for message in loaded[0][0].messages)
    assert boxes["inbox"] > 1000 and boxes["archive"] and boxes["sent"]


def test_contacts_of_all_formats(loaded: tuple[list[SeedAccount], LeftOut]) -> None:
    contacts = loaded[0][0].contacts
    assert len(contacts) >= 673
    assert all(contact.name for contact in contacts)
    assert any(contact.photo for contact in contacts) and any(contact.birthday for contact in contacts)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        corpus(tmp_path / "nowhere", NOW)
