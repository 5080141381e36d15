"""Holds the sandbox's answers where no contract reaches, and Pub/Sub's: OAuth's tokens and refusals, upload sessions.

The schemas are our own, after "OAuth 2.0 for Web Server Applications", the Microsoft identity platform's "Authorization
code flow" and "Error codes", RFC 6749 (5.1, 5.2) and "Attach large files".
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema_rs
import requests

from sandbox.google.contract import api
from sandbox.strict.discovery import validator
from tests.sandbox.discovery_schema import check_error

_TEXT, _SECONDS = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1}
_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_JWT = {"type": "string", "pattern": r"^[\w-]+\.[\w-]+\.[\w-]+$"}
_TOKEN = {
    "token_type": {"const": "Bearer"},
    "access_token": {"type": "string", "minLength": 1, "maxLength": 2048},
    "expires_in": {"type": "integer", "minimum": 1, "maximum": 3600},
    "scope": _TEXT,
    "refresh_token": {"type": "string", "minLength": 1, "maxLength": 2048},
    "id_token": _JWT,
}
_NEEDED = ["token_type", "access_token", "expires_in", "scope"]
_WORD = {"type": "string", "pattern": "^[a-z_]+$"}


def _stated(properties: dict[str, Any], required: list[str]) -> jsonschema_rs.Validator:
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return jsonschema_rs.validator_for(schema)


_TOKENS = {
    "google": _stated(
        _TOKEN | {"refresh_token_expires_in": _SECONDS, "refresh_token": {"type": "string", "maxLength": 512}}, _NEEDED
    ),
    "microsoft": _stated(
        _TOKEN | {"expires_in": _SECONDS, "ext_expires_in": _SECONDS, "client_info": _TEXT},
        [*_NEEDED, "ext_expires_in"],
    ),
}
_SERVICE_ACCOUNT = _stated({name: _TOKEN[name] for name in ("token_type", "access_token", "expires_in")}, _NEEDED[:3])
_REFUSALS = {
    "google": _stated({"error": _WORD, "error_description": _TEXT}, ["error"]),
    "microsoft": _stated(
        {
            "error": _WORD,
            "error_description": {"type": "string", "pattern": r"^AADSTS\d+: .* Trace ID: .* Timestamp: "},
            "error_codes": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
            "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$"},
            "trace_id": _UUID,
            "correlation_id": _UUID,
            "error_uri": {"type": "string", "pattern": r"^https://login\.microsoftonline\.com/error\?code=\d+$"},
            "suberror": _WORD,
        },
        ["error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id"],
    ),
}
_OVERLOADED = _stated({"error": {"const": "temporarily_unavailable"}, "error_description": _TEXT}, ["error"])
_SESSION = _stated(
    {
        "@odata.context": _TEXT,
        "expirationDateTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT[\d:.]+Z$"},
        "nextExpectedRanges": {"type": "array", "items": {"type": "string", "pattern": r"^\d+(-\d*)?$"}, "minItems": 1},
    },
    ["expirationDateTime", "nextExpectedRanges"],
)


def check(answer: requests.Response, **_: Any) -> None:
    """Fail unless an answer of one of these endpoints is as its vendor's. A hook of ``requests``."""
    path = urlsplit(str(answer.url)).path
    if re.fullmatch(r"/google/(token|revoke)|/microsoft/[^/]+/oauth2/v2\.0/token", path):
        _check_oauth("google" if path.startswith("/google") else "microsoft", path.endswith("/revoke"), answer)
    elif path.startswith("/v1/projects/"):
        _check_pubsub(str(answer.request.method), path, answer)
    elif "/AttachmentSessions(" in unquote(path) and answer.status_code < 400:
        _check_session(answer)


def _check(stated: jsonschema_rs.Validator, answer: requests.Response) -> None:
    problems = [f"{e.instance_path}: {e.message}" for e in stated.iter_errors(answer.json())]
    assert not problems, (answer.url, problems)


def _check_oauth(vendor: str, revoked: bool, answer: requests.Response) -> None:
    if answer.status_code in (429, 503):
        _check(_OVERLOADED, answer)
    elif answer.status_code >= 400:
        assert answer.headers["cache-control"] == "no-store"
        _check(_REFUSALS[vendor], answer)
    elif revoked:
        assert answer.json() == {}
    else:
        assert answer.headers["cache-control"] == "no-store"  # RFC 6749, 5.1
        _check(_TOKENS[vendor] if "scope" in answer.json() else _SERVICE_ACCOUNT, answer)


def _check_pubsub(verb: str, path: str, answer: requests.Response) -> None:
    if answer.status_code >= 400:
        check_error(answer.status_code, answer.json())
        return
    found = api("pubsub").find(verb, path)
    assert found is not None, path
    _check(validator("pubsub", found[0].response), answer)


def _check_session(answer: requests.Response) -> None:
    if answer.status_code == 201:
        assert answer.headers["location"].startswith("https://outlook.office.com/") and not answer.content
    elif answer.status_code == 204:
        assert not answer.content
    else:
        _check(_SESSION, answer)
