"""A tour of the sandbox's Google by Google's own libraries: google-auth and google-api-python-client as they are.

Only the addresses differ: the discovery documents' root, and the token endpoint. Its second half is
``test_google_services``.
"""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from tests.sandbox.conftest import Sandbox, sandbox
from tests.sandbox.listener import listening
from tests.tour.google_client import ADA, EVA, as_body, credentials, letter, service

__all__ = ["credentials", "sandbox"]


def test_gmail(sandbox: Sandbox, credentials: Credentials) -> None:
    users = service(sandbox, credentials, "gmail").users()
    raw = as_body(letter(EVA, "By raw"))
    sent = users.messages().send(userId="me", body=raw).execute()
    media = MediaIoBaseUpload(io.BytesIO(letter(ADA, "By upload").as_bytes()), "message/rfc822")
    users.messages().send(userId="me", media_body=media).execute()
    start = users.getProfile(userId="me").execute()["historyId"]
    label = users.labels().create(userId="me", body={"name": "Tour"}).execute()
    users.messages().modify(userId="me", id=sent["id"], body={"addLabelIds": [label["id"]]}).execute()
    history = users.history().list(userId="me", startHistoryId=start).execute()["history"]
    assert history[0]["labelsAdded"][0]["labelIds"] == [label["id"]]
    draft = users.drafts().create(userId="me", body={"message": raw}).execute()
    assert users.drafts().get(userId="me", id=draft["id"]).execute()["id"] == draft["id"]
    users.drafts().delete(userId="me", id=draft["id"]).execute()
    listed = users.messages().list(userId="me", q="subject:upload").execute()["messages"]
    assert len(listed) == 1
    assert users.threads().get(userId="me", id=listed[0]["threadId"]).execute()["messages"]
    users.messages().trash(userId="me", id=listed[0]["id"]).execute()
    with pytest.raises(HttpError) as refused:
        users.history().list(userId="me", startHistoryId="1").execute()
    assert refused.value.status_code == 404 and refused.value.error_details


def test_a_reply_with_an_attachment(sandbox: Sandbox, credentials: Credentials) -> None:
    users = service(sandbox, credentials, "gmail").users()
    first = letter(ADA, "Roof")
    first["Message-ID"] = "<roof@gmail.example>"
    sent = users.messages().send(userId="me", body=as_body(first)).execute()
    answer = letter(ADA, "Re: Roof")
    answer["In-Reply-To"] = answer["References"] = "<roof@gmail.example>"
    answer.add_attachment(b"%PDF", "application", "pdf", filename="plan.pdf")
    reply = {"message": as_body(answer) | {"threadId": sent["threadId"]}}
    draft = users.drafts().create(userId="me", body=reply).execute()
    users.drafts().send(userId="me", body={"id": draft["id"]}).execute()
    thread = users.threads().get(userId="me", id=sent["threadId"]).execute()
    assert len(thread["messages"]) == 2
    file = thread["messages"][1]["payload"]["parts"][1]
    names = {"userId": "me", "messageId": thread["messages"][1]["id"], "id": file["body"]["attachmentId"]}
    data = users.messages().attachments().get(**names).execute()["data"]
    assert (file["filename"], base64.urlsafe_b64decode(data)) == ("plan.pdf", b"%PDF")


def test_changes_are_pushed(sandbox: Sandbox, credentials: Credentials) -> None:
    topic, subscription = "projects/osmen/topics/mail", "projects/osmen/subscriptions/mail"
    with listening() as listener:
        pushes = {"topic": topic, "subscription": subscription, "push_endpoint": f"{listener.base}/gmail"}
        assert sandbox.post("/_sandbox/pubsub", json=pushes).status_code == 200
        users = service(sandbox, credentials, "gmail").users()
        start = users.watch(userId="me", body={"topicName": topic}).execute()["historyId"]
        users.messages().send(userId="me", body=as_body(letter(ADA, "News"))).execute()
        told = json.loads(listener.wait(1)[0].body)["message"]["data"]
        assert json.loads(base64.urlsafe_b64decode(told))["emailAddress"] == ADA
        assert users.history().list(userId="me", startHistoryId=start).execute()["history"]
        users.stop(userId="me").execute()
    with listening() as listener:
        calendar = service(sandbox, credentials, "calendar")
        wanted = {"id": "tour", "type": "web_hook", "address": f"{listener.base}/calendar", "token": "secret"}
        channel = calendar.events().watch(calendarId="primary", body=wanted).execute()
        calendar.events().quickAdd(calendarId="primary", text="Lunch").execute()
        states = [one.headers["x-goog-resource-state"] for one in listener.wait(2)]
        assert states == ["sync", "exists"]
        calendar.channels().stop(body={"id": "tour", "resourceId": channel["resourceId"]}).execute()


def test_gmail_in_batches(sandbox: Sandbox, credentials: Credentials) -> None:
    for number in range(3):
        sandbox.drill("add-mail", provider="google", email=ADA, subject=f"Letter {number}")
    gmail = service(sandbox, credentials, "gmail")
    names = [one["id"] for one in gmail.users().messages().list(userId="me").execute()["messages"]]
    got: dict[str, Any] = {}
    failed: list[Any] = []

    def take(_: str, answer: Any, error: Any) -> None:
        failed.append(error.status_code) if error else got.update({answer["id"]: answer})

    batch = gmail.new_batch_http_request(callback=take)
    for name in [*names, "0" * 16]:
        batch.add(gmail.users().messages().get(userId="me", id=name))
    batch.execute()
    assert set(got) == set(names) and failed == [404]


def test_calendar(sandbox: Sandbox, credentials: Credentials) -> None:
    calendar = service(sandbox, credentials, "calendar")
    events = calendar.events()
    start = datetime(2026, 12, 1, 10, tzinfo=UTC)
    body = {
        "summary": "Tea",
        "start": {"dateTime": start.isoformat(), "timeZone": "Europe/Paris"},
        "end": {"dateTime": (start + timedelta(hours=1)).isoformat(), "timeZone": "Europe/Paris"},
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"],
        "attendees": [{"email": EVA}],
    }
    made = events.insert(calendarId="primary", body=body, sendUpdates="none").execute()
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    instances = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
    assert len(instances) == 3
    window = {"timeMin": start.isoformat(), "timeMax": (start + timedelta(days=8)).isoformat()}
    shown = events.list(calendarId="primary", singleEvents=True, orderBy="startTime", **window).execute()["items"]
    assert [one["id"] for one in shown] == [one["id"] for one in instances[:2]]
    events.patch(calendarId="primary", eventId=instances[1]["id"], body={"summary": "Coffee"}).execute()
    changed = events.list(calendarId="primary", syncToken=token).execute()["items"]
    assert [one["summary"] for one in changed] == ["Coffee"]
    assert any(one.get("primary") for one in calendar.calendarList().list().execute()["items"])
    query = {"timeMin": start.isoformat(), "timeMax": (start + timedelta(days=1)).isoformat(), "items": [{"id": ADA}]}
    assert calendar.freebusy().query(body=query).execute()["calendars"][ADA]["busy"]
    events.delete(calendarId="primary", eventId=made["id"]).execute()
    sandbox.drill("expire-cursors")
    with pytest.raises(HttpError) as gone:
        events.list(calendarId="primary", syncToken=token).execute()
    assert gone.value.status_code == 410


def test_people(sandbox: Sandbox, credentials: Credentials) -> None:
    people = service(sandbox, credentials, "people").people()
    body = {"names": [{"givenName": "Eva", "familyName": "Ek"}], "emailAddresses": [{"value": EVA}]}
    made = people.createContact(body=body, personFields="names,metadata").execute()
    change = {"etag": made["etag"], "metadata": made["metadata"], "names": [{"givenName": "Eve"}]}
    name = made["resourceName"]
    people.updateContact(resourceName=name, updatePersonFields="names", body=change).execute()
    with pytest.raises(HttpError) as stale:
        people.updateContact(resourceName=name, updatePersonFields="names", body=change).execute()
    assert stale.value.status_code == 400
    listed = people.connections().list(resourceName="people/me", personFields="names").execute()["connections"]
    assert [one["names"][0]["givenName"] for one in listed] == ["Eve"]
    people.deleteContact(resourceName=name).execute()


def test_a_dead_grant_is_a_refresh_error(sandbox: Sandbox, credentials: Credentials) -> None:
    from google.auth.exceptions import RefreshError

    sandbox.drill("revoke-grant", provider="google", email=ADA)
    with pytest.raises(RefreshError, match="invalid_grant"):
        credentials.refresh(Request())  # type: ignore[no-untyped-call]
