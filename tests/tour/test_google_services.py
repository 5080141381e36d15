"""The rest of the tour by Google's own libraries: groups, other contacts, photos, aliases, answers, video calls."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from google.oauth2.credentials import Credentials
from googleapiclient.errors import HttpError

from tests.launcher.running import wait_for
from tests.sandbox.conftest import Sandbox, sandbox
from tests.tour.google_client import ADA, EVA, as_body, connected, credentials, letter, service

__all__ = ["credentials", "sandbox"]

START = datetime(2026, 12, 1, 10, tzinfo=UTC)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwAChAGAUHFZKgAAAABJRU5ErkJggg=="
)


def _meeting(**more: Any) -> dict[str, Any]:
    ends = {"start": START, "end": START + timedelta(hours=1)}
    return {"summary": "Tea", **{name: {"dateTime": at.isoformat()} for name, at in ends.items()}, **more}


def _contact(people: Any, name: str) -> Any:
    body = {"names": [{"givenName": name}]}
    return people.people().createContact(body=body, personFields="names,metadata,memberships").execute()


def test_contact_groups(sandbox: Sandbox, credentials: Credentials) -> None:
    people = service(sandbox, credentials, "people")
    groups, eva = people.contactGroups(), _contact(people, "Eva")["resourceName"]
    made = groups.create(body={"contactGroup": {"name": "Choir"}}).execute()
    name = made["resourceName"]
    with pytest.raises(HttpError) as twice:
        groups.create(body={"contactGroup": {"name": "Choir"}}).execute()
    assert twice.value.status_code == 409
    groups.members().modify(resourceName=name, body={"resourceNamesToAdd": [eva]}).execute()
    assert groups.get(resourceName=name, maxMembers=10).execute()["memberResourceNames"] == [eva]
    person = people.people().get(resourceName=eva, personFields="memberships").execute()
    joined = [one["contactGroupMembership"]["contactGroupResourceName"] for one in person["memberships"]]
    assert name in joined
    changed = {"contactGroup": {"name": "Band", "etag": made["etag"]}}
    assert groups.update(resourceName=name, body=changed).execute()["name"] == "Band"
    listed = groups.list().execute()["contactGroups"]
    assert {"Band", "myContacts", "starred"} <= {one["name"] for one in listed}
    [several] = groups.batchGet(resourceNames=[name]).execute()["responses"]
    assert several["contactGroup"]["memberCount"] == 1
    groups.members().modify(resourceName=name, body={"resourceNamesToRemove": [eva]}).execute()
    groups.delete(resourceName=name).execute()
    with pytest.raises(HttpError) as gone:
        groups.get(resourceName=name).execute()
    assert gone.value.status_code == 404


def test_other_contacts(sandbox: Sandbox, credentials: Credentials) -> None:
    users = service(sandbox, credentials, "gmail").users()
    users.messages().send(userId="me", body=as_body(letter("Nils Holm <nils@far.example>", "Hello"))).execute()
    people = service(sandbox, credentials, "people")
    read = "emailAddresses,metadata,names"
    first = people.otherContacts().list(readMask=read, requestSyncToken=True).execute()
    [nils] = first["otherContacts"]
    assert nils["emailAddresses"][0]["value"] == "nils@far.example"
    found = people.otherContacts().search(query="nils", readMask="emailAddresses").execute()["results"]
    assert found[0]["person"]["resourceName"] == nils["resourceName"]
    copy = {"copyMask": "emailAddresses,names", "readMask": "emailAddresses,memberships"}
    copied = people.otherContacts().copyOtherContactToMyContactsGroup(resourceName=nils["resourceName"], body=copy)
    assert copied.execute()["emailAddresses"][0]["value"] == "nils@far.example"
    later = (
        people.otherContacts().list(readMask=read, syncToken=first["nextSyncToken"], requestSyncToken=True).execute()
    )
    assert later.get("nextSyncToken")
    with pytest.raises(HttpError) as mixed:
        people.otherContacts().list(readMask="names", syncToken=first["nextSyncToken"]).execute()
    assert mixed.value.status_code == 400


def test_photos_of_contacts(sandbox: Sandbox, credentials: Credentials) -> None:
    people = service(sandbox, credentials, "people")
    name = _contact(people, "Eva")["resourceName"]
    body = {"photoBytes": base64.urlsafe_b64encode(PIXEL).decode(), "personFields": "photos"}
    person = people.people().updateContactPhoto(resourceName=name, body=body).execute()["person"]
    [photo] = person["photos"]
    assert requests.get(photo["url"], timeout=10).content == PIXEL
    people.people().deleteContactPhoto(resourceName=name).execute()
    [bare] = people.people().get(resourceName=name, personFields="photos").execute()["photos"]
    assert bare["default"] and bare["url"] != photo["url"]


def test_several_contacts_at_once(sandbox: Sandbox, credentials: Credentials) -> None:
    people = service(sandbox, credentials, "people").people()
    wanted = [{"contactPerson": {"names": [{"givenName": name}]}} for name in ("Ida", "Ole")]
    made = people.batchCreateContacts(body={"contacts": wanted, "readMask": "names,metadata"}).execute()[
        "createdPeople"
    ]
    ida = made[0]["person"]
    change = {"etag": ida["etag"], "names": [{"givenName": "Ida", "familyName": "Lund"}]}
    body = {"contacts": {ida["resourceName"]: change}, "updateMask": "names", "readMask": "names"}
    people.batchUpdateContacts(body=body).execute()
    names = [one["person"]["resourceName"] for one in made]
    got = people.getBatchGet(resourceNames=names, personFields="names").execute()["responses"]
    assert [one["person"]["names"][0]["displayName"] for one in got] == ["Ida Lund", "Ole"]
    found = people.searchContacts(query="lund", readMask="names").execute()["results"]
    assert [one["person"]["resourceName"] for one in found] == names[:1]
    people.batchDeleteContacts(body={"resourceNames": names}).execute()


def test_send_as(sandbox: Sandbox, credentials: Credentials) -> None:
    aliases = service(sandbox, credentials, "gmail").users().settings().sendAs()
    [own] = aliases.list(userId="me").execute()["sendAs"]
    assert own["isPrimary"] and own["sendAsEmail"] == ADA
    aliases.patch(userId="me", sendAsEmail=ADA, body={"signature": "<b>Ada</b>", "displayName": "Ada M."}).execute()
    assert aliases.get(userId="me", sendAsEmail=ADA).execute()["signature"] == "<b>Ada</b>"
    made = aliases.create(userId="me", body={"sendAsEmail": "choir@far.example", "displayName": "Choir"}).execute()
    assert made["verificationStatus"] == "pending"
    aliases.verify(userId="me", sendAsEmail="choir@far.example").execute()
    users = service(sandbox, credentials, "gmail").users()
    message = letter(EVA, "From the choir")
    message["From"] = "choir@far.example"
    sent = users.messages().send(userId="me", body=as_body(message)).execute()
    headers = users.messages().get(userId="me", id=sent["id"], format="metadata").execute()["payload"]["headers"]
    assert next(one["value"] for one in headers if one["name"] == "From") == "choir@far.example"
    aliases.delete(userId="me", sendAsEmail="choir@far.example").execute()
    assert len(aliases.list(userId="me").execute()["sendAs"]) == 1


def test_an_invitation_is_answered(sandbox: Sandbox, credentials: Credentials) -> None:
    own = service(sandbox, credentials, "calendar").events()
    made = own.insert(calendarId="primary", body=_meeting(attendees=[{"email": EVA}]), sendUpdates="all").execute()
    guests = connected(sandbox, EVA)
    theirs = service(sandbox, guests, "calendar").events()
    [invited] = theirs.list(calendarId="primary", iCalUID=made["iCalUID"]).execute()["items"]
    me = next(one for one in invited["attendees"] if one.get("self"))
    assert me["responseStatus"] == "needsAction"
    answer = {"attendees": [one | {"responseStatus": "accepted", "comment": "Yes!"} for one in invited["attendees"]]}
    theirs.patch(calendarId="primary", eventId=invited["id"], body=answer, sendUpdates="all").execute()
    [eva] = own.get(calendarId="primary", eventId=made["id"]).execute()["attendees"]
    assert (eva["responseStatus"], eva["comment"]) == ("accepted", "Yes!")
    mail = service(sandbox, guests, "gmail").users().messages()
    assert mail.list(userId="me", q="Tea").execute()["resultSizeEstimate"]
    own.delete(calendarId="primary", eventId=made["id"], sendUpdates="all").execute()
    assert theirs.get(calendarId="primary", eventId=invited["id"]).execute()["status"] == "cancelled"


def test_calendars_and_their_events(sandbox: Sandbox, credentials: Credentials) -> None:
    calendar = service(sandbox, credentials, "calendar")
    club = calendar.calendars().insert(body={"summary": "Club", "timeZone": "Europe/Paris"}).execute()["id"]
    calendar.calendarList().patch(calendarId=club, body={"colorId": "7", "selected": False}).execute()
    listed = {one["id"]: one for one in calendar.calendarList().list().execute()["items"]}
    assert (listed[club]["colorId"], listed[club]["accessRole"]) == ("7", "owner")
    assert "7" in calendar.colors().get().execute()["calendar"]
    assert calendar.settings().get(setting="timezone").execute()["value"]
    events = calendar.events()
    request = {"createRequest": {"requestId": "tour", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    made = events.insert(calendarId="primary", body=_meeting(conferenceData=request), conferenceDataVersion=1).execute()
    assert made["conferenceData"]["createRequest"]["status"]["statusCode"] == "pending"
    wait_for(lambda: "hangoutLink" in events.get(calendarId="primary", eventId=made["id"]).execute(), 20, step=0.1)
    room = events.get(calendarId="primary", eventId=made["id"]).execute()
    assert room["conferenceData"]["entryPoints"][0]["uri"] == room["hangoutLink"]
    stale = events.patch(calendarId="primary", eventId=made["id"], body={"summary": "Late"})
    stale.headers["If-Match"] = '"0"'
    with pytest.raises(HttpError) as refused:
        stale.execute()
    assert refused.value.status_code == 412
    moved = events.move(calendarId="primary", eventId=made["id"], destination=club).execute()
    assert events.get(calendarId=club, eventId=moved["id"]).execute()["summary"] == "Tea"
    events.import_(calendarId=club, body=_meeting(iCalUID="far@x.example")).execute()
    assert len(events.list(calendarId=club).execute()["items"]) == 2
    calendar.calendars().delete(calendarId=club).execute()


def test_messages_are_put_in_and_sorted(sandbox: Sandbox, credentials: Credentials) -> None:
    users = service(sandbox, credentials, "gmail").users()
    raw = as_body(letter(ADA, "Old letter"))
    first = users.messages().import_(userId="me", body=raw).execute()
    second = users.messages().insert(userId="me", body=raw | {"labelIds": ["INBOX", "UNREAD"]}).execute()
    names = [first["id"], second["id"]]
    users.messages().batchModify(userId="me", body={"ids": names, "addLabelIds": ["STARRED"]}).execute()
    starred = users.messages().list(userId="me", q="is:starred", labelIds=["STARRED"]).execute()["messages"]
    assert {one["id"] for one in starred} == set(names)
    whole = users.messages().get(userId="me", id=second["id"], fields="id,labelIds").execute()
    assert set(whole) == {"id", "labelIds"}
    users.threads().modify(userId="me", id=second["threadId"], body={"removeLabelIds": ["INBOX"]}).execute()
    users.threads().trash(userId="me", id=second["threadId"]).execute()
    users.threads().untrash(userId="me", id=second["threadId"]).execute()
    pages, request = 0, users.messages().list(userId="me", maxResults=1)
    while request is not None:
        page, pages = request.execute(), pages + 1
        request = users.messages().list_next(request, page)
    assert pages == 2
    users.messages().batchDelete(userId="me", body={"ids": names}).execute()
    assert "messages" not in users.messages().list(userId="me").execute()
