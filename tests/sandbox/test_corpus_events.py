"""The corpus loader on small calendars written here: exceptions, cuts, zones, ends, and what is left out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sandbox.seeds import LeftOut, SeedEvent
from sandbox.world.corpus import corpus
from sandbox.world.corpus.zones import by_name

NOW = datetime(2026, 3, 11, 9, 20, tzinfo=UTC)


def _load(folder: Path, *calendars: str) -> tuple[list[SeedEvent], LeftOut]:
    (folder / "calendar" / "here").mkdir(parents=True)
    for number, body in enumerate(calendars):
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            *(line.strip() for line in body.strip().splitlines()),
            "END:VCALENDAR",
        ]
        (folder / "calendar" / "here" / f"{number}.ics").write_bytes("\r\n".join(lines).encode())
    accounts, left_out = corpus(folder, NOW)
    return list(accounts[0].events), left_out


def _vevent(*lines: str) -> str:
    return "\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))


def test_an_exception_belongs_to_its_series(tmp_path: Path) -> None:
    events, _ = _load(
        tmp_path,
        _vevent("UID:a", "DTSTART;TZID=Europe/Oslo:20260302T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4")
        + "\n"
        + _vevent(
            "UID:a", "RECURRENCE-ID:20260309T080000Z", "DTSTART;TZID=Europe/Oslo:20260310T100000", "SUMMARY:moved"
        ),
    )
    master, exception = events
    assert master.recurrence == ("RRULE:FREQ=WEEKLY;COUNT=4",)
    assert master.end == datetime(2026, 3, 2, 10)  # noqa: DTZ001
    assert (exception.uid, exception.original_start) == ("a", datetime(2026, 3, 9, 9))  # noqa: DTZ001


def test_an_orphan_becomes_an_event_of_its_own(tmp_path: Path) -> None:
    (event,), _ = _load(tmp_path, _vevent("UID:a", "RECURRENCE-ID:20260309T080000Z", "DTSTART:20260309T090000Z"))
    assert event.original_start is None and event.recurrence == ()


def test_this_and_future_cuts_the_series_in_two(tmp_path: Path) -> None:
    events, _ = _load(
        tmp_path,
        _vevent("UID:a", "DTSTART:20260302T090000Z", "RRULE:FREQ=DAILY;COUNT=10", "SUMMARY:before")
        + "\n"
        + _vevent(
            "UID:a", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260306T090000Z", "DTSTART:20260306T100000Z", "SUMMARY:after"
        ),
    )
    before, after = sorted(events, key=lambda event: str(event.start))
    assert before.recurrence == ("RRULE:FREQ=DAILY;UNTIL=20260306T085959Z",)
    assert (after.title, after.recurrence) == ("after", ("RRULE:FREQ=DAILY;COUNT=6",))
    assert before.uid != after.uid


def test_files_that_share_a_uid_lose_nothing(tmp_path: Path) -> None:
    events, _ = _load(tmp_path, *(_vevent("UID:a", f"DTSTART:2026030{day}T090000Z") for day in (1, 2, 3)))
    assert len({event.uid for event in events}) == 3


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        (("DTSTART;VALUE=DATE:20260305",), date(2026, 3, 5), date(2026, 3, 6)),
        (("DTSTART;VALUE=DATE:20260305", "DTEND;VALUE=DATE:20260308"), date(2026, 3, 5), date(2026, 3, 8)),
        (("DTSTART:20260305T090000",), "2026-03-05T09:00", "2026-03-05T09:00"),
        (
            ("DTSTART;TZID=Europe/Oslo:20260305T090000", "DTEND:20260305T090000Z"),
            "2026-03-05T09:00",
            "2026-03-05T10:00",
        ),
        (("DTSTART:20260305T090000Z", "DTEND:20260305T080000Z"), "2026-03-05T09:00", "2026-03-05T09:00"),
    ],
)
def test_starts_and_ends(tmp_path: Path, lines: tuple[str, ...], start: date | str, end: date | str) -> None:
    (event,), _ = _load(tmp_path, _vevent("UID:a", *lines))
    wanted = tuple(datetime.fromisoformat(value) if isinstance(value, str) else value for value in (start, end))
    assert (event.start, event.end) == wanted


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Europe/Oslo", "Europe/Oslo"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/mozilla.org/20050126_1/America/Boise", "America/Boise"),
        ("America-Chicago", "America/Chicago"),
        ("Nowhere/Middle", ""),
    ],
)
def test_zone_names(tzid: str, zone: str) -> None:
    assert by_name(tzid) == zone


def test_an_invented_zone_is_known_by_its_offsets(tmp_path: Path) -> None:
    (event,), _ = _load(
        tmp_path,
        """
        BEGIN:VTIMEZONE
        TZID:Made up
        BEGIN:STANDARD
        DTSTART:20001029T020000
        TZOFFSETFROM:-0400
        TZOFFSETTO:-0500
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:20000402T020000
        RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU
        TZOFFSETFROM:-0500
        TZOFFSETTO:-0400
        END:DAYLIGHT
        END:VTIMEZONE
        """
        + _vevent("UID:a", "DTSTART;TZID=Made up:20260305T090000"),
    )
    assert (event.time_zone, event.start) == ("America/New_York", datetime(2026, 3, 5, 9))  # noqa: DTZ001


def test_what_is_no_event_is_told(tmp_path: Path) -> None:
    events, left_out = _load(
        tmp_path,
        "BEGIN:VTODO\nUID:t\nEND:VTODO\n" + _vevent("UID:a", "SUMMARY:when?"),
        _vevent("UID:b", "DTSTART:20260305T090000Z", "RRULE:FREQ=SECONDLY"),
    )
    assert [event.uid for event in events] == ["b"] and events[0].recurrence == ()
    told = " | ".join(why for _, why in left_out.entries)
    assert "a task, 1 of them" in told and "no DTSTART" in told and "more often than daily" in told
