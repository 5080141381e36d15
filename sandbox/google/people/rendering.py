"""A person as the People API answers one: masked to the asked fields, each with its metadata."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

from sandbox.google.calls import Call
from sandbox.google.contract import api
from sandbox.google.errors import GoogleError

_NOT_FIELDS = {"etag", "resourceName", "ageRange"}
OTHER_FIELDS = {"emailAddresses", "metadata", "names", "phoneNumbers", "photos"}


def mask(call: Call, name: str, text: str | None = None, *, other: bool = False) -> list[str]:
    """The fields that a mask names. A missing mask or an unknown field is Google's 400."""
    text = text if text is not None else call.query.get(name)
    if not text:
        message = f"{name} mask is required. Please specify one or more valid paths."
        raise GoogleError(400, "badRequest", message)
    allowed = OTHER_FIELDS if other else set(api("people").schemas["Person"]["properties"]) - _NOT_FIELDS
    fields = [f.strip() for f in text.split(",") if f.strip()]
    for field in fields:
        if field.partition(".")[0] not in allowed:
            paths = ", ".join(sorted(allowed))
            raise GoogleError(400, "badRequest", f'Invalid {name} mask path: "{field}". Valid paths are: [{paths}]')
    return [f.partition(".")[0] for f in fields]


def etag(row: sqlite3.Row) -> str:
    """A person's etag; it changes with every change."""
    packed = f"{row['id']}/{row['version']}".encode()
    return "%" + base64.b64encode(hashlib.sha256(packed).digest()[:18]).decode()


def resource_name(row: sqlite3.Row) -> str:
    return ("otherContacts/" if row["other"] else "people/") + str(row["id"])


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def photo_key(row: sqlite3.Row) -> str:
    """What makes a photo's address impossible to guess."""
    return hashlib.sha256(f"{row['account_id']}/{row['id']}/{row['version']}".encode()).hexdigest()[:32]


def shown(call: Call, row: sqlite3.Row, fields: list[str]) -> dict[str, Any]:
    """The person in a row with the fields asked for."""
    source = {"type": "OTHER_CONTACT" if row["other"] else "CONTACT", "id": f"{int(row['id'][1:]):x}"}
    out: dict[str, Any] = {"resourceName": resource_name(row), "etag": etag(row)}
    if "metadata" in fields or row["deleted"]:
        stamped = source | {"etag": "#" + etag(row)[1:12], "updateTime": _time(row["updated"])}
        out["metadata"] = {"sources": [stamped], "objectType": "PERSON"} | ({"deleted": True} if row["deleted"] else {})
        if former := json.loads(row["person"]).get("previousResourceNames"):
            out["metadata"]["previousResourceNames"] = former
    if row["deleted"]:
        return out
    person = json.loads(row["person"])
    for field in fields:
        if field == "photos":
            url = f"{call.base}/google/photos/{row['account_id']}/{row['id']}/{photo_key(row)}"
            photo: dict[str, Any] = {"metadata": {"primary": True, "source": source}, "url": url}
            out["photos"] = [photo | ({} if row["photo"] else {"default": True})]
        elif person.get(field):
            out[field] = [_entry(entry, i == 0, source) for i, entry in enumerate(person[field])]
    return out


def _entry(entry: dict[str, Any], first: bool, source: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"primary": True, "sourcePrimary": True} if first else {}
    return {"metadata": metadata | {"source": source}} | entry


def searchable(row: sqlite3.Row) -> list[str]:
    """The words that a search for a person may begin with."""
    person = json.loads(row["person"])
    texts = [n.get("displayName", "") for n in person.get("names", ())]
    texts += [
        n.get("value", "") for name in ("nicknames", "emailAddresses", "phoneNumbers") for n in person.get(name, ())
    ]
    texts += [o.get(k, "") for o in person.get("organizations", ()) for k in ("name", "title")]
    return [word for text in texts for word in [text.lower(), *text.lower().split()]]
