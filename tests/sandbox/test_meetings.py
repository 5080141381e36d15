"""Meetings that travel: between two accounts of a vendor and between the vendors, as mail and as events, both ways."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from functools import cached_property
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Sandbox

ADA, BOB = "ada@gmail.example", "bob@gmail.example"
CLEO, DAN = "cleo@outlook.example", "dan@outlook.example"
WINDOW = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z"}


@dataclass
class Person:
    """An account over HTTP, whichever vendor has it."""

    sandbox: Sandbox
    email: str

    @cached_property
    def http(self) -> requests.Session:
        return self.sandbox.authorized("google" if self.at_google else "microsoft", self.email)

    @property
    def at_google(self) -> bool:
        return "gmail" in self.email

    def call(self, method: str, path: str, body: Any = None, status: int | None = None, **query: Any) -> Any:
        root = "/calendar/v3/calendars/primary" if self.at_google else "/v1.0/me"
        answer = self.http.request(method, f"{self.sandbox.base}{root}{path}", json=body, params=query)
        assert status in (None, answer.status_code) and answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    def times(self, day: int, start: int) -> dict[str, Any]:
        """An hour of a day in December, in Berlin."""
        offset = "+01:00" if self.at_google else ""
        return {
            name: {"dateTime": f"2026-12-{day:02}T{hour:02}:00:00{offset}", "timeZone": "Europe/Berlin"}
            for name, hour in (("start", start), ("end", start + 1))
        }

    def invite(self, *guests: str, told: str = "all", **more: Any) -> str:
        """Make a meeting; its id."""
        if self.at_google:
            body: dict[str, Any] = {"summary": "Tea", "attendees": [{"email": one} for one in guests]}
            return str(self.call("POST", "/events", body | self.times(1, 10) | more, sendUpdates=told)["id"])
        body = {"subject": "Tea", "attendees": [{"emailAddress": {"address": one}} for one in guests]}
        return str(self.call("POST", "/events", body | self.times(1, 10) | more)["id"])

    def events(self) -> list[dict[str, Any]]:
        """What the calendar shows, as (title, start in UTC, my answer, others' answers) would be read from it."""
        if self.at_google:
            found: list[dict[str, Any]] = self.call(
                "GET", "/events", singleEvents="true", orderBy="startTime", timeZone="UTC"
            )["items"]
            return found
        shown: list[dict[str, Any]] = self.call("GET", "/calendarView", None, None, **WINDOW)["value"]
        return shown

    def event(self) -> dict[str, Any]:
        [only] = self.events()
        return only

    def answers(self) -> dict[str, str]:
        """Who said what, in the words of the vendor."""
        event = self.event()
        if self.at_google:
            return {one["email"]: one["responseStatus"] for one in event["attendees"]}
        return {one["emailAddress"]["address"]: one["status"]["response"] for one in event["attendees"]}

    def answer(self, word: str, comment: str = "", told: str = "all") -> None:
        event = self.event()
        if self.at_google:
            said = {"responseStatus": word} | ({"comment": comment} if comment else {})
            guests = [one | said if one.get("self") else one for one in event["attendees"]]
            self.call("PATCH", f"/events/{event['id']}", {"attendees": guests}, sendUpdates=told)
        else:
            self.call("POST", f"/events/{event['id']}/{word}", {"comment": comment, "sendResponse": told == "all"}, 202)

    def mail(self) -> list[tuple[str, str, str]]:
        """(subject, iTIP method, what the part says) of every message in the inbox, newest first."""
        if self.at_google:
            root = f"{self.sandbox.base}/gmail/v1/users/me/messages"
            ids = [m["id"] for m in self.http.get(root, params={"labelIds": "INBOX"}).json().get("messages", [])]
            raws = [self.http.get(f"{root}/{one}", params={"format": "raw"}).json()["raw"] for one in ids]
            return [_notice(base64.urlsafe_b64decode(raw)) for raw in raws]
        root = f"{self.sandbox.base}/v1.0/me/mailFolders/inbox/messages"
        found = self.http.get(root, params={"$select": "id", "$orderby": "receivedDateTime desc"}).json()["value"]
        at = f"{self.sandbox.base}/v1.0/me/messages"
        return [_notice(self.http.get(f"{at}/{one['id']}/$value").content) for one in found]


def _notice(raw: bytes) -> tuple[str, str, str]:
    message = message_from_bytes(raw)
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return str(message["Subject"]), str(part.get_param("method")), payload.decode().replace("\r\n ", "")
    return str(message["Subject"]), "", ""


@pytest.fixture
def people(sandbox: Sandbox) -> dict[str, Person]:
    accounts = [
        {"provider": "google" if "gmail" in one else "microsoft", "email": one, "time_zone": "Europe/Berlin"}
        for one in (ADA, BOB, CLEO, DAN)
    ]
    sandbox.seed(accounts=accounts)
    return {one: Person(sandbox, one) for one in (ADA, BOB, CLEO, DAN)}


GOOGLE = {"yes": "accepted", "no": "declined", "perhaps": "tentative"}
GRAPH = {"yes": "accept", "no": "decline", "perhaps": "tentativelyAccept"}
KEPT = {"yes": "accepted", "no": "declined", "perhaps": "tentativelyAccepted"}


@pytest.mark.parametrize("word", ["yes", "no", "perhaps"])
@pytest.mark.parametrize("host", [ADA, CLEO])
@pytest.mark.parametrize("guest", [BOB, DAN])
def test_invitations_arrive_as_mail_and_events_and_answers_reach_the_organizer(
    people: dict[str, Person], host: str, guest: str, word: str
) -> None:
    organizer, invited = people[host], people[guest]
    organizer.invite(guest)
    [(subject, method, text)] = invited.mail()
    assert "Tea" in subject and method == "REQUEST" and f"mailto:{guest}" in text
    event = invited.event()
    if invited.at_google:
        assert event["start"]["dateTime"] == "2026-12-01T09:00:00Z" and event["organizer"]["email"] == host
        assert invited.answers()[guest] == "needsAction"
        assert event["iCalUID"] in text
    else:
        assert event["start"]["dateTime"] == "2026-12-01T09:00:00.0000000" and not event["isOrganizer"]
        assert event["responseStatus"]["response"] == "notResponded" and event["showAs"] == "tentative"
        assert event["iCalUId"] in text
    invited.answer((GOOGLE if invited.at_google else GRAPH)[word], "See you")
    assert organizer.answers()[guest] == (GOOGLE if organizer.at_google else KEPT)[word]
    [(subject, method, text)] = organizer.mail()
    assert "Tea" in subject and method == "REPLY" and "COMMENT:See you" in text
    assert next(line for line in text.splitlines() if line.startswith("ATTENDEE")).endswith(f"mailto:{guest}")


@pytest.mark.parametrize("host", [ADA, CLEO])
@pytest.mark.parametrize("guest", [BOB, DAN])
def test_a_meeting_moves_and_is_called_off_for_everybody(people: dict[str, Person], host: str, guest: str) -> None:
    organizer, invited = people[host], people[guest]
    made = organizer.invite(guest)
    told: dict[str, Any] = {"sendUpdates": "all"} if organizer.at_google else {}
    organizer.call("PATCH", f"/events/{made}", organizer.times(2, 15), **told)
    assert invited.event()["start"]["dateTime"][:16] == "2026-12-02T14:00"
    assert [method for _, method, _ in invited.mail()] == ["REQUEST", "REQUEST"]
    assert "SEQUENCE:1" in invited.mail()[0][2]
    organizer.call("DELETE", f"/events/{made}", status=204, **told)
    assert invited.mail()[0][1] == "CANCEL"
    if invited.at_google:
        assert invited.events() == []
    else:
        assert invited.event()["isCancelled"] and invited.event()["subject"] == "Canceled: Tea"


def test_guests_are_told_by_mail_as_send_updates_says(people: dict[str, Person]) -> None:
    ada, bob, cleo = people[ADA], people[BOB], people[CLEO]
    made = ada.invite(BOB, CLEO, told="none")
    assert bob.mail() == [] and cleo.mail() == [] and cleo.events() == []
    assert bob.event()["summary"] == "Tea"  # guests of the vendor have it without mail
    ada.call("PATCH", f"/events/{made}", {"location": "Roof"}, sendUpdates="externalOnly")
    assert bob.mail() == [] and len(cleo.mail()) == 1 and cleo.event()["location"]["displayName"] == "Roof"
    ada.call("PATCH", f"/events/{made}", {"colorId": "3"}, sendUpdates="all")
    assert bob.mail() == [] and len(cleo.mail()) == 1  # nobody else sees a colour
    bob.answer("accepted", told="none")
    assert ada.answers()[BOB] == "accepted" and ada.mail() == []


def test_graph_tells_those_whom_a_change_concerns(people: dict[str, Person]) -> None:
    ada, cleo, dan = people[ADA], people[CLEO], people[DAN]
    made = cleo.invite(DAN)
    both = [{"emailAddress": {"address": one}} for one in (DAN, ADA)]
    cleo.call("PATCH", f"/events/{made}", {"attendees": both})
    assert len(dan.mail()) == 1 and ada.event()["summary"] == "Tea"
    cleo.call("PATCH", f"/events/{made}", {"categories": ["Blue"], "reminderMinutesBeforeStart": 5})
    assert len(dan.mail()) == len(ada.mail()) == 1
    cleo.call("PATCH", f"/events/{made}", {"attendees": both[:1]})
    assert ada.mail()[0][1] == "CANCEL" and ada.events() == [] and len(dan.mail()) == 1
    cleo.call("POST", f"/events/{made}/cancel", {"comment": "It rains"}, 202)
    subject, method, text = dan.mail()[0]
    assert (subject, method) == ("Canceled: Tea", "CANCEL") and "COMMENT:It rains" in text
    sent = cleo.call("GET", "/mailFolders/sentitems/messages")["value"]
    assert {one["@odata.type"] for one in sent} >= {"#microsoft.graph.eventMessageRequest"}


@pytest.mark.parametrize("address", ["x y@z", "a@", "a@b@c.example", "a,b@c.example", "é@ü.example"])
def test_guests_who_have_no_mail_address_hold_nobody_up(people: dict[str, Person], address: str) -> None:
    for host, guest in ((ADA, DAN), (CLEO, BOB)):
        made = people[host].invite(address, guest, told="all")
        assert people[guest].event() and people[host].event()["id"] == made


def test_an_invitation_leads_to_its_event(people: dict[str, Person]) -> None:
    ada, dan = people[ADA], people[DAN]
    ada.invite(DAN)
    expanded = {"$expand": "microsoft.graph.eventMessage/event"}
    [message] = dan.call("GET", "/mailFolders/inbox/messages", None, None, **expanded)["value"]
    assert message["event"]["id"] == dan.event()["id"] and message["meetingMessageType"] == "meetingRequest"


def test_an_answer_that_is_not_sent_stays_with_the_guest(people: dict[str, Person]) -> None:
    cleo, dan = people[CLEO], people[DAN]
    cleo.invite(DAN)
    dan.answer("accept", told="none")
    assert dan.answers()[DAN] == "accepted" and cleo.answers()[DAN] == "none" and cleo.mail() == []


def test_another_time_is_proposed(people: dict[str, Person]) -> None:
    cleo, dan = people[CLEO], people[DAN]
    cleo.invite(DAN)
    slot = {
        name: {"dateTime": f"2026-12-03T{hour}:00:00", "timeZone": "UTC"}
        for name, hour in (("start", "08"), ("end", "09"))
    }
    dan.call("POST", f"/events/{dan.event()['id']}/tentativelyAccept", {"proposedNewTime": slot}, 202)
    [(subject, method, _)] = cleo.mail()
    assert (subject, method) == ("New Time Proposed: Tea", "COUNTER")
    [guest] = cleo.event()["attendees"]
    assert guest["status"]["response"] == "tentativelyAccepted"
    assert guest["proposedNewTime"]["start"] == {"dateTime": "2026-12-03T08:00:00.0000000", "timeZone": "UTC"}
    [message] = cleo.call("GET", "/mailFolders/inbox/messages")["value"]
    assert message["@odata.type"] == "#microsoft.graph.eventMessageResponse"
    assert message["responseType"] == "tentativelyAccepted" and message["proposedNewTime"]["start"]["dateTime"]


@pytest.mark.parametrize("host", [ADA, CLEO])
@pytest.mark.parametrize("guest", [BOB, DAN])
def test_a_series_travels_with_its_exceptions(people: dict[str, Person], host: str, guest: str) -> None:
    organizer, invited = people[host], people[guest]
    if organizer.at_google:
        organizer.invite(guest, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
        told: dict[str, Any] = {"sendUpdates": "all"}
    else:
        pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"}
        span = {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4}
        organizer.invite(guest, recurrence={"pattern": pattern, "range": span})
        told = {}
    assert [one["start"]["dateTime"][8:10] for one in invited.events()] == ["01", "08", "15", "22"]
    _, second, third, _ = organizer.events()
    organizer.call("PATCH", f"/events/{second['id']}", organizer.times(9, 10), **told)
    organizer.call("DELETE", f"/events/{third['id']}", status=204, **told)
    here = [one for one in invited.events() if not one.get("isCancelled")]
    assert [one["start"]["dateTime"][8:10] for one in here] == ["01", "09", "22"]
    first = here[0]["id"]
    if invited.at_google:
        mine = [{"email": guest, "responseStatus": "declined"}]
        said = {"attendees": mine, "attendeesOmitted": True}
        invited.call("PATCH", f"/events/{first}", said, sendUpdates="all")
    else:
        invited.call("POST", f"/events/{first}/decline", {}, 202)
    heard = organizer.events()
    if organizer.at_google:
        states = [one["attendees"][0]["responseStatus"] for one in heard]
        assert states == ["declined", "needsAction", "needsAction"]
    else:
        assert [one["attendees"][0]["status"]["response"] for one in heard] == ["declined", "none", "none"]


def test_an_invitation_goes_on_to_others(people: dict[str, Person]) -> None:
    ada, cleo, dan = people[ADA], people[CLEO], people[DAN]
    cleo.invite(DAN)
    to = [{"emailAddress": {"address": ADA}}]
    dan.call("POST", f"/events/{dan.event()['id']}/forward", {"toRecipients": to, "comment": "Come"}, 202)
    assert ada.mail()[0][0] == "FW: Tea" and ada.event()["organizer"]["email"] == CLEO


def test_what_strangers_say_of_a_meeting_does_not_count(people: dict[str, Person]) -> None:
    ada, bob, cleo, dan = people[ADA], people[BOB], people[CLEO], people[DAN]
    cleo.invite(DAN, ADA)
    raw = _forged(ada.mail()[0][2].replace("METHOD:REQUEST", "METHOD:CANCEL"), BOB, DAN)
    bob.http.post(f"{bob.sandbox.base}/gmail/v1/users/me/messages/send", json={"raw": raw}).raise_for_status()
    assert dan.mail()[0][1] == "CANCEL" and not dan.event()["isCancelled"]
    reply = ada.mail()[0][2].replace("METHOD:REQUEST", "METHOD:REPLY").replace("NEEDS-ACTION", "ACCEPTED")
    bob.http.post(f"{bob.sandbox.base}/gmail/v1/users/me/messages/send", json={"raw": _forged(reply, BOB, CLEO)})
    assert set(cleo.answers().values()) == {"none"}


def _forged(calendar: str, sender: str, to: str) -> str:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, to, "Forged"
    letter.set_content("x")
    method = "CANCEL" if "METHOD:CANCEL" in calendar else "REPLY"
    letter.add_alternative(calendar, subtype="calendar", params={"method": method})
    return base64.urlsafe_b64encode(letter.as_bytes()).decode()
