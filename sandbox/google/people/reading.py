"""people and otherContacts: listing, reading and searching. Changes are in ``writing``."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid_argument, not_found
from sandbox.google.people import cursors
from sandbox.google.people.directory import Directory
from sandbox.google.people.rendering import mask, searchable, shown

LARGEST_PAGE = 1000
MOST_FOUND = 30
MOST_AT_ONCE = 200


def of(call: Call) -> Directory:
    return Directory(call.store, call.account.id)


def find(call: Call, name: str, *, other: bool = False) -> sqlite3.Row:
    """The person of that resource name. Raises Google's 404."""
    row = of(call).person(name.partition("/")[2], other=other)
    if row is None:
        raise not_found()
    return row


def _sorted(call: Call, rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    order = call.query.get("sortOrder", "LAST_MODIFIED_ASCENDING")

    def named(row: sqlite3.Row, part: str) -> str:
        names = json.loads(row["person"]).get("names") or [{}]
        return str(names[0].get(part) or names[0].get("displayName", "")).lower()

    if order == "FIRST_NAME_ASCENDING":
        return sorted(rows, key=lambda r: named(r, "givenName"))
    if order == "LAST_NAME_ASCENDING":
        return sorted(rows, key=lambda r: named(r, "familyName"))
    return sorted(rows, key=lambda r: r["version"], reverse=order == "LAST_MODIFIED_DESCENDING")


def _listed(call: Call, fields: list[str], *, other: bool) -> tuple[list[dict[str, Any]], dict[str, str], int]:
    directory = of(call)
    walk = cursors.begin(call, directory)
    rows = _sorted(call, directory.seen(other=other, since=walk.since))
    sync = bool(call.query.get("requestSyncToken") or call.query.get("syncToken"))
    chosen, token = cursors.page(call, directory, walk, rows, LARGEST_PAGE, sync=sync)
    return [shown(call, row, fields) for row in chosen], token, len(rows)


def connections(call: Call) -> dict[str, Any]:
    if call.path["resourceName"] != "people/me":
        raise invalid_argument("Resource name must be people/me.")
    people, token, total = _listed(call, mask(call, "personFields"), other=False)
    out: dict[str, Any] = {"connections": people} if people else {}
    return out | token | {"totalPeople": total, "totalItems": total}


def others(call: Call) -> dict[str, Any]:
    people, token, total = _listed(call, mask(call, "readMask", other=True), other=True)
    out: dict[str, Any] = {"otherContacts": people} if people else {}
    return out | token | {"totalSize": total}


def _own(call: Call, fields: list[str]) -> dict[str, Any]:
    source = {"type": "PROFILE", "id": call.account.subject}
    metadata = {"primary": True, "source": source}
    known: dict[str, Any] = {
        "names": [{"metadata": metadata, "displayName": call.account.name, "unstructuredName": call.account.name}],
        "emailAddresses": [{"metadata": metadata, "value": call.account.email}],
        "metadata": {"sources": [source], "objectType": "PERSON"},
    }
    return {"resourceName": f"people/{call.account.subject}", "etag": "%" + call.account.subject} | {
        field: known[field] for field in fields if field in known
    }


def get(call: Call) -> dict[str, Any]:
    fields = mask(call, "personFields")
    if call.path["resourceName"] in ("people/me", f"people/{call.account.subject}"):
        return _own(call, fields)
    _contacts_only(call)
    row = of(call).seen_one(call.path["resourceName"].partition("/")[2])
    if row is None:
        raise not_found()
    return shown(call, row, fields)


def _contacts_only(call: Call) -> None:
    """Contacts want a contacts scope, though the method itself takes those for one's own profile, too."""
    if not any(scope.endswith(("/contacts", "/contacts.readonly")) for scope in call.caller.scopes):
        raise GoogleError(403, "forbidden", "The caller does not have permission to request contacts.")


def get_several(call: Call) -> dict[str, Any]:
    fields, names = mask(call, "personFields"), call.query.get("resourceNames") or []
    if not 1 <= len(names) <= MOST_AT_ONCE:
        raise invalid_argument(f"Between 1 and {MOST_AT_ONCE} resource names are needed.")
    _contacts_only(call)
    responses: list[dict[str, Any]] = []
    for name in names:
        row = of(call).seen_one(name.removeprefix("people/"))
        found: dict[str, Any] = {"requestedResourceName": name}
        if name == "people/me":
            found |= {"httpStatusCode": 200, "person": _own(call, fields), "status": {}}
        elif row is None:
            found |= {"httpStatusCode": 404, "status": {"code": 5, "message": "Not found."}}
        else:
            found |= {"httpStatusCode": 200, "person": shown(call, row, fields), "status": {}}
        responses.append(found)
    return {"responses": responses}


def _searched(call: Call, *, other: bool) -> dict[str, Any]:
    fields = mask(call, "readMask", other=other)
    size, wanted = min(call.query.get("pageSize") or 10, MOST_FOUND), call.query.get("query", "").lower().strip()
    if not wanted:
        return {}  # a call without words only warms Google's cache up
    rows = of(call).seen(other=other)
    found = [row for row in rows if any(word.startswith(wanted) for word in searchable(row))]
    return {"results": [{"person": shown(call, row, fields)} for row in found[:size]]} if found else {}


def search(call: Call) -> dict[str, Any]:
    return _searched(call, other=False)


def search_others(call: Call) -> dict[str, Any]:
    return _searched(call, other=True)


TABLE = {
    "people.people.connections.list": Row(connections),
    "people.people.get": Row(get),
    "people.people.getBatchGet": Row(get_several),
    "people.people.searchContacts": Row(search),
    "people.otherContacts.list": Row(others),
    "people.otherContacts.search": Row(search_others),
}
