"""The calendars and contacts of the built-in world: enough of them, well formed, and something to see on every day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from sandbox.seeds import SeedAccount, SeedEvent
from sandbox.world import world

MONDAY = datetime(2026, 3, 9, 9, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def accounts() -> list[SeedAccount]:
    return world(MONDAY)


def _events(accounts: list[SeedAccount]) -> list[SeedEvent]:
    return [event for account in accounts for event in account.events]


def _days(event: SeedEvent, zone: str) -> set[date]:
    """The days a single event touches on a clock in ``zone``."""
    first, last = (
        value.replace(tzinfo=ZoneInfo(event.time_zone)).astimezone(ZoneInfo(zone)).date()
        if isinstance(value, datetime)
        else value
        for value in (event.start, event.end)
    )
    return {first + timedelta(days=number) for number in range(max(1, (last - first).days))}


def test_there_are_enough_events(accounts: list[SeedAccount]) -> None:
    assert len(_events(accounts)) >= 110
    assert all(account.events and account.calendars and account.contacts for account in accounts)


@pytest.mark.parametrize("offset", range(7))
def test_today_and_tomorrow_are_never_empty(offset: int) -> None:
    now = MONDAY.replace(hour=21) + timedelta(days=offset)  # in Bengaluru it is tomorrow already
    for account in world(now):
        singles = [event for event in account.events if not event.recurrence and event.original_start is None]
        today = now.astimezone(ZoneInfo(account.time_zone)).date()
        days = {day for event in singles for day in _days(event, account.time_zone)}
        assert {today, today + timedelta(days=1)} <= days, account.email


@pytest.mark.parametrize("minute", (0, 7, 44, 59, 700, 1439))
def test_one_meeting_is_about_to_start(minute: int) -> None:
    now = MONDAY.replace(hour=0, minute=0) + timedelta(minutes=minute)
    hero = world(now)[1]
    starts = [
        event.start.replace(tzinfo=ZoneInfo(event.time_zone))
        for event in hero.events
        if isinstance(event.start, datetime) and not event.recurrence
    ]
    assert any(timedelta() < start - now <= timedelta(hours=2) for start in starts)


def test_rules_parse_and_series_start_on_a_day_of_their_own(accounts: list[SeedAccount]) -> None:
    for event in _events(accounts):
        for line in event.recurrence:
            if not line.startswith("RRULE:"):
                continue
            start = event.start if isinstance(event.start, datetime) else datetime.combine(event.start, time())
            aware = start.replace(tzinfo=ZoneInfo(event.time_zone)) if "UNTIL=" in line else start
            assert rrulestr(line, dtstart=aware)[0].date() == start.date(), (event.title, line)


def test_exceptions_belong_to_a_series_of_their_account(accounts: list[SeedAccount]) -> None:
    found = 0
    for account in accounts:
        masters = {event.uid: event for event in account.events if event.recurrence}
        for event in account.events:
            if event.original_start is None:
                continue
            master = masters[event.uid]
            rule = next(line for line in master.recurrence if line.startswith("RRULE:")).split(";UNTIL=")[0]
            start = master.start if isinstance(master.start, datetime) else datetime.combine(master.start, time())
            assert isinstance(event.original_start, datetime)
            assert rrulestr(rule, dtstart=start).between(event.original_start, event.original_start, inc=True)
            found += 1
    assert found >= 12


@pytest.mark.parametrize("day", [0, 262])  # from the second, two holidays of a coming Whit Monday are in sight
def test_no_uid_is_used_twice_in_an_account(day: int) -> None:
    for account in world(MONDAY + timedelta(days=day)):
        uses = Counter((event.uid, event.original_start) for event in account.events)
        assert max(uses.values()) == 1


def test_outlook_s_series_have_one_rule_and_nothing_else(accounts: list[SeedAccount]) -> None:
    for account in accounts:
        if account.provider == "microsoft":
            assert all(len(event.recurrence) <= 1 for event in account.events)


def test_events_lie_in_calendars_that_exist_and_end_after_they_start(accounts: list[SeedAccount]) -> None:
    for account in accounts:
        names = {calendar.name for calendar in account.calendars}
        for event in account.events:
            assert event.calendar in names | {""}
            assert isinstance(event.start, datetime) == isinstance(event.end, datetime)
            assert event.start < event.end


def test_the_days_are_of_many_kinds(accounts: list[SeedAccount]) -> None:
    events = _events(accounts)
    assert {"America/New_York", "Asia/Tokyo", "Europe/Oslo", "Asia/Kolkata"} <= {event.time_zone for event in events}
    assert {"busy", "free", "tentative", "out_of_office"} <= {event.showing for event in events}
    replies = {guest.reply for event in events for guest in event.attendees}
    assert replies == {"none", "accepted", "declined", "tentative"}
    rules = " ".join(line for event in events for line in event.recurrence)
    for part in ("COUNT=", "UNTIL=", "INTERVAL=", "BYDAY=2TU", "FREQ=YEARLY", "FREQ=DAILY", "EXDATE", "RDATE"):
        assert part in rules
    assert any(event.private for event in events) and any(event.meeting_url for event in events)
    assert any(event.cancelled for event in events)


def test_both_accounts_of_a_person_hold_the_same_meeting(accounts: list[SeedAccount]) -> None:
    google, microsoft = ({event.uid for event in account.events if event.attendees} for account in accounts[:2])
    assert google & microsoft


def test_people_are_known_in_several_accounts(accounts: list[SeedAccount]) -> None:
    assert len(accounts[0].contacts) >= 35 and len(accounts[1].contacts) >= 35
    names = Counter(contact.name for account in accounts for contact in account.contacts)
    assert sum(count > 1 for count in names.values()) >= 15
    assert all(
        address.endswith(".example") for account in accounts for one in account.contacts for address, _ in one.emails
    )
