"""Microsoft Graph's trimmed OpenAPI contract, compiled, to hold every answer of the sandbox against.

The contract lies beside the checkout and not in it; what needs it is skipped where it is absent.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "providers" / "graph-v1.0-trimmed.json"
needs_contract = pytest.mark.skipif(not CONTRACT.exists(), reason="the Graph contract is not beside the checkout")


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CONTRACT.read_text())
    return found


@lru_cache(maxsize=1)
def _paths() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for path in sorted(_document()["paths"], key=lambda one: one.count("{")):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        found.append((re.compile(f"^{pattern}$"), path))
    return found


def _matching(path: str) -> list[str]:
    return [stated for pattern, stated in _paths() if pattern.match("/" + path.strip("/"))]


def _operation(method: str, path: str) -> tuple[str, Any]:
    """The path that the contract states for a call's, and what it says of the method there."""
    path = re.sub(r"^users/[^/]+/", "me/", path)
    slashed = re.sub(r"\('([^']*)'\)", r"/\1", path)
    for stated in [one for form in dict.fromkeys((path, slashed)) for one in _matching(form)]:
        operation = _document()["paths"][stated].get(method.lower())
        if operation:
            return stated, operation
    raise AssertionError(f"{method} {path} is not in the contract")


def _answer(stated: Any) -> Any:
    while "$ref" in stated:
        stated = _document()["components"]["responses"][stated["$ref"].rpartition("/")[2]]
    return stated


def _schema(method: str, path: str, status: int) -> Any:
    """The schema of an answer's body; None where the contract states none."""
    responses = _operation(method, path)[1]["responses"]
    answer = responses.get(str(status)) or responses.get(f"{status // 100}XX")
    assert answer is not None, f"{method} {path} must not answer {status}"
    return _answer(answer).get("content", {}).get("application/json", {}).get("schema")


@lru_cache(maxsize=128)
def _compiled(reference: str) -> Any:
    whole = {"$ref": reference, "components": _document()["components"]}
    return jsonschema_rs.Draft202012Validator(whole)


def check(method: str, path: str, status: int, body: Any) -> None:
    """Fail unless the body is what the contract states for this method, path and status."""
    schema = _schema(method, path, status)
    assert schema is not None, f"{method} {path} must have no JSON body with status {status}"
    errors = [
        f"{'/'.join(map(str, e.instance_path))}: {e.message[:300]}" for e in _compiled(schema["$ref"]).iter_errors(body)
    ]
    assert not errors, f"{method} {path} {status}: {errors[:5]}"


def check_component(name: str, body: Any) -> None:
    """Fail unless the body is valid against a named schema."""
    errors = [e.message[:300] for e in _compiled(f"#/components/schemas/microsoft.graph.{name}").iter_errors(body)]
    assert not errors, errors[:5]


def operations() -> dict[str, str]:
    """Every operation of the contract, ids written as ``{}``, with its least scope."""
    found = {}
    for path, stated in _document()["paths"].items():
        slashed = re.sub(r"\((?:TimeZoneStandard=microsoft\.graph\.timeZoneStandard)?'(\{\w+\})'\)", r"/\1", path)
        plain = re.sub(r"\{\w+\}", "{}", slashed.strip("/"))
        for method, operation in stated.items():
            if isinstance(operation, dict) and "responses" in operation:
                found[f"{method.upper()} {plain}"] = operation.get("x-least-delegated-scope", "")
    return found


def _name(method: str, path: str) -> str:
    return f"{method.upper()} " + re.sub(r"\{\w+\}", "{}", path.strip("/"))


def named(method: str, path: str) -> str:
    """The operation that answers a call, as ``successes`` names it."""
    return _name(method, _operation(method, path)[0])


@lru_cache(maxsize=1)
def successes() -> dict[str, dict[int, list[str]]]:
    """Every operation just as the contract writes it, ids as ``{}``: how it succeeds, and the kinds of content then."""
    return {
        _name(method, path): {
            int(status): list(_answer(answer).get("content", {}))
            for status, answer in operation["responses"].items()
            if status.startswith("2")
        }
        for path, stated in _document()["paths"].items()
        for method, operation in stated.items()
        if isinstance(operation, dict) and "responses" in operation
    }


def properties(kind: str) -> set[str]:
    """The property names of a type."""
    return set(_document()["components"]["schemas"][f"microsoft.graph.{kind}"]["properties"])
