"""Conversions between the vendors' forms: a round trip loses only what a report names."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.convert import (
    contact_to_google,
    contact_to_microsoft,
    event_to_google,
    event_to_microsoft,
    message_to_google,
    message_to_microsoft,
)

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(
    lambda t: t.strip() == t and "<" not in t and "&" not in t
)
EMAILS = st.sampled_from(["ben@example.org", "zoë@example.org", "c@d.example"])
RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3;COUNT=5",
        "FREQ=WEEKLY;BYDAY=MO,WE;WKST=SU",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        "FREQ=MONTHLY;BYMONTHDAY=15",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=15",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=MO",
    ]
)


def optional(strategies: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=strategies)


@st.composite
def google_events(draw: st.DrawFn) -> dict[str, Any]:
    guest = optional(
        {
            "displayName": WORDS,
            "optional": st.just(True),
            "responseStatus": st.sampled_from(["accepted", "declined", "tentative", "needsAction"]),
            "comment": WORDS,
        }
    )
    event: dict[str, Any] = draw(
        optional(
            {
                "summary": WORDS,
                "description": WORDS | st.just("<b>Bold</b> &amp; more"),
                "location": WORDS,
                "attendees": st.lists(st.builds(lambda e, g: {"email": e, **g}, EMAILS, guest), max_size=3),
                "transparency": st.sampled_from(["opaque", "transparent"]),
                "status": st.sampled_from(["confirmed", "tentative"]),
                "visibility": st.sampled_from(["default", "private", "confidential", "public"]),
                "colorId": st.just("5"),
                "recurrence": st.builds(lambda rule: [f"RRULE:{rule}"], RULES),
                "guestsCanSeeOtherGuests": st.booleans(),
                "guestsCanModify": st.booleans(),
                "reminders": st.sampled_from(
                    [
                        {"useDefault": True},
                        {"useDefault": False, "overrides": []},
                        {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]},
                        {"useDefault": False, "overrides": [{"method": "email", "minutes": 60}]},
                    ]
                ),
                "hangoutLink": st.just("https://meet.example/x"),
            }
        )
    )
    if draw(st.booleans()):
        day = draw(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
        event |= {"start": {"date": f"{day}"}, "end": {"date": f"{day + timedelta(days=draw(st.integers(1, 4)))}"}}
    else:
        zone = draw(st.sampled_from(ZONES))
        at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 5_000_000)))
        for name, moment in (("start", at), ("end", at + timedelta(minutes=45))):
            event[name] = {"dateTime": moment.astimezone(ZoneInfo(zone)).isoformat(), "timeZone": zone}
    return event


def told(event: dict[str, Any]) -> dict[str, Any]:
    """What an event says, whatever way it says it: instants, and what goes without saying said."""
    plain: dict[str, Any] = {
        "transparency": "opaque",
        "status": "confirmed",
        "visibility": "default",
        "guestsCanSeeOtherGuests": True,
    }
    plain |= {"reminders": {"useDefault": True}, "guestsCanModify": False, **event}
    for name in ("start", "end"):
        if moment := plain[name].get("dateTime"):
            plain[name] = {**plain[name], "dateTime": datetime.fromisoformat(moment).astimezone(UTC)}
    guests = plain.pop("attendees", [])
    plain["attendees"] = [{"optional": False, "displayName": "", "responseStatus": "needsAction", **g} for g in guests]
    if plain.get("recurrence"):
        rule = plain["recurrence"][0].removeprefix("RRULE:")
        plain["recurrence"] = sorted(p for p in rule.split(";") if not p.startswith("WKST"))
    return plain


@settings(max_examples=300, deadline=None)
@given(google_events())
def test_an_event_comes_back_but_for_what_is_named(event: dict[str, Any]) -> None:
    there = event_to_microsoft(event)
    back = event_to_google(there.value)
    lost = {name.partition(".")[0] for name in (*there.lost, *back.lost)}
    before, after = told(event), told(back.value)
    if "recurrence" in after and "recurrence" not in before:
        raise AssertionError("a series was made up")
    for name in before:
        if name == "attendees" and "attendees" in lost:
            before[name] = [{k: v for k, v in g.items() if f"attendees.{k}" not in there.lost} for g in before[name]]
        elif name in lost or (name == "transparency" and "status" in lost) or (name == "status" and "showAs" in lost):
            continue
        if name == "recurrence" and before[name] != after.get(name):
            # What goes without saying may be said: FREQ=WEEKLY of a Monday is BYDAY=MO.
            assert set(before[name]) <= set(after[name]), (before[name], after[name])
            continue
        assert after.get(name) == before[name], name


def test_what_cannot_be_said_is_named() -> None:
    start = {"dateTime": "2026-06-15T10:00:00Z"}
    event = {
        "id": "x",
        "etag": "y",
        "summary": "S",
        "start": start,
        "end": start,
        "colorId": "5",
        "conferenceData": {"a": 1},
    }
    made = event_to_microsoft({**event, "recurrence": ["RRULE:FREQ=MONTHLY;BYMONTHDAY=31", "EXDATE:20260831T100000Z"]})
    assert made.lost == ("colorId", "conferenceData", "recurrence", "recurrence.EXDATE")
    assert made.left == ("etag", "id") and "recurrence" not in made.value


def test_an_hour_that_happens_twice_keeps_its_instant() -> None:
    second = {"dateTime": "2026-10-25T02:30:00+01:00", "timeZone": "Europe/Berlin"}
    made = event_to_microsoft({"start": second, "end": second})
    assert made.value["start"] == {"dateTime": "2026-10-25T01:30:00", "timeZone": "UTC"}
    assert "start.timeZone" in made.lost


def test_graphs_own_events_are_read() -> None:
    event = {
        "id": "A",
        "subject": "Review",
        "body": {"contentType": "html", "content": "<html><body>See <b>here</b></body></html>"},
        "start": {"dateTime": "2026-06-15T07:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-06-15T08:00:00.0000000", "timeZone": "UTC"},
        "originalStartTimeZone": "W. Europe Standard Time",
        "categories": ["Red category"],
        "showAs": "oof",
        "importance": "high",
        "location": {"displayName": "Hall", "address": {"city": "Oslo"}},
    }
    made = event_to_google(event)
    assert made.value["start"] == {"dateTime": "2026-06-15T09:00:00+02:00", "timeZone": "Europe/Berlin"}
    assert made.lost == ("categories", "importance", "location.address", "showAs") and made.left == ("id",)


PLACE = optional(dict.fromkeys(("streetAddress", "city", "region", "postalCode", "country"), WORDS)).filter(bool)
PEOPLE = optional(
    {
        "names": st.lists(
            optional(dict.fromkeys(("givenName", "familyName", "middleName"), WORDS)).filter(bool), max_size=1
        ),
        "nicknames": st.builds(lambda v: [{"value": v}], WORDS),
        "biographies": st.builds(lambda v: [{"value": v}], WORDS),
        "emailAddresses": st.lists(
            st.builds(lambda v: {"value": v}, EMAILS), max_size=4, unique_by=lambda e: e["value"]
        ),
        "phoneNumbers": st.lists(
            st.builds(
                lambda v, t: {"value": v, "type": t}, WORDS, st.sampled_from(["mobile", "home", "work", "pager"])
            ),
            max_size=4,
        ),
        "addresses": st.lists(
            st.builds(lambda p, t: {**p, "type": t}, PLACE, st.sampled_from(["home", "work"])), max_size=2
        ),
        "organizations": st.builds(lambda n, t: [{"name": n, "title": t}], WORDS, WORDS),
        "birthdays": st.sampled_from(
            [[{"date": {"year": 1990, "month": 2, "day": 28}}], [{"date": {"month": 2, "day": 29}}]]
        ),
        "relations": st.lists(
            st.builds(lambda p, t: {"person": p, "type": t}, WORDS, st.sampled_from(["spouse", "child", "friend"])),
            max_size=3,
        ),
        "userDefined": st.just([{"key": "a", "value": "b"}]),
    }
)


def in_order(entries: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True) for entry in entries)


@settings(max_examples=200, deadline=None)
@given(PEOPLE)
def test_a_person_comes_back_but_for_what_is_named(person: dict[str, Any]) -> None:
    there = contact_to_microsoft(person)
    back = contact_to_google(there.value)
    lost = {name.partition(".")[0] for name in (*there.lost, *back.lost)}
    for name, value in person.items():
        if name in lost or not value:
            continue
        assert in_order(back.value.get(name, [])) == in_order(value), name


def test_graphs_own_contacts_are_read() -> None:
    contact = {
        "id": "A",
        "displayName": "Dr. Zoë Quill",
        "givenName": "Zoë",
        "surname": "Quill",
        "businessPhones": ["1"],
        "homeAddress": {"street": "Elm 1"},
        "birthday": "1604-05-04T11:59:00Z",
        "categories": ["Friends"],
    }
    made = contact_to_google(contact)
    assert made.value["names"] == [{"givenName": "Zoë", "familyName": "Quill"}]
    assert made.value["birthdays"] == [{"date": {"month": 5, "day": 4}}]
    assert made.lost == ("categories", "displayName") and made.left == ("id",)


def part(kind: str, text: str) -> dict[str, Any]:
    return {"mimeType": kind, "body": {"data": base64.urlsafe_b64encode(text.encode()).decode()}}


def test_a_message_comes_back_but_for_what_is_named() -> None:
    names = {
        "From": "Ada <a@x.example>",
        "To": "Ben <b@x.example>, c@x.example",
        "Subject": "Grüße",
        "Message-ID": "<1@x>",
    }
    mail = {
        "id": "m",
        "threadId": "t",
        "internalDate": "1781517600000",
        "labelIds": ["INBOX", "UNREAD", "STARRED", "Label_7"],
        "payload": {**part("text/html", "<p>Hi</p>"), "headers": [{"name": n, "value": v} for n, v in names.items()]},
    }
    there = message_to_microsoft(mail)
    assert there.value["flag"] == {"flagStatus": "flagged"} and there.value["isRead"] is False
    assert there.lost == ("labelIds",) and set(there.left) == {"id", "threadId"}
    back = message_to_google(there.value)
    sent = message_from_bytes(base64.urlsafe_b64decode(back.value["raw"]), policy=policy.default)
    assert {name: sent[name] for name in names} == names
    assert sent.get_body().get_content().strip() == "<p>Hi</p>"  # type: ignore[union-attr]
    assert back.value["labelIds"] == ["UNREAD", "STARRED"] and back.lost == ()
    assert sent["Date"].datetime == datetime.fromtimestamp(1781517600, UTC)


def test_attachments_go_along_where_they_have_content() -> None:
    content = base64.b64encode(b"%PDF").decode()
    files = [{"name": "a.pdf", "contentType": "application/pdf", "contentBytes": content}]
    mail = {"subject": "S", "body": {"contentType": "text", "content": "t"}, "toRecipients": [], "attachments": files}
    made = message_to_google(mail)
    sent = message_from_bytes(base64.urlsafe_b64decode(made.value["raw"]), policy=policy.default)
    assert [a.get_filename() for a in sent.iter_attachments()] == ["a.pdf"] and made.lost == ()
    assert message_to_google({**mail, "attachments": [], "hasAttachments": True, "importance": "high"}).lost == (
        "attachments",
        "importance",
    )
