"""Holds the sandbox's answers against Google's discovery documents; unknown fields are forbidden."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from sandbox.google.contract import api
from sandbox.strict.discovery import validator


def check_answer(verb: str, path: str, answer: Any, *, partial: bool = False) -> None:
    """Fail unless an answer is what the contract says of this address; batches are checked part by part elsewhere."""
    for name in ("gmail", "calendar", "people"):
        found = api(name).find(verb, path.replace("@", "%40"))
        if found is None:
            continue
        method = found[0]
        assert method.response, f"{method.id} promises no content and got {answer!r}"
        problems = [f"{e.instance_path}: {e.message}" for e in validator(name, method.response).iter_errors(answer)]
        assert not problems, f"{method.id}: {problems}"
        ANSWERED.add(method.id)
        return
    raise AssertionError(f"{verb} {path} is in no discovery document")


ANSWERED: set[str] = set()


# Not in any discovery document: as Gmail's "Resolve errors", Calendar's "Handle API errors" and the API design guide
# ("Errors") describe it.
_TEXT = {"type": "string", "minLength": 1}
_ENTRY = {
    "type": "object",
    "required": ["message", "domain", "reason"],
    "properties": {
        "message": _TEXT,
        "domain": {"enum": ["global", "usageLimits", "calendar"]},
        "reason": {"type": "string", "pattern": "^[a-z][A-Za-z.]+$"},
        "locationType": {"enum": ["parameter", "header"]},
        "location": _TEXT,
    },
    "dependentRequired": {"location": ["locationType"], "locationType": ["location"]},
    "additionalProperties": False,
}
_ERROR = jsonschema_rs.validator_for(
    {
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "errors", "status"],
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "integer", "minimum": 400, "maximum": 599},
                    "message": _TEXT,
                    "errors": {"type": "array", "minItems": 1, "items": _ENTRY},
                    "status": {"type": "string", "pattern": "^[A-Z_]+$"},
                    "details": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "object", "required": ["@type"], "properties": {"@type": _TEXT}},
                    },
                },
            }
        },
    }
)


def check_error(status: int, answer: Any) -> None:
    """Fail unless a refusal's body is one of Google's, of its own status."""
    problems = [f"{e.instance_path}: {e.message}" for e in _ERROR.iter_errors(answer)]
    assert not problems, problems
    assert answer["error"]["code"] == status
