"""Values of a request's properties, checked before they are kept. Enum values are taken in any case, as by Graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.microsoft.errors import GraphError, bad_request
from sandbox.microsoft.mail.words import clean


def wrong(name: str) -> GraphError:
    return bad_request(f"The value of the property '{name}' is not valid.", "ErrorInvalidRequest")


def choice(name: str, value: Any, allowed: Sequence[Any]) -> Any:
    """One of the allowed values; booleans are told from numbers."""
    if not any(value is one or (value == one and type(value) is type(one)) for one in allowed):
        raise wrong(name)
    return value


def record(name: str, value: Any) -> dict[str, Any]:
    """An object; nothing counts as an empty one."""
    if value is not None and not isinstance(value, dict):
        raise wrong(name)
    return value or {}


def records(name: str, value: Any) -> list[dict[str, Any]]:
    """A list of objects; nothing counts as an empty one."""
    if value is not None and not isinstance(value, list):
        raise wrong(name)
    if any(not isinstance(one, dict) for one in value or []):
        raise wrong(name)
    return value or []


def extended(value: Any) -> list[dict[str, str]]:
    """singleValueExtendedProperties with their ids and values."""
    found = records("singleValueExtendedProperties", value)
    if not all(isinstance(one.get("id"), str) and isinstance(one.get("value"), str) for one in found):
        raise bad_request("An extended property has an id and a value.", "ErrorInvalidRequest")
    return [{"id": one["id"], "value": one["value"]} for one in found]


def text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(name)
    return clean(value)


def strings(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise wrong(name)
    return list(dict.fromkeys(value))


def people(name: str, value: Any) -> list[dict[str, Any]]:
    """Recipients; each needs an address."""
    if not isinstance(value, list):
        raise wrong(name)
    found = []
    for one in value:
        inner = one.get("emailAddress") if isinstance(one, dict) else None
        if not isinstance(inner, dict) or not isinstance(inner.get("address"), str) or not inner["address"].strip():
            raise bad_request(f"A recipient in '{name}' has no address.", "ErrorInvalidRecipients")
        address = clean(inner["address"].strip())
        found.append({"emailAddress": {"name": clean(str(inner.get("name") or address)), "address": address}})
    return found


def flag(value: Any) -> str:
    """A followupFlag's status."""
    names = {"notflagged": "notFlagged", "flagged": "flagged", "complete": "complete"}
    status = names.get(str(value.get("flagStatus", "")).lower()) if isinstance(value, dict) else None
    if status is None:
        raise wrong("flag")
    return status
