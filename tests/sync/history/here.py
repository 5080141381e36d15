"""What OsMEN has of an account, in the form in which its owner reads it at the provider."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from calendars.models import Event, Occurrence
from contacts.models import Contact
from integrations.models import Connection
from mail.models import Folder, Message, MessageFolder
from tests.sync.history.google import GoogleOwner
from tests.sync.history.microsoft import MicrosoftOwner, around


def mail(connection: Connection) -> dict[str, dict[str, Any]]:
    messages = Message.objects.filter(connection=connection, detached_at=None).select_related("thread")
    found: dict[str, dict[str, Any]] = {
        m.provider_id: {
            "folders": set(),
            "unread": m.unread,
            "starred": m.starred,
            "subject": m.subject,
            "thread": m.thread.provider_id,
            "date": int(m.date.timestamp()),
        }
        for m in messages
    }
    memberships = MessageFolder.objects.filter(message__connection=connection)
    for message, folder in memberships.values_list("message__provider_id", "folder__provider_id"):
        found[message]["folders"].add(folder)
    return found


def folders(connection: Connection) -> set[str]:
    rows = Folder.objects.filter(connection=connection, hidden=False)
    if connection.provider == "google":
        rows = rows.filter(role="user")
    return set(rows.values_list("provider_id", flat=True))


def events(connection: Connection) -> dict[str, dict[str, Any]]:
    """Without the gaps in series that are gone: a walk may mention them, and they show nowhere."""
    rows = Event.objects.filter(calendar__connection=connection)
    masters = set(rows.filter(kind="master").values_list("provider_id", flat=True))
    return {
        e.provider_id: {
            "calendar": e.calendar.provider_id,
            "cancelled": e.cancelled,
            "series": e.series_id,
            "original": e.original_start,
            "recurrence": e.recurrence,
            "start": e.starts_at,
            "end": e.ends_at,
            "title": e.title,
            "location": e.location,
            "description": e.description,
            "updated": e.updated and int(e.updated.timestamp()),
        }
        for e in rows.select_related("calendar")
        if not e.cancelled or e.series_id in masters
    }


def occurrences(connection: Connection, since: datetime, until: datetime) -> Counter[tuple[Any, ...]]:
    rows = Occurrence.objects.filter(calendar__connection=connection, starts_at__lt=until, ends_at__gt=since)
    return Counter(rows.values_list("calendar__provider_id", "starts_at", "ends_at", "event__title"))


def people(connection: Connection) -> dict[str, dict[str, Any]]:
    """Those in address books; whom somebody has only written to is not kept by an owner."""
    rows = Contact.objects.filter(connection=connection).exclude(collection_id="otherContacts")
    return {
        p.provider_id: {
            "collection": p.collection_id,
            "given_name": p.given_name,
            "family_name": p.family_name,
            "emails": [value for value, _ in p.emails],
            "phones": [value for value, _ in p.phones],
            "organization": p.organization,
            "notes": p.notes,
        }
        for p in rows
    }


def differences(connection: Connection, owner: GoogleOwner | MicrosoftOwner) -> list[str]:
    """What differs between here and there, in words; empty when nothing does."""
    since, until = around()
    found = _compare("message", mail(connection), owner.mail_now())
    found += _compare("event", events(connection), owner.events_now())
    found += _compare("person", people(connection), owner.people_now())
    ours, theirs = folders(connection), owner.folders_now()
    found += [f"folder {one}: on one side only" for one in ours ^ theirs]
    here, there = occurrences(connection, since, until), owner.occurrences_now(since, until)
    found += [f"occurrence only here: {one}" for one in here - there]
    found += [f"occurrence only there: {one}" for one in there - here]
    return found


def _compare(what: str, here: dict[str, dict[str, Any]], there: dict[str, dict[str, Any]]) -> list[str]:
    found = [f"{what} {i} only here: {here[i]}" for i in here.keys() - there.keys()]
    found += [f"{what} {i} only there: {there[i]}" for i in there.keys() - here.keys()]
    for item in here.keys() & there.keys():
        for name, value in there[item].items():
            if here[item][name] != value:
                found.append(f"{what} {item}, {name}: {here[item][name]!r} here, {value!r} there")
    return found
