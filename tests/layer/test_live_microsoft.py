"""Microsoft's live clients against the sandbox: every method does what it says there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.errors import NotFound, PermanentFailure
from integrations.providers.compose import Attached
from integrations.providers.microsoft.live_calendar import OutlookCalendarApi
from integrations.providers.microsoft.live_contacts import MicrosoftContactsApi
from integrations.providers.microsoft.live_mail import OutlookMailApi
from tests.layer.conftest import MICROSOFT
from tests.providers.sandbox_process import Connected, SandboxProcess

START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)


@pytest.fixture(scope="module")
def account(sandbox_process: SandboxProcess) -> Connected:
    return sandbox_process.connect("microsoft", MICROSOFT)


@pytest.fixture
def calendar(account: Connected) -> OutlookCalendarApi:
    return OutlookCalendarApi(account.session)


@pytest.fixture
def mail(account: Connected) -> OutlookMailApi:
    return OutlookMailApi(account.session)


@pytest.fixture
def contacts(account: Connected) -> MicrosoftContactsApi:
    return MicrosoftContactsApi(account.session)


def an_event(**more: Any) -> dict[str, Any]:
    hours = {"start": START, "end": START + timedelta(hours=1)}
    zoned = {n: {"dateTime": f"{t:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"} for n, t in hours.items()}
    return {"subject": "Tea", **zoned, **more}


def test_events_are_made_found_changed_and_deleted(calendar: OutlookCalendarApi) -> None:
    own = next(c for c in calendar.list_calendars() if c.get("isDefaultCalendar"))
    assert calendar.get_calendar()["id"] == calendar.get_calendar(own["id"])["id"] == own["id"]
    made = calendar.create_event(str(own["id"]), an_event(location={"displayName": "Kitchen"}))
    assert calendar.get_event(made["id"])["location"]["displayName"] == "Kitchen"
    assert calendar.update_event(made["id"], {"subject": "Coffee"})["subject"] == "Coffee"
    found = calendar.list_events(None, START - timedelta(minutes=1), START + timedelta(hours=2))
    assert made["id"] in [e["id"] for e in found]
    assert calendar.free_busy(START, START + timedelta(hours=1))[MICROSOFT]
    calendar.delete_event(made["id"])
    with pytest.raises(NotFound):
        calendar.get_event(made["id"])


def test_a_google_event_can_be_given_to_outlook(calendar: OutlookCalendarApi) -> None:
    google = {
        "summary": "Stand-up",
        "start": {"dateTime": f"{START:%Y-%m-%dT%H:%M:%S}Z", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": f"{START + timedelta(minutes=15):%Y-%m-%dT%H:%M:%S}Z", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=5"],
        "attendees": [{"email": "ben@example.org", "optional": True}],
    }
    made = calendar.create_event(event_data=calendar.convert_from_google_format(google))
    assert made["subject"] == "Stand-up" and made["type"] == "seriesMaster"
    assert len(list(calendar.list_instances(made["id"], START, START + timedelta(days=30)))) == 5
    calendar.delete_event(made["id"])


def test_answers_that_are_none_are_refused(calendar: OutlookCalendarApi) -> None:
    with pytest.raises(PermanentFailure, match="accepted"):
        calendar.respond("any", "perhaps")


def test_mail_is_sent_answered_forwarded_and_filed(mail: OutlookMailApi) -> None:
    assert mail.get_profile()["mail"] == MICROSOFT
    sent = mail.send_email(MICROSOFT, "Lunch", "At noon?", cc=f"Ada <{MICROSOFT}>")
    assert not mail.get_message(sent["id"])["isDraft"]
    received = next(m for m in mail.list_messages("inbox", 5) if m["subject"] == "Lunch")
    assert received["ccRecipients"][0]["emailAddress"]["name"] == "Ada"
    mail.reply(received["id"], "Yes & gladly\nA.")
    answer = mail.list_messages("sentitems", 1)[0]
    assert answer["subject"] == "RE: Lunch" and answer["conversationId"] == received["conversationId"]
    assert "Yes &amp; gladly" in mail.get_message(answer["id"])["body"]["content"]
    mail.reply(received["id"], "<b>Yes</b>", html=True, reply_all=True)
    assert "<b>Yes</b>" in mail.get_message(mail.list_messages("sentitems", 1)[0]["id"])["body"]["content"]
    mail.forward(received["id"], MICROSOFT, "See below")
    assert mail.list_messages("sentitems", 1)[0]["subject"].startswith("FW: Lunch")
    assert mail.mark_read(received["id"])["isRead"] is True
    assert received["id"] not in [m["id"] for m in mail.list_messages("inbox", 20, "isRead eq false")]
    folder = mail.create_folder("Lunches")
    inner = mail.create_folder("Old", folder["id"])
    assert inner["id"] in [f["id"] for f in mail.list_folders(folder["id"])]
    assert mail.move_message(received["id"], folder["id"])["id"] == received["id"]
    assert [m["id"] for m in mail.list_messages(folder["id"])] == [received["id"]]
    mail.delete_message(received["id"])
    assert received["id"] in [m["id"] for m in mail.list_messages("deleteditems", 5)]
    assert received["id"] in [m["id"] for m in mail.search_messages("subject:Lunch")]


def test_attachments_and_drafts(mail: OutlookMailApi) -> None:
    sent = mail.send_email_with_attachment(MICROSOFT, "File", "<p>Here</p>", [__file__], is_html=True)
    attached = mail.list_attachments(sent["id"])
    with open(__file__, "rb") as file:
        assert mail.get_attachment(sent["id"], attached[0]["id"]) == file.read()
    assert b"File" in mail.get_source(sent["id"])
    with pytest.raises(PermanentFailure, match="3 MB"):
        mail.send_email_with_attachment(MICROSOFT, "Big", "", [Attached("big.bin", b"x" * 4_000_000)])
    draft = mail.create_draft({"subject": "Later"})
    mail.update_draft(draft["id"], {"subject": "Never"})
    assert "Never" in [d["subject"] for d in mail.list_drafts()]
    mail.delete_draft(draft["id"])
    assert "Never" not in [d["subject"] for d in mail.list_drafts()]


def test_contacts_are_made_found_changed_and_deleted(contacts: MicrosoftContactsApi) -> None:
    before = len(contacts.list_contacts(None))
    person = {
        "names": [{"givenName": "Zora", "familyName": "Quill"}],
        "emailAddresses": [{"value": "zora@example.org", "type": "work"}],
        "birthdays": [{"date": {"month": 5, "day": 4}}],
    }
    made = contacts.create_contact(contacts.convert_from_google_format(person))
    assert contacts.update_contact(made["id"], {"jobTitle": "Writer"})["surname"] == "Quill"
    assert made["id"] in [c["id"] for c in contacts.search_contacts("zora@EXAMPLE")]
    assert len(contacts.list_contacts(None)) == before + 1
    contacts.delete_contact(made["id"])
    with pytest.raises(NotFound):
        contacts.get_contact(made["id"])
    folder = contacts.create_contact_folder("Bell ringers")
    assert folder["id"] in [f["id"] for f in contacts.list_contact_folders()]
    assert contacts.create_contact_folder("Altos", folder["id"])["parentFolderId"] == folder["id"]
