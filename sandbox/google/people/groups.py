"""contactGroups: the system's groups, those that the user makes, and who is in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid_argument, not_found
from sandbox.google.people import cursors
from sandbox.google.people.directory import SYSTEM_GROUPS, groups_of, membership
from sandbox.google.people.reading import of

LARGEST_PAGE = 1000
MOST_CHANGED = 1000
_FIELDS = {"clientData", "groupType", "memberCount", "metadata", "name"}


def _fields(text: str | None) -> set[str]:
    fields = {f.strip() for f in (text or ",".join(_FIELDS)).split(",") if f.strip()}
    if not fields <= _FIELDS:
        raise GoogleError(400, "badRequest", f'Invalid groupFields mask path: "{min(fields - _FIELDS)}".')
    return fields


def _shown(call: Call, group_id: str, fields: set[str], members: int = 0) -> dict[str, Any]:
    row = of(call).store.row("SELECT * FROM people_group WHERE account_id = ? AND id = ?", call.account.id, group_id)
    out: dict[str, Any] = {"resourceName": f"contactGroups/{group_id}", "etag": f"g{row['version'] if row else 0}="}
    inside = [] if row and row["deleted"] else of(call).members(group_id)
    if "groupType" in fields:
        out["groupType"] = "USER_CONTACT_GROUP" if row else "SYSTEM_CONTACT_GROUP"
    if "name" in fields:
        out["name"] = row["name"] if row else group_id
        out["formattedName"] = row["name"] if row else SYSTEM_GROUPS[group_id]
    if "memberCount" in fields and inside:
        out["memberCount"] = len(inside)
    if "metadata" in fields and row:
        moment = datetime.fromtimestamp(row["updated"] / 1000, UTC).isoformat(timespec="microseconds")
        out["metadata"] = {"updateTime": moment.replace("+00:00", "Z")} | ({"deleted": True} if row["deleted"] else {})
    if members and inside:
        out["memberResourceNames"] = [f"people/{person}" for person in inside[:members]]
    return out


def list_(call: Call) -> dict[str, Any]:
    directory, fields = of(call), _fields(call.query.get("groupFields"))
    walk = cursors.begin(call, directory)
    ids = [row["id"] for row in directory.groups(walk.since)]
    if walk.since is None:
        ids = [*SYSTEM_GROUPS, *ids]
    chosen, token = cursors.page(call, directory, walk, ids, LARGEST_PAGE, sync=True)
    out: dict[str, Any] = {"contactGroups": [_shown(call, g, fields) for g in chosen]} if chosen else {}
    return out | token | {"totalItems": len(ids)}


def _known(call: Call, name: str) -> str:
    group_id = name.removeprefix("contactGroups/")
    if group_id not in SYSTEM_GROUPS and of(call).group(group_id) is None:
        raise not_found()
    return group_id


def get(call: Call) -> dict[str, Any]:
    group_id = _known(call, call.path["resourceName"])
    return _shown(call, group_id, _fields(call.query.get("groupFields")), call.query.get("maxMembers", 0))


def get_several(call: Call) -> dict[str, Any]:
    names, fields = call.query.get("resourceNames") or [], _fields(call.query.get("groupFields"))
    if not names:
        raise invalid_argument("Resource names are needed.")
    responses: list[dict[str, Any]] = []
    for name in names:
        try:
            shown = _shown(call, _known(call, name), fields, call.query.get("maxMembers", 0))
            responses.append({"requestedResourceName": name, "contactGroup": shown, "status": {}})
        except GoogleError:
            responses.append({"requestedResourceName": name, "status": {"code": 5, "message": "Not found."}})
    return {"responses": responses}


def _name(call: Call, own: str = "") -> str:
    name = ((call.body.get("contactGroup") or {}).get("name") or "").strip()
    if not name:
        raise invalid_argument("A contact group needs a name.")
    taken = of(call).group_named(name)
    if (taken and taken != own) or name in SYSTEM_GROUPS:
        raise GoogleError(409, "alreadyExists", "Contact group name already exists.")
    return name


def _user_group(call: Call) -> str:
    group_id = _known(call, call.path["resourceName"])
    if group_id in SYSTEM_GROUPS:
        raise invalid_argument("System contact groups cannot be changed.")
    return group_id


def create(call: Call) -> dict[str, Any]:
    name, fields = _name(call), _fields(call.body.get("readGroupFields"))
    with call.store.write():
        return _shown(call, of(call).put_group(name), fields)


def update(call: Call) -> dict[str, Any]:
    group_id, fields = _user_group(call), _fields(call.body.get("readGroupFields"))
    name = _name(call, group_id)
    with call.store.write():
        return _shown(call, of(call).put_group(name, group_id), fields)


def delete(call: Call) -> dict[str, Any]:
    group_id = _user_group(call)
    directory = of(call)
    with call.store.write():
        for person in directory.members(group_id):
            if call.query.get("deleteContacts"):
                directory.remove(person)
            else:
                _move(call, person, remove=group_id)
        directory.put_group("", group_id, deleted=True)
    return {}


def _move(call: Call, person_id: str, *, add: str = "", remove: str = "") -> bool:
    """Change one membership; False where it would be the last."""
    directory = of(call)
    row = directory.person(person_id)
    assert row is not None
    person = json.loads(row["person"])
    groups = [g for g in groups_of(person) if g != remove]
    if add and add not in groups:
        groups.append(add)
    if not groups:
        return False
    directory.change(person_id, person | {"memberships": [membership(g) for g in groups]})
    return True


def modify_members(call: Call) -> dict[str, Any]:
    group_id = _known(call, call.path["resourceName"])
    if group_id in SYSTEM_GROUPS and group_id not in ("myContacts", "starred"):
        raise invalid_argument("Members of this system group cannot be changed.")
    add, remove = call.body.get("resourceNamesToAdd") or [], call.body.get("resourceNamesToRemove") or []
    if len(add) + len(remove) > MOST_CHANGED:
        raise invalid_argument(f"At most {MOST_CHANGED} members can be changed at once.")
    missing: list[str] = []
    last: list[str] = []
    with call.store.write():
        for names, change in ((add, {"add": group_id}), (remove, {"remove": group_id})):
            for name in names:
                if of(call).person(name.removeprefix("people/")) is None:
                    missing.append(name)
                elif not _move(call, name.removeprefix("people/"), **change):
                    last.append(name)
    out = {"notFoundResourceNames": missing} if missing else {}
    return out | ({"canNotRemoveLastContactGroupResourceNames": last} if last else {})


TABLE = {
    "people.contactGroups.list": Row(list_),
    "people.contactGroups.get": Row(get),
    "people.contactGroups.batchGet": Row(get_several),
    "people.contactGroups.create": Row(create),
    "people.contactGroups.update": Row(update),
    "people.contactGroups.delete": Row(delete),
    "people.contactGroups.members.modify": Row(modify_members),
}
