"""Google's discovery documents as JSON Schema; what they do not name is forbidden."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs

from sandbox.google.contract import Parameter, document

_PATTERNS = {
    "uint64": r"^[0-9]{1,20}$",
    "int64": r"^-?[0-9]{1,19}$",
    "byte": r"^[A-Za-z0-9_-]*={0,2}$",
    "date": r"^\d{4}-\d\d-\d\d$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    "google-datetime": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
}
_RANGES = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


def translated(stated: dict[str, Any]) -> dict[str, Any]:
    """A discovery document's schema as a JSON Schema."""
    if "$ref" in stated:
        return {"$ref": f"#/$defs/{stated['$ref']}"}
    kind, out = stated.get("type", "any"), dict[str, Any]()
    if kind == "any":
        return {}
    out["type"] = kind
    if kind == "array":
        out["items"] = translated(stated["items"])
    elif kind == "object":
        out["properties"] = {n: translated(p) for n, p in stated.get("properties", {}).items()}
        free = stated.get("additionalProperties")
        out["additionalProperties"] = translated(free) if free else False
    elif "enum" in stated:
        out["enum"] = stated["enum"]
    elif stated.get("format") in _PATTERNS:
        out["pattern"] = _PATTERNS[stated["format"]]
    elif stated.get("format") in _RANGES:
        out["minimum"], out["maximum"] = _RANGES[stated["format"]]
    return out


@cache
def validator(name: str, schema: str) -> jsonschema_rs.Validator:
    """The validator of one schema of an API's document."""
    definitions = {n: translated(s) for n, s in document(name)["schemas"].items()}
    return jsonschema_rs.validator_for({"$ref": f"#/$defs/{schema}", "$defs": definitions})


def parameter(stated: Parameter) -> dict[str, Any]:
    """One value of a query parameter as a JSON Schema."""
    out = translated({"type": stated.type, "format": stated.format} | ({"enum": [*stated.enum]} if stated.enum else {}))
    if stated.minimum is not None:
        out["minimum"] = stated.minimum
    if stated.maximum is not None:
        out["maximum"] = stated.maximum
    return out


def problems(check: jsonschema_rs.Validator, value: Any, where: str) -> list[str]:
    """What a validator has against a value."""
    return [f"{where}/{'/'.join(map(str, e.instance_path))}: {e.message[:300]}" for e in check.iter_errors(value)]
