"""JSON batching: up to 20 requests in one ("Combine multiple HTTP requests using JSON batching")."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from sandbox.microsoft import errors
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError, bad_request

LIMIT = 20
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


async def batch(answer: Callable[[Call], Awaitable[Answer]], call: Call) -> Answer:
    """POST /$batch: 200 whatever the single answers are; 400 where the batch itself is wrong."""
    try:
        wanted = [(one, _content(one)) for one in _read(call)]
    except GraphError as error:
        return Answer(error.status, errors.body(error, call.store.now(), call.headers.get("client-request-id", "")))
    statuses: dict[str, int] = {}
    answers = []
    for one, content in wanted:
        if any(statuses.get(str(needed).lower(), 424) >= 400 for needed in one.get("dependsOn") or []):
            failed = GraphError(424, "FailedDependency", "A request that this one depends on has failed.")
            given = Answer(424, errors.body(failed, call.store.now(), ""))
        else:
            given = await answer(_single(call, one, content))
        statuses[one["id"].lower()] = given.status
        answers.append(_shown(one["id"], given))
    return Answer(body={"responses": answers})


def _read(call: Call) -> list[dict[str, Any]]:
    """The requests, in an order in which each comes after those that it depends on."""
    requests = call.json().get("requests")
    if not isinstance(requests, list) or not requests:
        raise bad_request("The batch has no requests.")
    if len(requests) > LIMIT:
        raise bad_request(
            f"Number of batch request steps exceeds the maximum value of {LIMIT}.", "MaximumValueExceeded"
        )
    seen: set[str] = set()
    for one in requests:
        if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not isinstance(one.get("url"), str):
            raise bad_request("Every request of a batch has an id, a method and a url.")
        if one["id"].lower() in seen:
            raise bad_request(f"Request id '{one['id']}' is not unique.")
        if str(one.get("method", "")).upper() not in _METHODS:
            raise bad_request(f"The method of request '{one['id']}' is not supported.")
        if "body" in one and not isinstance(one.get("headers"), dict):
            raise bad_request(f"Request '{one['id']}' has a body but no Content-Type header.")
        if "://" in one["url"].partition("?")[0]:
            raise bad_request(f"The url of request '{one['id']}' must be relative.")
        if not isinstance(one.get("dependsOn") or [], list):
            raise bad_request(f"The dependsOn of request '{one['id']}' is no list.")
        for needed in one.get("dependsOn") or []:
            if str(needed).lower() not in seen:
                raise bad_request(f"Request '{one['id']}' depends on '{needed}', which does not come before it.")
        seen.add(one["id"].lower())
    _check_order(requests)
    return requests


def _check_order(requests: list[dict[str, Any]]) -> None:
    """All at once, or one after the other: nothing in between, also not several after the same."""
    named = [[str(needed).lower() for needed in one.get("dependsOn") or []] for one in requests]
    chain = [[], *([one["id"].lower()] for one in requests[:-1])]
    if any(named) and named != chain:
        raise bad_request("Batch should be either fully sequential or fully parallel.")


def _content(one: dict[str, Any]) -> bytes:
    """A request's body as it would have come alone; text that is not JSON comes as base64."""
    body = one.get("body")
    if not isinstance(body, str):
        return b"" if body is None else json.dumps(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        raise bad_request(f"The body of request '{one['id']}' is neither JSON nor base64.") from None


def _single(call: Call, one: dict[str, Any], content: bytes) -> Call:
    path, _, query = one["url"].partition("?")
    headers = {str(k).lower(): str(v) for k, v in (one.get("headers") or {}).items()}
    return replace(
        call,
        method=one["method"].upper(),
        path=path.lstrip("/"),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        content=content,
        preferences={},
        applied=[],
    )


def _shown(number: str, given: Answer) -> dict[str, Any]:
    headers = dict(given.headers)
    shown: dict[str, Any] = {"id": number, "status": given.status, "headers": headers}
    if isinstance(given.body, bytes):
        headers["Content-Type"] = given.content_type
        shown["body"] = base64.b64encode(given.body).decode()
    elif given.body is not None:
        headers["Content-Type"] = "application/json"
        shown["body"] = given.body
    return shown
