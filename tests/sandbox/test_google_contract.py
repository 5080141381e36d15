"""Every method that the sandbox's Google offers, called once: each answer is what Google's discovery document says."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from sandbox import google, post
from sandbox.google.calendar.methods import TABLE as CALENDAR
from sandbox.google.calls import Table
from sandbox.google.contract import api
from sandbox.google.gmail.methods import TABLE as GMAIL
from sandbox.google.people.methods import TABLE as PEOPLE
from sandbox.pubsub import topics
from sandbox.seeds import SeedAccount, SeedAttendee, SeedCalendar, SeedContact, SeedEvent, SeedMessage
from sandbox.store import Store
from tests.sandbox.google_client import ALL, SCOPES, World

ADA = "ada@gmail.example"
ME, CAL, LISTS = "/gmail/v1/users/me", "/calendar/v3/calendars", "/calendar/v3/users/me/calendarList"
EVENTS = f"{CAL}/primary/events"
EXTRA = {SCOPES + "gmail.settings.sharing", SCOPES + "gmail.settings.basic"}


def _mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "grace@x.example", ADA, "Plans"
    message.set_content("Text")
    message.add_alternative("<p>Text</p>", subtype="html")
    message.add_attachment(b"12345", maintype="image", subtype="png", filename="a.png")
    return message.as_bytes()


@pytest.fixture
def world() -> World:
    post.serve("google", google.deliver)
    begin = datetime(2026, 11, 2, 9)  # noqa: DTZ001 - a seed's times are wall clock
    event = SeedEvent(
        "u@x",
        "Standup",
        begin,
        begin.replace(hour=10),
        "Europe/Berlin",
        recurrence=("RRULE:FREQ=DAILY;COUNT=5",),
        organizer=SeedAttendee("grace@x.example", "Grace", "organizer"),
        attendees=(SeedAttendee(ADA, "Ada"),),
        meeting_url="https://meet.google.com/abc-defg-hij",
        reminders=(5,),
    )
    seed = SeedAccount(
        "google",
        ADA,
        "Ada",
        "1",
        messages=(SeedMessage(_mail(), datetime(2026, 11, 1, tzinfo=UTC), labels=("Work",)),),
        calendars=(SeedCalendar("Clubs"), SeedCalendar("Holidays", writable=False)),
        events=(event,),
        contacts=(SeedContact("Grace Hopper", emails=(("g@x.example", "work"),), birthday="1906-12-09"),),
    )
    return World(Store(None), [seed], ALL | EXTRA)


class Caller:
    """Calls methods and remembers which; a JSON answer is held against the contract on the way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.called: set[str] = set()

    def __call__(self, verb: str, path: str, body: Any = None, **query: Any) -> Any:
        found = next(f for name in ("gmail", "calendar", "people") if (f := api(name).find(verb, path)))
        reply = self.world.call(verb, path, query, body)
        assert reply.status == (200 if found[0].response else 204), (path, reply.content)
        self.called.add(found[0].id)
        return reply.json if reply.content else None

    def all_of(self, table: Table) -> None:
        assert self.called >= set(table), set(table) - self.called


def test_gmail(world: World) -> None:
    call = Caller(world)
    raw = {"raw": base64.urlsafe_b64encode(_mail()).decode()}
    one = call("GET", f"{ME}/messages")["messages"][0]
    history = call("GET", f"{ME}/profile")["historyId"]
    for form in ("minimal", "metadata", "raw", "full"):
        message = call("GET", f"{ME}/messages/{one['id']}", format=form)
    attachment = message["payload"]["parts"][1]["body"]["attachmentId"]
    call("GET", f"{ME}/messages/{one['id']}/attachments/{attachment}")
    call("POST", f"{ME}/messages/{one['id']}/modify", {"addLabelIds": ["STARRED"]})
    call("POST", f"{ME}/messages/batchModify", {"ids": [one["id"]], "removeLabelIds": ["STARRED"]})
    for kind in ("messages", "threads"):
        name = one["id"] if kind == "messages" else one["threadId"]
        call("POST", f"{ME}/{kind}/{name}/trash")
        call("POST", f"{ME}/{kind}/{name}/untrash")
    call("GET", f"{ME}/threads")
    call("GET", f"{ME}/threads/{one['threadId']}")
    call("POST", f"{ME}/threads/{one['threadId']}/modify", {"addLabelIds": ["INBOX"]})
    label = call("POST", f"{ME}/labels", {"name": "New"})["id"]
    call("PATCH", f"{ME}/labels/{label}", {"name": "Newer"})
    call("PUT", f"{ME}/labels/{label}", {"name": "Newest"})
    call("GET", f"{ME}/labels/{label}")
    call("GET", f"{ME}/labels")
    call("DELETE", f"{ME}/labels/{label}")
    sent = call("POST", f"{ME}/messages/send", raw)
    call("DELETE", f"{ME}/threads/{sent['threadId']}")
    call("DELETE", f"{ME}/messages/{call('POST', f'{ME}/messages', raw)['id']}")
    call("POST", f"{ME}/messages/batchDelete", {"ids": [call("POST", f"{ME}/messages/import", raw)["id"]]})
    draft = call("POST", f"{ME}/drafts", {"message": raw})["id"]
    call("GET", f"{ME}/drafts")
    call("GET", f"{ME}/drafts/{draft}")
    call("PUT", f"{ME}/drafts/{draft}", {"message": raw})
    call("POST", f"{ME}/drafts/send", {"id": draft})
    call("DELETE", f"{ME}/drafts/{call('POST', f'{ME}/drafts', {'message': raw})['id']}")
    assert {k for h in call("GET", f"{ME}/history", startHistoryId=history)["history"] for k in h} == {
        *("id", "messages", "messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved")
    }
    aliases = f"{ME}/settings/sendAs"
    call("POST", aliases, {"sendAsEmail": "a@b.example"})
    call("POST", f"{aliases}/a@b.example/verify")
    call("PATCH", f"{aliases}/a@b.example", {"displayName": "A"})
    call("PUT", f"{aliases}/a@b.example", {"displayName": "A"})
    call("GET", f"{aliases}/a@b.example")
    call("GET", aliases)
    call("DELETE", f"{aliases}/a@b.example")
    topics.subscribe(world.store, "projects/osmen/subscriptions/mail", "projects/osmen/topics/mail", {})
    call("POST", f"{ME}/watch", {"topicName": "projects/osmen/topics/mail"})
    call("POST", f"{ME}/stop")
    call.all_of(GMAIL)


def test_calendar(world: World) -> None:
    call = Caller(world)
    lists = call("GET", LISTS)["items"]
    call("GET", f"{LISTS}/primary")
    call("PATCH", f"{LISTS}/primary", {"colorId": "2"})
    call("PUT", f"{LISTS}/primary", {"selected": True})
    call("DELETE", f"{LISTS}/{lists[2]['id']}")
    call("POST", LISTS, {"id": lists[2]["id"]})
    made = call("POST", CAL, {"summary": "Made"})["id"]
    call("GET", f"{CAL}/{made}")
    call("PATCH", f"{CAL}/{made}", {"description": "d"})
    call("PUT", f"{CAL}/{made}", {"summary": "Other"})
    master = call("GET", EVENTS)["items"][0]
    call("GET", EVENTS, singleEvents="true")
    call("GET", f"{EVENTS}/{master['id']}")
    instance = call("GET", f"{EVENTS}/{master['id']}/instances")["items"][0]["id"]
    call("DELETE", f"{EVENTS}/{instance}")
    call("GET", EVENTS, showDeleted="true")
    when = {"start": {"dateTime": "2026-12-01T10:00:00Z"}, "end": {"dateTime": "2026-12-01T11:00:00Z"}}
    event = call("POST", EVENTS, when)["id"]
    call("PATCH", f"{EVENTS}/{event}", {"summary": "x"})
    call("PUT", f"{EVENTS}/{event}", when)
    call("POST", f"{EVENTS}/{event}/move", destination=made)
    call("POST", f"{EVENTS}/import", when | {"iCalUID": "far@x"})
    call("POST", f"{EVENTS}/quickAdd", text="Lunch")
    call("GET", "/calendar/v3/colors")
    call("POST", "/calendar/v3/freeBusy", {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-12-01T00:00:00Z"})
    call("GET", "/calendar/v3/users/me/settings")
    call("GET", "/calendar/v3/users/me/settings/locale")
    hook = {"type": "web_hook", "address": "https://app.example/hook"}
    call("POST", f"{LISTS}/watch", hook | {"id": "1"})
    channel = call("POST", f"{EVENTS}/watch", hook | {"id": "2"})
    call("POST", "/calendar/v3/channels/stop", {"id": "2", "resourceId": channel["resourceId"]})
    call("POST", f"{CAL}/primary/clear")
    call("DELETE", f"{CAL}/{made}")
    call.all_of(CALENDAR)


def test_people(world: World) -> None:
    call = Caller(world)
    every = ",".join(sorted(set(api("people").schemas["Person"]["properties"]) - {"resourceName", "etag", "ageRange"}))
    one = call("GET", "/v1/people/me/connections", personFields=every, requestSyncToken="true")["connections"][0]
    name = one["resourceName"]
    call("GET", f"/v1/{name}", personFields=every)
    call("GET", "/v1/people:batchGet", personFields=every, resourceNames=[name])
    call("GET", "/v1/people:searchContacts", readMask=every, query="Grace")
    person = call("POST", "/v1/people:createContact", {"names": [{"givenName": "A"}]})
    changed = {"etag": person["etag"], "urls": [{"value": "https://x"}]}
    call("PATCH", f"/v1/{person['resourceName']}:updateContact", changed, updatePersonFields="urls")
    call("PATCH", f"/v1/{person['resourceName']}:updateContactPhoto", {"photoBytes": "aGk=", "personFields": "photos"})
    call("DELETE", f"/v1/{person['resourceName']}:deleteContactPhoto", personFields="photos")
    call("DELETE", f"/v1/{person['resourceName']}:deleteContact")
    several = {"contacts": [{"contactPerson": {"names": [{"givenName": "B"}]}}], "readMask": every}
    made = call("POST", "/v1/people:batchCreateContacts", several)["createdPeople"][0]["person"]
    update = {made["resourceName"]: {"etag": made["etag"], "nicknames": [{"value": "b"}]}}
    call("POST", "/v1/people:batchUpdateContacts", {"contacts": update, "updateMask": "nicknames", "readMask": every})
    call("POST", "/v1/people:batchDeleteContacts", {"resourceNames": [made["resourceName"]]})
    call("GET", "/v1/contactGroups")
    group = call("POST", "/v1/contactGroups", {"contactGroup": {"name": "G"}})["resourceName"]
    call("POST", f"/v1/{group}/members:modify", {"resourceNamesToAdd": [name]})
    call("GET", f"/v1/{group}", maxMembers=3)
    call("GET", "/v1/contactGroups:batchGet", resourceNames=[group])
    call("PUT", f"/v1/{group}", {"contactGroup": {"name": "H"}})
    call("DELETE", f"/v1/{group}")
    raw = base64.urlsafe_b64encode(b"To: new@far.example\r\n\r\nHi").decode()
    world.post(f"{ME}/messages/send", {"raw": raw})
    fields = "emailAddresses,metadata,names,phoneNumbers,photos"
    other = call("GET", "/v1/otherContacts", readMask=fields)["otherContacts"][0]["resourceName"]
    call("GET", "/v1/otherContacts:search", readMask=fields, query="new")
    call("POST", f"/v1/{other}:copyOtherContactToMyContactsGroup", {"copyMask": fields, "readMask": every})
    call.all_of(PEOPLE)
