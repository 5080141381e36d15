"""What happens at Microsoft, and what Microsoft says in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.sync.history.owner import pick
from tests.sync.history.people import MicrosoftPeople

ME = "/v1.0/me"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZONES = ("UTC", "W. Europe Standard Time", "Eastern Standard Time")


class MicrosoftOwner(MicrosoftPeople):
    """Mail, calendars and contacts at Microsoft."""

    provider = "microsoft"
    services = ("graph",)

    def steps(self) -> dict[str, Callable[[int], object]]:
        """Everything that can happen there, by name."""
        return {
            "mail arrives": self.mail_arrives,
            "mail is labelled": self.mail_is_flagged,
            "mail is trashed": self.mail_is_trashed,
            "mail comes back": self.mail_moves,
            "mail is deleted": self.mail_is_deleted,
            "a folder is made": self.folder_is_made,
            "a folder goes": self.folder_goes,
            "an event is made": self.event_is_made,
            "an event is edited": self.event_is_edited,
            "an event moves": self.event_moves,
            "an event is deleted": self.event_is_deleted,
            "an event comes back": self.event_is_made,
            "an instance is edited": self.instance_is_edited,
            "an instance is deleted": self.instance_is_deleted,
            "a series is edited": self.series_is_edited,
            **self.people_steps(),
        }

    # Mail

    def folders(self) -> list[dict[str, Any]]:
        """Every folder, below others too: a deleted one moves into Deleted Items."""
        found, waiting = [], ["/mailFolders"]
        while waiting:
            level = self._listing(waiting.pop())
            found += level
            waiting += [f"/mailFolders/{f['id']}/childFolders" for f in level if f["childFolderCount"]]
        return found

    def messages(self) -> list[dict[str, Any]]:
        return sorted(self._listing("/messages"), key=lambda m: (m["receivedDateTime"], m["subject"]))

    def _listing(self, path: str, **params: str) -> list[dict[str, Any]]:
        return list(self.call("GET", f"{ME}{path}", **{"$top": "500", **params}).get("value", ()))

    def _message(self, n: int) -> str | None:
        found = pick(self.messages(), n)
        return found and str(found["id"])

    def mail_arrives(self, n: int) -> None:
        self.sandbox.drill("add-mail", provider="microsoft", email=self.email, subject=f"Letter {n}", count=1 + n % 3)

    def mail_is_flagged(self, n: int) -> None:
        if message := self._message(n):
            flag = {"flag": {"flagStatus": "flagged" if n % 4 > 1 else "notFlagged"}}
            self.call("PATCH", f"{ME}/messages/{message}", flag if n % 2 else {"isRead": bool(n // 2 % 2)})

    def mail_is_trashed(self, n: int) -> None:
        if message := self._message(n):
            self.call("DELETE", f"{ME}/messages/{message}")

    def mail_moves(self, n: int) -> None:
        if message := self._message(n):
            folder = pick([*(f["id"] for f in self.folders()), "inbox", "archive"], n // 3)
            self.call("POST", f"{ME}/messages/{message}/move", {"destinationId": folder})

    def mail_is_deleted(self, n: int) -> None:
        if message := self._message(n):
            self.call("POST", f"{ME}/messages/{message}/permanentDelete")

    def folder_is_made(self, n: int) -> None:
        self.call("POST", f"{ME}/mailFolders", {"displayName": f"Folder {n}"})

    def folder_goes(self, n: int) -> None:
        if folder := pick([f for f in self.folders() if f["displayName"].startswith("Folder ")], n):
            self.call("DELETE", f"{ME}/mailFolders/{folder['id']}")

    # Calendars

    def calendars(self) -> list[str]:
        return [c["id"] for c in self._listing("/calendars")]

    def events(self, calendar: str) -> list[dict[str, Any]]:
        return self._listing(f"/calendars/{calendar}/events")

    def _place(self, n: int) -> str:
        return str(pick(self.calendars(), n))

    def _some(self, n: int, *, series: bool | None = None) -> dict[str, Any] | None:
        found = [e for e in self.events(self._place(n)) if series is None or (e["type"] == "seriesMaster") is series]
        chosen: dict[str, Any] | None = pick(
            sorted(found, key=lambda e: (e["subject"], e["start"]["dateTime"])), n // 3
        )
        return chosen

    def event_is_made(self, n: int) -> None:
        body = {"subject": f"Event {n}", "location": {"displayName": f"Room {n % 5}"}, **span(n)}
        if n % 3:
            body["recurrence"] = recurrence(n, body["start"]["dateTime"][:10])
        self.call("POST", f"{ME}/calendars/{self._place(n)}/events", body)

    def event_is_edited(self, n: int) -> None:
        self._patch(self._some(n), {"subject": f"Edited {n}", "body": {"contentType": "text", "content": f"See {n}"}})

    def event_moves(self, n: int) -> None:
        self._patch(self._some(n, series=False), span(n))

    def event_is_deleted(self, n: int) -> None:
        if event := self._some(n):
            self.call("DELETE", f"{ME}/events/{event['id']}")

    def _instance(self, n: int) -> dict[str, Any] | None:
        series = self._some(n, series=True)
        if series is None:
            return None
        since, until = around()
        window = {"startDateTime": since.isoformat(), "endDateTime": until.isoformat()}
        chosen: dict[str, Any] | None = pick(self._listing(f"/events/{series['id']}/instances", **window), n // 5)
        return chosen

    def instance_is_edited(self, n: int) -> None:
        instance = self._instance(n)
        if instance and n % 2 and not instance["isAllDay"]:
            start = datetime.fromisoformat(instance["start"]["dateTime"][:19])
            times = (start + timedelta(minutes=10), start + timedelta(minutes=40))
            names = ("start", "end")
            self._patch(
                instance,
                {k: {"dateTime": t.isoformat(), "timeZone": "UTC"} for k, t in zip(names, times, strict=True)},
            )
        else:
            self._patch(instance, {"subject": f"Once {n}"})

    def instance_is_deleted(self, n: int) -> None:
        if instance := self._instance(n):
            self.call("DELETE", f"{ME}/events/{instance['id']}")

    def series_is_edited(self, n: int) -> None:
        if series := self._some(n, series=True):
            start = series["recurrence"]["range"]["startDate"]
            self._patch(series, {"recurrence": recurrence(n, start), "subject": f"Repeats {n}"})

    def _patch(self, event: dict[str, Any] | None, body: dict[str, Any]) -> None:
        if event:
            self.call("PATCH", f"{ME}/events/{event['id']}", body)

    # What is there

    def mail_now(self) -> dict[str, dict[str, Any]]:
        """Every message: its folder, flags and headers. What was deleted twice is in a folder that nobody sees."""
        seen = self.folders_now()
        return {
            m["id"]: {
                "folders": {m["parentFolderId"]},
                "unread": not m["isRead"],
                "starred": m["flag"]["flagStatus"] == "flagged",
                "subject": m["subject"],
                "thread": m["conversationId"],
                "date": int(datetime.fromisoformat(m["receivedDateTime"]).timestamp()),
            }
            for m in self.messages()
            if m["parentFolderId"] in seen
        }

    def folders_now(self) -> set[str]:
        return {f["id"] for f in self.folders()}

    def events_now(self) -> dict[str, dict[str, Any]]:
        """Every event as it is kept: singles, masters, and exceptions."""
        found = {}
        for calendar in self.calendars():
            for item in self.events(calendar):
                path = f"{ME}/events/{item['id']}"
                event = self.call("GET", path, **{"$expand": "exceptionOccurrences"})
                found[item["id"]] = self._kept(calendar, event, "")
                for exception in event.get("exceptionOccurrences", ()):
                    found[exception["id"]] = self._kept(calendar, exception, item["id"])
        return found

    def _kept(self, calendar: str, event: dict[str, Any], series: str) -> dict[str, Any]:
        return {
            "calendar": calendar,
            "cancelled": False,
            "series": series,
            "start": at(event["start"]),
            "end": at(event["end"]),
            "title": event["subject"],
            "location": event["location"]["displayName"],
            "updated": int(datetime.fromisoformat(event["lastModifiedDateTime"]).timestamp()),
        }

    def occurrences_now(self, since: datetime, until: datetime) -> Counter[tuple[Any, ...]]:
        """What takes place when, by Outlook's own expansion."""
        found: Counter[tuple[Any, ...]] = Counter()
        window = {"startDateTime": since.isoformat(), "endDateTime": until.isoformat()}
        for calendar in self.calendars():
            for event in self._listing(f"/calendars/{calendar}/calendarView", **window):
                found[calendar, at(event["start"]), at(event["end"]), event["subject"]] += 1
        return found


def around() -> tuple[datetime, datetime]:
    """The weeks in which histories take place."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=90), today + timedelta(days=150)


def at(time: dict[str, str]) -> datetime:
    return datetime.fromisoformat(time["dateTime"][:19]).replace(tzinfo=UTC)


def span(n: int) -> dict[str, Any]:
    """When an event of that number takes place: within five weeks of today, timed or for whole days."""
    day = datetime.now(UTC).date() + timedelta(days=n % 60 - 25)
    if n % 5 == 0:
        ends = day + timedelta(days=1 + n % 2)
        return {
            "isAllDay": True,
            "start": {"dateTime": f"{day}T00:00:00", "timeZone": "UTC"},
            "end": {"dateTime": f"{ends}T00:00:00", "timeZone": "UTC"},
        }
    zone = pick(list(ZONES), n)
    return {
        "isAllDay": False,
        "start": {"dateTime": f"{day}T{8 + n % 9:02}:00:00", "timeZone": zone},
        "end": {"dateTime": f"{day}T{9 + n % 9:02}:30:00", "timeZone": zone},
    }


def recurrence(n: int, first: str) -> dict[str, Any]:
    """A series that ends after some times."""
    patterns = (
        {"type": "daily", "interval": 1 + n % 2},
        {"type": "weekly", "interval": 1, "daysOfWeek": [DAYS[datetime.fromisoformat(first).weekday()]]},
    )
    extent = {"type": "numbered", "startDate": first, "numberOfOccurrences": 4 + n % 3}
    return {"pattern": pick(list(patterns), n // 2), "range": extent}
