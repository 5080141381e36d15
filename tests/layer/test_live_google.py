"""Google's live clients against the sandbox: every method does what it says there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from integrations.errors import NotFound, PermanentFailure
from integrations.providers.google.live_calendar import GoogleCalendarApi
from integrations.providers.google.live_contacts import GoogleContactsApi
from integrations.providers.google.live_gmail import GmailApi
from tests.layer.conftest import GOOGLE, OTHER_GOOGLE
from tests.providers.sandbox_process import Connected, SandboxProcess

START = datetime.now().astimezone().replace(minute=0, second=0, microsecond=0) + timedelta(days=3)


@pytest.fixture(scope="module")
def account(sandbox_process: SandboxProcess) -> Connected:
    return sandbox_process.connect("google", GOOGLE)


@pytest.fixture
def calendar(account: Connected) -> GoogleCalendarApi:
    return GoogleCalendarApi(account.session)


@pytest.fixture
def gmail(account: Connected) -> GmailApi:
    return GmailApi(account.session)


@pytest.fixture
def contacts(account: Connected) -> GoogleContactsApi:
    return GoogleContactsApi(account.session)


def an_event(**more: Any) -> dict[str, Any]:
    hours = {"start": START, "end": START + timedelta(hours=1)}
    zoned = {n: {"dateTime": t.isoformat(), "timeZone": "Europe/Berlin"} for n, t in hours.items()}
    return {"summary": "Tea", **zoned, **more}


def test_events_are_made_found_changed_and_deleted(calendar: GoogleCalendarApi) -> None:
    own = next(c for c in calendar.list_calendars() if c.get("primary"))
    assert calendar.get_calendar()["id"] == calendar.get_calendar(own["id"])["id"] == own["id"]
    with pytest.raises(NotFound):
        calendar.get_calendar("nowhere@group.calendar.google.com")
    made = calendar.create_event("primary", an_event(location="Kitchen"))
    assert calendar.get_event("primary", made["id"])["location"] == "Kitchen"
    changed = calendar.update_event("primary", made["id"], {"summary": "Coffee"})
    assert (changed["summary"], changed["location"]) == ("Coffee", "Kitchen")
    found = calendar.list_events("primary", START - timedelta(minutes=1), START + timedelta(hours=2))
    assert made["id"] in [e["id"] for e in found]
    calendar.delete_event("primary", made["id"])
    listed = calendar.list_events("primary", START - timedelta(minutes=1), START + timedelta(hours=2))
    assert made["id"] not in [e["id"] for e in listed]


def test_a_series_comes_as_its_instances(calendar: GoogleCalendarApi) -> None:
    made = calendar.create_event("primary", an_event(recurrence=["RRULE:FREQ=DAILY;COUNT=4"]))
    instances = list(calendar.list_instances("primary", made["id"]))
    assert len(instances) == 4
    listed = calendar.list_events("primary", START - timedelta(minutes=1), START + timedelta(days=2, minutes=1))
    assert len([e for e in listed if e.get("recurringEventId") == made["id"]]) == 3
    calendar.delete_event("primary", made["id"])


def test_listings_page_by_themselves_and_stop_where_they_are_told(calendar: GoogleCalendarApi, gmail: GmailApi) -> None:
    everything = list(calendar.iter_events("primary", START - timedelta(days=900), START + timedelta(days=900)))
    assert len(everything) > 250
    assert len(calendar.list_events("primary", START - timedelta(days=900), max_results=7)) == 7
    assert len(gmail.list_messages(max_results=5)) == 5


def test_an_invitation_is_answered_and_busy_times_are_told(
    calendar: GoogleCalendarApi, sandbox_process: SandboxProcess
) -> None:
    host = GoogleCalendarApi(sandbox_process.connect("google", OTHER_GOOGLE).session)
    guests = [{"email": GOOGLE}]
    made = host.create_event("primary", an_event(summary="Invited", attendees=guests), send_updates="all")
    answered = calendar.respond("primary", made["id"], "accepted", "Gladly")
    assert [a["responseStatus"] for a in answered["attendees"] if a.get("self")] == ["accepted"]
    busy = calendar.free_busy(START, START + timedelta(hours=1))["primary"]
    assert [b for b in busy if datetime.fromisoformat(b["start"]) <= START < datetime.fromisoformat(b["end"])]
    host.delete_event("primary", made["id"])


def test_mail_is_sent_answered_forwarded_and_filed(gmail: GmailApi) -> None:
    assert gmail.get_profile()["emailAddress"] == GOOGLE
    sent = gmail.send_email(GOOGLE, "Lunch é", "<p>At <b>noon</b>?</p>", html=True)
    message = gmail.get_message(sent["id"])
    assert {"SENT", "INBOX"} <= set(message["labelIds"])
    answer = gmail.reply(sent["id"], "Yes")
    assert answer["threadId"] == sent["threadId"]
    passed_on = gmail.forward(sent["id"], GOOGLE, "See below")
    assert gmail.list_attachments(passed_on["id"])[0]["filename"].endswith(".eml")
    label = gmail.create_label("Lunches")
    assert label["id"] in {found["id"] for found in gmail.list_labels()}
    assert label["id"] in gmail.modify_message(sent["id"], add=[label["id"]])["labelIds"]
    assert "INBOX" not in gmail.archive_message(sent["id"])["labelIds"]
    assert "UNREAD" not in gmail.mark_read(sent["id"])["labelIds"]
    assert "TRASH" in gmail.trash_message(sent["id"])["labelIds"]
    assert "TRASH" not in gmail.untrash_message(sent["id"])["labelIds"]
    gmail.delete_label(label["id"])
    assert [m["id"] for m in gmail.search_messages('subject:"Lunch é"')]


def test_drafts_and_attachments(gmail: GmailApi) -> None:
    sent = gmail.send_message(
        {"to": GOOGLE, "subject": "File", "body": "plain", "html": "<i>html</i>", "attachments": [__file__]}
    )
    attached = gmail.list_attachments(sent["id"])
    with open(__file__, "rb") as file:
        assert gmail.get_attachment(sent["id"], attached[0]["part_id"]) == file.read()
    assert b"Subject: File" in gmail.get_source(sent["id"])
    draft = gmail.create_draft({"to": GOOGLE, "subject": "Later", "body": "one"})
    draft = gmail.update_draft(draft["id"], {"to": GOOGLE, "subject": "Later", "body": "two"})
    assert draft["id"] in [d["id"] for d in gmail.list_drafts()]
    assert "SENT" in gmail.send_draft(draft["id"])["labelIds"]
    with pytest.raises(PermanentFailure, match="line break"):
        gmail.send_email("ben@example.org", "Two\nlines", "Text")
    with pytest.raises(PermanentFailure, match=r"cannot be read"):
        gmail.send_email("ben@example.org", "A file", "Text", attachments=["/nowhere/at/all.pdf"])
    with pytest.raises(PermanentFailure, match="somebody"):
        gmail.send_message({"subject": "to nobody"})


def test_contacts_are_made_found_changed_and_deleted(contacts: GoogleContactsApi) -> None:
    before = len(contacts.list_contacts(page_size=None))
    made = contacts.create_contact({"names": [{"givenName": "Zora", "familyName": "Quill"}]})
    name = made["resourceName"]
    contacts.update_contact(name, {"emailAddresses": [{"value": "zora@example.org"}]})
    kept = contacts.get_contact(name)
    assert kept["names"][0]["familyName"] == "Quill" and kept["emailAddresses"][0]["value"] == "zora@example.org"
    assert name in [p["resourceName"] for p in contacts.search_contacts("Zora")]
    assert len(contacts.list_contacts(page_size=None)) == before + 1
    contacts.delete_contact(name)
    with pytest.raises(NotFound):
        contacts.get_contact(name)
    group = contacts.create_group("Bell ringers")
    assert group["resourceName"] in [g["resourceName"] for g in contacts.list_groups()]
