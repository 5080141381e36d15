"""What happens at Google, and what Google says in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.sync.history.owner import pick
from tests.sync.history.people import GooglePeople

MAIL, CALENDARS = "/gmail/v1/users/me", "/calendar/v3"
LABELS = ("UNREAD", "STARRED", "INBOX", "IMPORTANT")
RULES = ("RRULE:FREQ=DAILY;COUNT=6", "RRULE:FREQ=WEEKLY;COUNT=4", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=5")
ZONES = ("UTC", "Europe/Berlin", "America/New_York")


class GoogleOwner(GooglePeople):
    """Mail, calendars and contacts at Google."""

    provider = "google"
    services = ("gmail", "calendar", "people")
    extra_scopes = ("https://mail.google.com/", "https://www.googleapis.com/auth/calendar")

    def steps(self) -> dict[str, Callable[[int], object]]:
        """Everything that can happen there, by name."""
        return {
            "mail arrives": self.mail_arrives,
            "mail is labelled": self.mail_is_labelled,
            "mail is trashed": self.mail_is_trashed,
            "mail comes back": self.mail_comes_back,
            "mail is deleted": self.mail_is_deleted,
            "a folder is made": self.label_is_made,
            "a folder goes": self.label_goes,
            "an event is made": self.event_is_made,
            "an event is edited": self.event_is_edited,
            "an event moves": self.event_moves,
            "an event is deleted": self.event_is_deleted,
            "an event comes back": self.event_comes_back,
            "an instance is edited": self.instance_is_edited,
            "an instance is deleted": self.instance_is_deleted,
            "a series is edited": self.series_is_edited,
            **self.people_steps(),
        }

    # Mail

    def messages(self) -> list[str]:
        found = self.call("GET", f"{MAIL}/messages", includeSpamTrash="true", maxResults="500").get("messages", ())
        return [m["id"] for m in reversed(found)]

    def mail_arrives(self, n: int) -> None:
        self.sandbox.drill("add-mail", provider="google", email=self.email, subject=f"Letter {n}", count=1 + n % 3)

    def mail_is_labelled(self, n: int) -> None:
        if message := pick(self.messages(), n):
            label = pick([*LABELS, *self.own_labels()], n // 7)
            way = "addLabelIds" if n % 2 else "removeLabelIds"
            self.call("POST", f"{MAIL}/messages/{message}/modify", {way: [label]})

    def mail_is_trashed(self, n: int) -> None:
        if message := pick(self.messages(), n):
            self.call("POST", f"{MAIL}/messages/{message}/trash")

    def mail_comes_back(self, n: int) -> None:
        if message := pick(self.messages(), n):
            self.call("POST", f"{MAIL}/messages/{message}/untrash")

    def mail_is_deleted(self, n: int) -> None:
        if message := pick(self.messages(), n):
            self.call("DELETE", f"{MAIL}/messages/{message}")

    def own_labels(self) -> list[str]:
        return [i["id"] for i in self.call("GET", f"{MAIL}/labels")["labels"] if i.get("type") == "user"]

    def label_is_made(self, n: int) -> None:
        self.call("POST", f"{MAIL}/labels", {"name": f"Label {n}"})

    def label_goes(self, n: int) -> None:
        if label := pick(self.own_labels(), n):
            self.call("DELETE", f"{MAIL}/labels/{label}")

    # Calendars

    def calendars(self) -> list[str]:
        return [i["id"] for i in self.call("GET", f"{CALENDARS}/users/me/calendarList")["items"]]

    def events(self, calendar: str, **params: str) -> list[dict[str, Any]]:
        asked = {"maxResults": "2500", **params}
        return list(self.call("GET", f"{CALENDARS}/calendars/{calendar}/events", **asked).get("items", ()))

    def _place(self, n: int) -> str:
        return str(pick(self.calendars(), n))

    def _some(self, n: int, *, series: bool | None = None, deleted: bool = False) -> tuple[str, dict[str, Any] | None]:
        calendar = self._place(n)
        found = self.events(calendar, **({"showDeleted": "true"} if deleted else {}))
        if deleted:
            found = [e for e in found if e["status"] == "cancelled" and "recurringEventId" not in e]
        if series is not None:
            found = [e for e in found if bool(e.get("recurrence")) is series]
        return calendar, pick(sorted(found, key=told), n // 3)

    def event_is_made(self, n: int) -> None:
        body: dict[str, Any] = {"summary": f"Event {n}", "location": f"Room {n % 5}", **span(n)}
        if n % 3:
            body["recurrence"] = [pick(list(RULES), n)]
        self.call("POST", f"{CALENDARS}/calendars/{self._place(n)}/events", body)

    def event_is_edited(self, n: int) -> None:
        self._patch(self._some(n), {"summary": f"Edited {n}", "description": f"Because of {n}"})

    def event_moves(self, n: int) -> None:
        self._patch(self._some(n), span(n))

    def event_is_deleted(self, n: int) -> None:
        calendar, event = self._some(n)
        if event:
            self.call("DELETE", f"{CALENDARS}/calendars/{calendar}/events/{event['id']}")

    def event_comes_back(self, n: int) -> None:
        self._patch(self._some(n, deleted=True), {"status": "confirmed"})

    def _instance(self, n: int) -> tuple[str, dict[str, Any] | None]:
        calendar, series = self._some(n, series=True)
        if series is None:
            return calendar, None
        found = self.call("GET", f"{CALENDARS}/calendars/{calendar}/events/{series['id']}/instances").get("items", [])
        return calendar, pick(found, n // 5)

    def instance_is_edited(self, n: int) -> None:
        self._patch(self._instance(n), {"summary": f"Once {n}"} if n % 2 else shifted(span(n)))

    def instance_is_deleted(self, n: int) -> None:
        self._patch(self._instance(n), {"status": "cancelled"})

    def series_is_edited(self, n: int) -> None:
        self._patch(self._some(n, series=True), {"recurrence": [pick(list(RULES), n // 2)]})

    def _patch(self, found: tuple[str, dict[str, Any] | None], body: dict[str, Any]) -> None:
        calendar, event = found
        if event:
            self.call("PATCH", f"{CALENDARS}/calendars/{calendar}/events/{event['id']}", body)

    # What is there

    def mail_now(self) -> dict[str, dict[str, Any]]:
        """Every message: its labels, flags and headers."""
        found = {}
        for message_id in self.messages():
            message = self.call("GET", f"{MAIL}/messages/{message_id}", format="full")
            labels = set(message.get("labelIds", ()))
            headers = {h["name"].lower(): h["value"] for h in message["payload"]["headers"]}
            found[message_id] = {
                "folders": labels - {"UNREAD", "STARRED"},
                "unread": "UNREAD" in labels,
                "starred": "STARRED" in labels,
                "subject": headers.get("subject", ""),
                "thread": message["threadId"],
                "date": int(message["internalDate"]) // 1000,
            }
        return found

    def folders_now(self) -> set[str]:
        return set(self.own_labels())

    def events_now(self) -> dict[str, dict[str, Any]]:
        """Every event as it is kept: singles, masters, and exceptions, cancelled ones too."""
        found = {}
        for calendar in self.calendars():
            everything = self.events(calendar, showDeleted="true")
            masters = {e["id"] for e in everything if e.get("recurrence") and e["status"] != "cancelled"}
            for event in everything:
                series = event.get("recurringEventId", "")
                if event["status"] == "cancelled" and series not in masters:
                    continue
                gone = event["status"] == "cancelled"
                found[event["id"]] = {
                    "calendar": calendar,
                    "cancelled": gone,
                    "series": series,
                    "original": at(event["originalStartTime"]) if series else None,
                    "recurrence": event.get("recurrence", []),
                    **({} if gone else fields(event)),
                }
        return found

    def occurrences_now(self, since: datetime, until: datetime) -> Counter[tuple[Any, ...]]:
        """What takes place when, by Google's own expansion."""
        found: Counter[tuple[Any, ...]] = Counter()
        for calendar in self.calendars():
            params = {"singleEvents": "true", "timeMin": since.isoformat(), "timeMax": until.isoformat()}
            for event in self.events(calendar, **params):
                found[calendar, at(event["start"]), at(event["end"]), event.get("summary", "")] += 1
        return found


def told(event: dict[str, Any]) -> tuple[str, str]:
    """What orders events the same whenever a history is told again; ids do not."""
    return event.get("summary", ""), str(event.get("start", event.get("originalStartTime")))


def fields(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "start": at(event["start"]),
        "end": at(event["end"]),
        "title": event.get("summary", ""),
        "location": event.get("location", ""),
        "description": event.get("description", ""),
        "updated": int(datetime.fromisoformat(event["updated"]).timestamp()),
    }


def at(time: dict[str, str]) -> datetime:
    """An instant; an all-day event's is midnight in UTC."""
    if "date" in time:
        return datetime.combine(date.fromisoformat(time["date"]), datetime.min.time(), UTC)
    return datetime.fromisoformat(time["dateTime"]).astimezone(UTC)


def span(n: int) -> dict[str, Any]:
    """When an event of that number takes place: within five weeks of today, timed or for whole days."""
    day = datetime.now(UTC).date() + timedelta(days=n % 60 - 25)
    if n % 5 == 0:
        return {"start": {"date": f"{day}"}, "end": {"date": f"{day + timedelta(days=1 + n % 2)}"}}
    zone = str(pick(list(ZONES), n))
    start = datetime(day.year, day.month, day.day, 8 + n % 9, tzinfo=ZoneInfo(zone))
    end = start + timedelta(minutes=90)
    return {k: {"dateTime": t.isoformat(), "timeZone": zone} for k, t in (("start", start), ("end", end))}


def shifted(times: dict[str, Any]) -> dict[str, Any]:
    """The same for a timed instance, which may not become one of whole days."""
    return times if "dateTime" in times["start"] else span(6)
