"""A contact row and a contact folder as Graph shows them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.microsoft import ids
from sandbox.microsoft.calls import Call
from sandbox.microsoft.odata import Entity, Shape

LISTS = ("businessPhones", "homePhones", "imAddresses", "children", "categories", "emailAddresses")
ADDRESSES = ("homeAddress", "businessAddress", "otherAddress")
TEXTS = (
    "assistantName",
    "businessHomePage",
    "companyName",
    "department",
    "displayName",
    "fileAs",
    "generation",
    "givenName",
    "initials",
    "jobTitle",
    "manager",
    "middleName",
    "mobilePhone",
    "nickName",
    "officeLocation",
    "personalNotes",
    "profession",
    "spouseName",
    "surname",
    "yomiCompanyName",
    "yomiGivenName",
    "yomiSurname",
)
_OWN = ("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "parentFolderId", "birthday")
CONTACT = Entity(
    "contact",
    frozenset({*_OWN, *LISTS, *ADDRESSES, *TEXTS}),
    asked=frozenset({"primaryEmailAddress", "secondaryEmailAddress", "tertiaryEmailAddress"}),
    links=frozenset({"photo", "extensions", "singleValueExtendedProperties", "multiValueExtendedProperties"}),
)
FOLDER = Entity(
    "contactFolder",
    frozenset({"id", "displayName", "parentFolderId"}),
    links=frozenset({"childFolders", "contacts"}),
)
RANKS = ("primaryEmailAddress", "secondaryEmailAddress", "tertiaryEmailAddress")


def identifier(call: Call, row: sqlite3.Row) -> str:
    return ids.make(call.account, "contact", row["id"], immutable=call.immutable)


def contact(call: Call, row: sqlite3.Row, shape: Shape) -> dict[str, Any]:
    """One contact, cut to what is wanted."""
    fields = json.loads(row["fields"])
    key = ids.change_key("contact", row["id"], row["version"])
    item: dict[str, Any] = {
        "@odata.etag": ids.etag(key),
        "id": identifier(call, row),
        "createdDateTime": row["created"],
        "lastModifiedDateTime": row["modified"],
        "changeKey": key,
        "parentFolderId": ids.make(call.account, "contactFolder", row["folder"]),
        "birthday": fields.get("birthday"),
    }
    item |= {name: fields.get(name, []) for name in LISTS}
    item |= {name: fields.get(name) for name in TEXTS}
    item |= {name: fields.get(name, {}) for name in ADDRESSES}
    for name, address in zip(RANKS, [*fields.get("emailAddresses", []), None, None, None][:3], strict=True):
        item[name] = address
    for name in shape.expand:
        item[name] = None if name == "photo" else []
    return shape.cut(item)


def folder(call: Call, row: sqlite3.Row, shape: Shape) -> dict[str, Any]:
    """One contact folder."""
    item: dict[str, Any] = {
        "id": ids.make(call.account, "contactFolder", row["id"]),
        "parentFolderId": ids.make(call.account, "contactFolder", row["parent"]),
        "displayName": row["name"],
    }
    for name in shape.expand:
        item[name] = []
    return shape.cut(item)
