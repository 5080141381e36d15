"""people: making, changing and removing contacts and their photos.

People API, people.updateContact: the etag that was read must come back, or the change is refused; the fields that the
mask names are replaced as a whole.
"""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid_argument
from sandbox.google.people.directory import Person, groups_of, membership
from sandbox.google.people.reading import find, of
from sandbox.google.people.rendering import etag, mask, shown

SINGLE = ("biographies", "birthdays", "genders", "names")
WRITABLE = (
    *("addresses", "biographies", "birthdays", "calendarUrls", "clientData", "emailAddresses", "events", "externalIds"),
    *("fileAses", "genders", "imClients", "interests", "locales", "locations", "memberships", "miscKeywords", "names"),
    *("nicknames", "occupations", "organizations", "phoneNumbers", "relations", "sipAddresses", "urls", "userDefined"),
)
DEFAULT_READ = "metadata," + ",".join(WRITABLE)
MOST_CREATED, MOST_DELETED = 200, 500


def drafted(call: Call, body: dict[str, Any]) -> Person:
    """The fields that a client may write, as they are kept. Raises Google's 400."""
    person: Person = {}
    for field in WRITABLE:
        entries = [_kept(field, entry) for entry in body.get(field) or []]
        if field in SINGLE and len(entries) > 1:
            raise invalid_argument(f"Only one {field} entry is allowed for a contact.")
        if entries:
            person[field] = entries
    for entry in person.get("memberships", ()):
        group = entry.get("contactGroupMembership", {}).get("contactGroupResourceName", "")
        _check_group(call, group.removeprefix("contactGroups/"))
    return person


def _check_group(call: Call, group_id: str) -> None:
    if group_id not in ("myContacts", "starred", "friends", "family", "coworkers") and of(call).group(group_id) is None:
        raise invalid_argument("Invalid contact group resource name.")


def _kept(field: str, entry: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in entry.items() if v is not None and k not in ("metadata", "formattedType")}
    if field == "names":
        parts = ("honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix")
        whole = " ".join(kept[p] for p in parts if kept.get(p)) or kept.get("unstructuredName", "")
        kept["displayName"] = kept["unstructuredName"] = whole
        family, given = kept.get("familyName"), kept.get("givenName")
        kept["displayNameLastFirst"] = f"{family}, {given}" if family and given else whole
    elif field == "memberships":
        group = kept.get("contactGroupMembership", {}).get("contactGroupResourceName", "")
        return membership(group.removeprefix("contactGroups/"))
    elif kept.get("type"):
        kept["formattedType"] = kept["type"][:1].upper() + kept["type"][1:]
    return kept


def _new(call: Call, body: dict[str, Any]) -> sqlite3.Row:
    person = drafted(call, body)
    if "myContacts" not in groups_of({"memberships": person.get("memberships", [])}):
        person["memberships"] = [*person.get("memberships", []), membership("myContacts")]
    made = of(call).person(of(call).add(person))
    assert made is not None
    return made


def create(call: Call) -> dict[str, Any]:
    fields = mask(call, "personFields", call.query.get("personFields") or DEFAULT_READ)
    with call.store.write():
        return shown(call, _new(call, call.body), fields)


def create_several(call: Call) -> dict[str, Any]:
    fields = mask(call, "readMask", call.body.get("readMask"))
    wanted = call.body.get("contacts") or []
    if not 1 <= len(wanted) <= MOST_CREATED:
        raise invalid_argument(f"Between 1 and {MOST_CREATED} contacts are needed.")
    with call.store.write():
        rows = [_new(call, contact.get("contactPerson") or {}) for contact in wanted]
    made = [shown(call, row, fields) for row in rows]
    return {
        "createdPeople": [
            {"httpStatusCode": 200, "person": p, "requestedResourceName": p["resourceName"], "status": {}} for p in made
        ]
    }


def _changed(call: Call, name: str, body: dict[str, Any], fields: list[str]) -> sqlite3.Row:
    row = find(call, name)
    _check_etag(row, body)
    unwritable = [field for field in fields if field not in WRITABLE]
    if unwritable:
        raise invalid_argument(f'Invalid updatePersonFields mask path: "{unwritable[0]}".')
    given = drafted(call, body)
    if "memberships" in fields and not given.get("memberships"):
        raise invalid_argument("A contact must be in at least one contact group.")
    kept = {k: v for k, v in json.loads(row["person"]).items() if k not in fields}
    of(call).change(row["id"], kept | {k: v for k, v in given.items() if k in fields})
    return find(call, name)


def _check_etag(row: sqlite3.Row, body: dict[str, Any]) -> None:
    sources = (body.get("metadata") or {}).get("sources") or []
    given = {body.get("etag"), *(s.get("etag") for s in sources if s.get("type", "CONTACT") == "CONTACT")} - {None, ""}
    if not given:
        message = "Request must set person.etag or person.metadata.sources.etag for the source that is being updated."
        raise GoogleError(400, "failedPrecondition", message, status="FAILED_PRECONDITION")
    if not given & {etag(row), "#" + etag(row)[1:12]}:
        message = "Request person.etag is different than the current person.etag. Clear local cache and get the latest."
        raise GoogleError(400, "failedPrecondition", message, status="FAILED_PRECONDITION")


def update(call: Call) -> dict[str, Any]:
    fields = mask(call, "updatePersonFields")
    read = mask(call, "personFields", call.query.get("personFields") or DEFAULT_READ)
    with call.store.write():
        return shown(call, _changed(call, call.path["resourceName"], call.body, fields), read)


def update_several(call: Call) -> dict[str, Any]:
    fields, read = (
        mask(call, "updateMask", call.body.get("updateMask")),
        mask(call, "readMask", call.body.get("readMask")),
    )
    wanted = call.body.get("contacts") or {}
    if not 1 <= len(wanted) <= MOST_CREATED:
        raise invalid_argument(f"Between 1 and {MOST_CREATED} contacts are needed.")
    with call.store.write():
        rows = {name: _changed(call, name, body, fields) for name, body in wanted.items()}
    return {
        "updateResult": {
            name: {"httpStatusCode": 200, "person": shown(call, row, read), "requestedResourceName": name, "status": {}}
            for name, row in rows.items()
        }
    }


def delete(call: Call) -> dict[str, Any]:
    row = find(call, call.path["resourceName"])
    with call.store.write():
        of(call).remove(row["id"])
    return {}


def delete_several(call: Call) -> dict[str, Any]:
    names = call.body.get("resourceNames") or []
    if not 1 <= len(names) <= MOST_DELETED:
        raise invalid_argument(f"Between 1 and {MOST_DELETED} resource names are needed.")
    rows = [find(call, name) for name in names]
    with call.store.write():
        for row in rows:
            of(call).remove(row["id"])
    return {}


def set_photo(call: Call) -> dict[str, Any]:
    row = find(call, call.path["resourceName"])
    try:
        text = (call.body.get("photoBytes") or "").replace("-", "+").replace("_", "/")
        photo = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        photo = b""
    if not photo:
        raise invalid_argument("Invalid photo.")
    return _photographed(call, row, photo, call.body.get("personFields"))


def delete_photo(call: Call) -> dict[str, Any]:
    return _photographed(call, find(call, call.path["resourceName"]), None, call.query.get("personFields"))


def _photographed(call: Call, row: sqlite3.Row, photo: bytes | None, fields: str | None) -> dict[str, Any]:
    with call.store.write():
        of(call).set_photo(row["id"], photo)
    if not fields:
        return {}
    return {"person": shown(call, find(call, call.path["resourceName"]), mask(call, "personFields", fields))}


def copy_other(call: Call) -> dict[str, Any]:
    """Take one of the other contacts into the address book."""
    row = find(call, call.path["resourceName"], other=True)
    fields = mask(call, "copyMask", call.body.get("copyMask"), other=True)
    read = mask(call, "readMask", call.body.get("readMask") or DEFAULT_READ)
    kept = {k: v for k, v in json.loads(row["person"]).items() if k in fields}
    with call.store.write():
        return shown(call, _new(call, kept), read)


TABLE = {
    "people.people.createContact": Row(create),
    "people.people.batchCreateContacts": Row(create_several),
    "people.people.updateContact": Row(update),
    "people.people.batchUpdateContacts": Row(update_several),
    "people.people.deleteContact": Row(delete),
    "people.people.batchDeleteContacts": Row(delete_several),
    "people.people.updateContactPhoto": Row(set_photo),
    "people.people.deleteContactPhoto": Row(delete_photo),
    "people.otherContacts.copyOtherContactToMyContactsGroup": Row(copy_other),
}
