"""Holds requests to the published contract of Microsoft Graph v1.0, where a copy of it lies beside the repository."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from tests.providers.wire import Asked

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "providers" / "graph-v1.0-trimmed.json"
_ROOT = "/v1.0"


def available() -> bool:
    return CONTRACT.is_file()


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(CONTRACT.read_text())
    return document


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for template in _document()["paths"]:
        parts = re.split(r"\{[^}]+\}", template)
        found.append((re.compile("([^/]+)".join(map(re.escape, parts)) + "$"), template))
    # Fixed paths before those with an id: /me/mailFolders/delta is no folder.
    return sorted(found, key=lambda pair: pair[1].count("{"))


def _resolve(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = _document()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def _valid(schema: dict[str, Any], value: object) -> list[str]:
    whole = {**schema, "components": _document()["components"]}
    return [error.message for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)]


def complaints(asked: Asked) -> list[str]:
    """What is wrong with a request; empty where the contract allows it."""
    path = unquote(asked.path).removeprefix(_ROOT)
    template = next((t for pattern, t in _templates() if pattern.match(path)), None)
    if template is None:
        return [f"no such path: {path}"]
    item = _document()["paths"][template]
    operation = item.get(asked.method.lower())
    if operation is None:
        return [f"{asked.method} is not allowed on {template}"]
    allowed = [_resolve(p) for p in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    found = _query(asked, {p["name"]: p for p in allowed if p["in"] == "query"})
    if asked.method in ("POST", "PATCH"):
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        found += _valid(schema, json.loads(asked.body))
    if template == "/$batch":
        for part in json.loads(asked.body)["requests"]:
            inner = Asked(part["method"], _ROOT + part["url"], part.get("headers", {}), b"")
            found += complaints(inner)
    return [f"{asked.method} {template}: {text}" for text in found]


def _query(asked: Asked, allowed: dict[str, dict[str, Any]]) -> list[str]:
    found = [f"unknown parameter {name}" for name in asked.query if name not in allowed]
    found += [f"missing parameter {n}" for n, p in allowed.items() if p.get("required") and n not in asked.query]
    for name, values in asked.query.items():
        schema = allowed.get(name, {}).get("schema", {})
        value: Any = values[0]
        if schema.get("type") == "array":
            value = value.split(",")
        elif schema.get("type") == "integer":
            value = int(value)
        found += [f"{name}: {text}" for text in _valid(schema, value)]
    return found
