"""Drills about what an account holds: mail comes, a meeting moves, an invitation arrives, something changes or goes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette

from sandbox import letters, seeding
from sandbox.accounts import Account
from sandbox.control.answers import BadCall, named_account, number
from sandbox.control.hand import Hand
from sandbox.meetings.itip import itip
from sandbox.seeds import SeedAccount, SeedAttendee, SeedEvent, SeedMessage
from sandbox.store import Store
from sandbox.vendors import VENDORS

Call = dict[str, Any]
_HOST = SeedAttendee("robin.vale@example.org", "Robin Vale", reply="organizer")
_AHEAD = timedelta(days=60)  # how far ahead a meeting is looked for


def add_mail(app: Starlette, call: Call) -> Call:
    """Lets mail arrive in an account's inbox."""
    store: Store = app.state.store
    account = named_account(store, call)
    count = int(number(call, "count", 1))
    subject, sender = str(call.get("subject", "A letter")), str(call.get("from", letters.STRANGER))
    with store.write():
        for which in range(count):
            title = subject if count == 1 else f"{subject} {which + 1}"
            text = str(call.get("text", "This letter was written by a drill.\n"))
            raw = letters.write(title, sender, account.email, text, store.now())
            VENDORS[account.provider].deliver(store, account, raw)
    return {"added": count}


def send_invitation(app: Starlette, call: Call) -> Call:
    """Lets an invitation arrive: as mail with an iCalendar part, and as an event that waits for an answer."""
    store: Store = app.state.store
    account = named_account(store, call)
    subject = str(call.get("subject", "Coffee with Robin"))
    start = (store.now() + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0, tzinfo=None)
    event = SeedEvent(
        uid=f"{uuid4()}@sandbox.example",
        title=subject,
        start=start,
        end=start + timedelta(hours=1),
        organizer=_HOST,
        attendees=(_HOST, SeedAttendee(account.email, account.name)),
    )
    message = SeedMessage(_invitation(event, account, store.now()), store.now(), unread=True)
    seed = SeedAccount(
        account.provider,
        account.email,
        account.name,
        account.subject,
        account.tenant,
        account.time_zone,
        messages=(message,),
        events=(event,),
    )
    seeding.fill(store, [seed])
    return {"subject": subject, "start": start.isoformat()}


def _invitation(event: SeedEvent, account: Account, now: datetime) -> bytes:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = f"{_HOST.name} <{_HOST.email}>"
    letter["To"] = account.email
    letter["Subject"] = f"Invitation: {event.title}"
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = make_msgid(domain="sandbox.example")
    letter.set_content(f"{_HOST.name} invites you to {event.title}, tomorrow at 10:00 UTC.\n")
    calendar = itip(event, "REQUEST", now).decode()
    letter.add_alternative(calendar, subtype="calendar", params={"method": "REQUEST"})
    return letter.as_bytes()


async def move_meeting(app: Starlette, call: Call) -> Call:
    """Moves the account's next meeting and tells its guests, as its owner does in another app."""
    account = named_account(app.state.store, call)
    by = timedelta(minutes=number(call, "minutes", 60))
    async with Hand(app, account) as hand:
        title, path, body = await _NEXT_MEETING[account.provider](hand, by)
        await hand.call("PATCH", path, body, **_GUESTS_TOLD[account.provider])
    return {"what": title}


async def _google_meeting(hand: Hand, by: timedelta) -> tuple[str, str, Call]:
    path = "/calendar/v3/calendars/primary/events"
    now = hand.store.now()
    window = {"timeMin": now.isoformat(), "timeMax": (now + _AHEAD).isoformat()}
    found = await hand.call("GET", path, singleEvents="true", orderBy="startTime", **window)
    for event in found.get("items", []):
        if "dateTime" in event["start"] and event["organizer"].get("self"):
            times = {
                name: event[name] | {"dateTime": (datetime.fromisoformat(event[name]["dateTime"]) + by).isoformat()}
                for name in ("start", "end")
            }
            return event.get("summary", ""), f"{path}/{event['id']}", times
    raise BadCall("There is no meeting of the account's own in the next two months.")


async def _microsoft_meeting(hand: Hand, by: timedelta) -> tuple[str, str, Call]:
    now = hand.store.now().astimezone(UTC).replace(tzinfo=None, microsecond=0)
    query = {"startDateTime": now.isoformat(), "endDateTime": (now + _AHEAD).isoformat(), "$top": "200"}
    found = await hand.call("GET", "/v1.0/me/calendarView", **query)
    for event in sorted(found["value"], key=lambda one: one["start"]["dateTime"]):
        if not event["isAllDay"] and event["isOrganizer"]:
            times = {}
            for name in ("start", "end"):
                wall = datetime.fromisoformat(event[name]["dateTime"][:19]) + by
                times[name] = {"dateTime": wall.isoformat(), "timeZone": event[name]["timeZone"]}
            return event["subject"], f"/v1.0/me/events/{event['id']}", times
    raise BadCall("There is no meeting of the account's own in the next two months.")


_NEXT_MEETING = {"google": _google_meeting, "microsoft": _microsoft_meeting}
# An organiser's own client tells the guests. Graph does so by itself ("Update event", "Delete event").
_GUESTS_TOLD = {"google": {"sendUpdates": "all"}, "microsoft": dict[str, str]()}


async def change_at_provider(app: Starlette, call: Call) -> Call:
    """Stars or flags the newest message in the inbox and turns read into unread, as its owner does in another app."""
    account = named_account(app.state.store, call)
    async with Hand(app, account) as hand:
        if account.provider == "google":
            message = await _google_newest(hand)
            labels = set(message.get("labelIds", []))
            body: dict[str, Any] = {
                "addLabelIds": [one for one in ("STARRED", "UNREAD") if one not in labels],
                "removeLabelIds": [one for one in ("STARRED", "UNREAD") if one in labels],
            }
            await hand.call("POST", f"/gmail/v1/users/me/messages/{message['id']}/modify", body)
            subject = _google_subject(message)
        else:
            message = await _microsoft_newest(hand)
            flagged = message["flag"]["flagStatus"] == "flagged"
            body = {
                "isRead": not message["isRead"],
                "flag": {"flagStatus": "notFlagged" if flagged else "flagged"},
            }
            await hand.call("PATCH", f"/v1.0/me/messages/{message['id']}", body)
            subject = message["subject"]
    return {"changed": message["id"], "what": subject}


async def delete_at_provider(app: Starlette, call: Call) -> Call:
    """Deletes the newest message of the inbox, the next meeting or a contact, as its owner does in another app."""
    account, what = named_account(app.state.store, call), str(call.get("what", "message"))
    if what not in _DELETIONS:
        raise BadCall(f"what is one of {', '.join(_DELETIONS)}.")
    async with Hand(app, account) as hand:
        title, method, path = await _DELETIONS[what](hand)
        await hand.call(method, path, **_GUESTS_TOLD[account.provider] if what == "meeting" else {})
    return {"deleted": what, "what": title}


async def _google_newest(hand: Hand) -> Any:
    found = await hand.call("GET", "/gmail/v1/users/me/messages", labelIds="INBOX", maxResults="1")
    if not found.get("messages"):
        raise BadCall("There is no message in the inbox.")
    path = f"/gmail/v1/users/me/messages/{found['messages'][0]['id']}"
    return await hand.call("GET", path, format="metadata", metadataHeaders="Subject")


def _google_subject(message: Call) -> str:
    return next((one["value"] for one in message["payload"].get("headers", [])), "")


async def _microsoft_newest(hand: Hand) -> Any:
    query = {"$top": "1", "$select": "id,isRead,flag,subject", "$orderby": "receivedDateTime desc"}
    found = await hand.call("GET", "/v1.0/me/mailFolders/inbox/messages", **query)
    if not found["value"]:
        raise BadCall("There is no message in the inbox.")
    return found["value"][0]


async def _message(hand: Hand) -> tuple[str, str, str]:
    if hand.account.provider == "google":
        message = await _google_newest(hand)
        return _google_subject(message), "POST", f"/gmail/v1/users/me/messages/{message['id']}/trash"
    message = await _microsoft_newest(hand)
    return message["subject"], "DELETE", f"/v1.0/me/messages/{message['id']}"


async def _meeting(hand: Hand) -> tuple[str, str, str]:
    title, path, _ = await _NEXT_MEETING[hand.account.provider](hand, timedelta())
    return title, "DELETE", path


async def _contact(hand: Hand) -> tuple[str, str, str]:
    if hand.account.provider == "google":
        found = await hand.call("GET", "/v1/people/me/connections", personFields="names", pageSize="1")
        known = [(_google_name(one), one["resourceName"]) for one in found.get("connections", [])]
        path = "/v1/{}:deleteContact"
    else:
        found = await hand.call("GET", "/v1.0/me/contacts", **{"$top": "1", "$select": "id,displayName"})
        known, path = [(one["displayName"], one["id"]) for one in found["value"]], "/v1.0/me/contacts/{}"
    if not known:
        raise BadCall("There is no contact.")
    name, key = known[0]
    return name, "DELETE", path.format(key)


def _google_name(person: Call) -> str:
    return next((str(one.get("displayName", "")) for one in person.get("names", [])), "")


def merge_contacts(app: Starlette, call: Call) -> Call:
    """Merges two of an account's Google contacts: one goes, and the other tells the name that it had."""
    store: Store = app.state.store
    account = named_account(store, call)
    sql = "SELECT * FROM people_person WHERE account_id = ? AND NOT other AND NOT deleted ORDER BY number LIMIT 2"
    found = store.rows(sql, account.id)
    if account.provider != "google" or len(found) < 2:
        raise BadCall("There are no two Google contacts.")
    kept, gone = found
    names = " and ".join(_google_name(json.loads(one["person"])) for one in found)
    person = json.loads(kept["person"]) | {"previousResourceNames": [f"people/{gone['id']}"]}
    change = "UPDATE people_person SET version = ?, updated = ?, deleted = ?, person = ? WHERE number = ?"
    now = int(store.now().timestamp() * 1000)
    with store.write() as db:
        db.execute("UPDATE people_book SET version = version + 1 WHERE account_id = ?", (account.id,))
        version = store.value("SELECT version FROM people_book WHERE account_id = ?", account.id)
        db.execute(change, (version, now, 0, json.dumps(person), kept["number"]))
        db.execute(change, (version, now, 1, gone["person"], gone["number"]))
    return {"kept": f"people/{kept['id']}", "gone": f"people/{gone['id']}", "what": names}


_DELETIONS = {"message": _message, "meeting": _meeting, "contact": _contact}
