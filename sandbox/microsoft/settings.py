"""mailboxSettings, time zones, categories and the translation of ids: what Outlook keeps about a mailbox as a whole."""

from __future__ import annotations

import json
import uuid
from typing import Any

from tzlocal.windows_tz import tz_win, win_tz

from sandbox.microsoft import ids
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError, bad_request, unknown_item
from sandbox.microsoft.odata import Entity, check, listing, shape
from sandbox.microsoft.settings_given import checked

CATEGORY = Entity("outlookCategory", frozenset({"id", "displayName", "color"}))
COLOURS = ("none", *(f"preset{number}" for number in range(25)))


def _settings(call: Call) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(
        call.store.value("SELECT settings FROM graph_mailbox WHERE account = ?", call.account.id) or "{}"
    )
    zone = kept.setdefault("timeZone", "UTC")
    weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    hours = {"daysOfWeek": weekdays, "startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000"}
    return {
        "archiveFolder": ids.make(call.account, "folder", _archive(call)),
        "timeZone": zone,
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        "dateFormat": "dd/MM/yyyy",
        "timeFormat": "HH:mm",
        "automaticRepliesSetting": {"status": "disabled", "externalAudience": "none"},
        "language": {"locale": "en-GB", "displayName": "English (United Kingdom)"},
        "workingHours": hours | {"timeZone": {"name": zone}},
        "userPurpose": "user",
    } | kept


def _archive(call: Call) -> int:
    sql = "SELECT id FROM graph_folder WHERE account = ? AND well_known = 'archive'"
    return int(call.store.value(sql, call.account.id))


def mailbox_settings(call: Call) -> Answer:
    """GET /me/mailboxSettings."""
    check(call, "$select")
    return Answer(body={"@odata.context": call.context("mailboxSettings"), **_settings(call)})


def update_settings(call: Call) -> Answer:
    """PATCH /me/mailboxSettings."""
    given = checked({k: v for k, v in call.json().items() if "@" not in k}, _settings(call))
    kept = json.loads(call.store.value("SELECT settings FROM graph_mailbox WHERE account = ?", call.account.id) or "{}")
    with call.store.write() as db:
        db.execute(
            "UPDATE graph_mailbox SET settings = ? WHERE account = ?", (json.dumps(kept | given), call.account.id)
        )
    return Answer(body={"@odata.context": call.context("mailboxSettings"), **_settings(call)})


def time_zones(call: Call, standard: str = "windows") -> Answer:
    """GET /me/outlook/supportedTimeZones, by Windows or IANA names."""
    if standard.lower() not in ("windows", "iana"):
        raise bad_request(f"The time zone standard '{standard}' is not known.", "ErrorInvalidParameter")
    names = sorted(tz_win if standard.lower() == "iana" else win_tz)
    found = [{"alias": name, "displayName": name} for name in names]
    kind = f"{call.root}/$metadata#Collection(microsoft.graph.timeZoneInformation)"
    return Answer(body={"@odata.context": kind, "value": found})


def categories(call: Call) -> Answer:
    """GET /me/outlook/masterCategories."""
    check(call, "$select", "$top", "$skip", "$count")
    made = shape(call, CATEGORY)
    rows = call.store.rows("SELECT * FROM graph_category WHERE account = ? ORDER BY name", call.account.id)
    shown = [made.cut({"id": r["id"], "displayName": r["name"], "color": r["color"]}) for r in rows]
    return listing(call, "outlook/masterCategories", shown)


def _category(call: Call, number: str, status: int = 200) -> Answer:
    row = call.store.row("SELECT * FROM graph_category WHERE id = ? AND account = ?", number, call.account.id)
    if row is None:
        raise unknown_item()
    context = call.context("outlook/masterCategories", one=True)
    body = {"@odata.context": context, "id": row["id"], "displayName": row["name"], "color": row["color"]}
    return Answer(status, body)


def _colour(value: Any) -> str:
    if value not in COLOURS:
        raise bad_request("The color is not one of the presets.", "ErrorInvalidRequest")
    return str(value)


def create_category(call: Call) -> Answer:
    """POST /me/outlook/masterCategories; a name is used once."""
    body = call.json()
    name, colour = body.get("displayName"), _colour(body.get("color", "none"))
    if not isinstance(name, str) or not name:
        raise bad_request("A category needs a displayName.", "ErrorInvalidRequest")
    if call.store.value("SELECT 1 FROM graph_category WHERE account = ? AND name = ?", call.account.id, name):
        raise GraphError(409, "CategoryNameDuplicate", "A category with this name exists already.")
    number = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{call.account.id}|{name.casefold()}"))
    with call.store.write() as db:
        db.execute(
            "INSERT INTO graph_category (id, account, name, color) VALUES (?, ?, ?, ?)",
            (number, call.account.id, name, colour),
        )
    return _category(call, number, 201)


def update_category(call: Call, number: str) -> Answer:
    """PATCH a category's colour; its name stays."""
    _category(call, number)
    body = call.json()
    if set(body) - {"color"}:
        raise bad_request("Only the color of a category can be changed.", "ErrorInvalidPropertySet")
    with call.store.write() as db:
        db.execute("UPDATE graph_category SET color = ? WHERE id = ?", (_colour(body.get("color")), number))
    return _category(call, number)


def remove_category(call: Call, number: str) -> Answer:
    """DELETE a category; items keep its name."""
    _category(call, number)
    with call.store.write() as db:
        db.execute("DELETE FROM graph_category WHERE id = ?", (number,))
    return Answer(204)


def translate_ids(call: Call) -> Answer:
    """POST /me/translateExchangeIds: up to 1,000 ids from one kind into the other."""
    body = call.json()
    given, target = call.argument(body, "inputIds"), str(call.argument(body, "targetIdType"))
    kinds = {"restid": False, "restimmutableentryid": True}
    if not isinstance(given, list) or not given or len(given) > 1000 or target.lower() not in kinds:
        raise bad_request("inputIds or targetIdType is not valid.", "ErrorInvalidRequest")
    found = []
    for text in given:
        ref = ids.read(call.account, str(text))
        if ref is None:
            fault = {"code": "ErrorInvalidIdMalformed", "message": "Id is malformed."}
            found.append({"sourceId": str(text), "errorDetails": fault})
            continue
        found.append({"sourceId": str(text), "targetId": _translated(call, ref, kinds[target.lower()])})
    kind = f"{call.root}/$metadata#Collection(microsoft.graph.convertIdResult)"
    return Answer(body={"@odata.context": kind, "value": found})


def _translated(call: Call, ref: ids.Ref, immutable: bool) -> str:
    extra = ref.extra
    if ref.kind == "message":
        sql = "SELECT generation FROM graph_message WHERE id = ?"
        extra = 0 if immutable else int(call.store.value(sql, ref.number) or 0)
    return ids.make(call.account, ref.kind, ref.number, extra, immutable=immutable)
