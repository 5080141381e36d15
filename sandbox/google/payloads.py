"""JSON request bodies, checked against the schema that the method's contract names."""

from __future__ import annotations

from typing import Any

from sandbox.google.contract import Api
from sandbox.google.errors import GoogleError

_KINDS: dict[str, tuple[type, ...]] = {"string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float)}


def _refuse(path: str, why: str) -> GoogleError:
    at = f" at '{path}'" if path else ""
    violation = {"field": path, "description": f"Invalid JSON payload received. {why}"}
    return GoogleError(
        400,
        "badRequest",
        f"Invalid JSON payload received. {why}{at}",
        details=[{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}],
    )


def clean(api: Api, name: str, body: Any) -> dict[str, Any]:
    """The body with known names only and the right types; ``None`` stays, it clears a field. Raises Google's 400."""
    if not isinstance(body, dict):
        raise _refuse("", "Root element must be a message.")
    cleaned: dict[str, Any] = _value(api, {"$ref": name}, body, "")
    return cleaned


def _value(api: Api, schema: dict[str, Any], value: Any, path: str) -> Any:
    if value is None:
        return None
    if "$ref" in schema:
        schema = api.schemas[schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "any":
        return value
    if kind == "array":
        if not isinstance(value, list):
            raise _refuse(path, "Proto field is repeating, cannot start list.")
        if None in value:
            raise _refuse(path, "Proto field is repeating, cannot hold null.")
        return [_value(api, schema["items"], item, f"{path}[{i}]") for i, item in enumerate(value)]
    if kind == "object":
        return _object(api, schema, value, path)
    if kind == "string" and schema.get("format") in ("int64", "uint64") and isinstance(value, int):
        return str(value)
    if kind == "integer" and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if not isinstance(value, _KINDS[kind]) or (kind != "boolean" and isinstance(value, bool)):
        raise _refuse(path, f"Invalid value ({schema.get('format', kind)}), {value!r}")
    if api.strict and "enum" in schema and value not in schema["enum"]:
        raise _refuse(path, f'Invalid value (enum), "{value}"')
    return value


def _object(api: Api, schema: dict[str, Any], value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refuse(path, f"Invalid value (object), {value!r}")
    properties, free = schema.get("properties", {}), schema.get("additionalProperties")
    out: dict[str, Any] = {}
    for name, inner in value.items():
        below = f"{path}.{name}" if path else name
        if name in properties:
            out[name] = _value(api, properties[name], inner, below)
        elif free is not None:
            out[name] = _value(api, free, inner, below)
        elif api.strict:
            raise _refuse(path, f'Unknown name "{name}": Cannot find field.')
    return out
