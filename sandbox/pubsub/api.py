"""The Pub/Sub REST API over topics and subscriptions (Cloud Pub/Sub API v1 discovery document)."""

from __future__ import annotations

import base64
import binascii
import json
import re
import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.google.errors import GoogleError, insufficient_scope, invalid_argument, not_found, unauthenticated
from sandbox.pubsub import service_accounts, topics
from sandbox.push import sending
from sandbox.store import Store

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._~%+-]{2,254}")
MOST = 1000  # messages of one pull


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """A Subscription resource."""
    push: dict[str, Any] = {"pushEndpoint": row["endpoint"]} if row["endpoint"] else {}
    if row["email"]:
        token = {"serviceAccountEmail": row["email"]} | ({"audience": row["audience"]} if row["audience"] else {})
        push["oidcToken"] = token
    return {
        "name": row["name"],
        "topic": row["topic"],
        "pushConfig": push,
        "ackDeadlineSeconds": row["deadline"],
        "messageRetentionDuration": f"{int(topics.RETENTION.total_seconds())}s",
        "state": "ACTIVE",
    }


def _checked_push(push: Any) -> dict[str, Any]:
    if not isinstance(push, dict) or set(push) - {"pushEndpoint", "oidcToken", "attributes"}:
        raise invalid_argument("Invalid pushConfig.")
    if push.get("pushEndpoint") and not sending.is_near(str(push["pushEndpoint"])):
        raise invalid_argument("Invalid push endpoint given: the sandbox pushes to this machine only.")
    return push


def _subscription(store: Store, name: str) -> sqlite3.Row:
    row = topics.subscription(store, name)
    if row is None:
        raise not_found(f"Resource not found (resource={name.rpartition('/')[2]}).")
    return row


def _on_subscription(store: Store, method: str, name: str, action: str, body: dict[str, Any]) -> dict[str, Any]:
    if method == "PUT":
        if topics.subscription(store, name):
            raise GoogleError(409, "alreadyExists", f"Resource already exists in the project (resource={name}).")
        topic, deadline = str(body.get("topic", "")), int(body.get("ackDeadlineSeconds") or 10)
        if not store.value("SELECT 1 FROM pubsub_topic WHERE name = ?", topic):
            raise not_found(f"Resource not found (resource={topic.rpartition('/')[2]}).")
        if not 10 <= deadline <= 600:
            raise invalid_argument("Invalid ack deadline given: it must be between 10 and 600 seconds.")
        return shown(topics.subscribe(store, name, topic, _checked_push(body.get("pushConfig") or {}), deadline))
    row = _subscription(store, name)
    if method == "GET" and not action:
        return shown(row)
    if method == "DELETE" and not action:
        with store.write() as db:
            db.execute("DELETE FROM pubsub_subscription WHERE name = ?", (name,))
            db.execute("DELETE FROM pubsub_message WHERE subscription = ?", (name,))
        return {}
    ids = [str(one) for one in body.get("ackIds") or []]
    match method, action:
        case "POST", "pull":
            most = body.get("maxMessages")
            if not isinstance(most, int) or most < 1:
                raise invalid_argument("A value for max_messages must be provided; it must be positive.")
            if row["endpoint"]:
                raise GoogleError(400, "failedPrecondition", "Push subscriptions cannot be pulled.")
            found = topics.pull(store, row, min(most, MOST))
            return {"receivedMessages": found} if found else {}
        case "POST", "acknowledge" | "modifyAckDeadline" if not ids:
            raise invalid_argument("No ack ids specified.")
        case "POST", "acknowledge":
            topics.acknowledge(store, name, ids)
        case "POST", "modifyAckDeadline":
            topics.extend(store, name, ids, int(body.get("ackDeadlineSeconds") or 0))
        case "POST", "modifyPushConfig":
            topics.subscribe(store, name, row["topic"], _checked_push(body.get("pushConfig") or {}), row["deadline"])
        case _:
            raise not_found()
    return {}


def _on_topic(store: Store, method: str, name: str, action: str, body: dict[str, Any]) -> dict[str, Any]:
    there = store.value("SELECT 1 FROM pubsub_topic WHERE name = ?", name)
    if method == "PUT":
        if there:
            raise GoogleError(409, "alreadyExists", f"Resource already exists in the project (resource={name}).")
        with store.write() as db:
            db.execute("INSERT INTO pubsub_topic VALUES (?)", (name,))
        return {"name": name}
    if not there:
        raise not_found(f"Resource not found (resource={name.rpartition('/')[2]}).")
    if method == "POST" and action == "publish":
        try:
            data = [base64.b64decode(str(one.get("data", "")), altchars=None) for one in body.get("messages") or []]
        except (binascii.Error, AttributeError):
            raise invalid_argument("Invalid message data.") from None
        return {"messageIds": [topics.publish(store, name, one) for one in data]}
    if method == "GET" and not action:
        return {"name": name}
    raise not_found()


async def serve(request: Request) -> Response:
    """Every method of a topic or a subscription."""
    store: Store = request.app.state.store
    params = request.path_params
    short, _, action = str(params["name"]).partition(":")
    try:
        if refused := service_accounts.may_use_pubsub(store, request.headers.get("authorization", "")):
            if refused == 401:
                raise unauthenticated("invalid")
            raise insufficient_scope("pubsub", "google.pubsub.v1", service_accounts.SCOPES)
        body = await _body(request)
        if not _NAME.fullmatch(short):
            raise invalid_argument(f"Invalid resource name given (name={short}).")
        name = f"projects/{params['project']}/{params['kind']}/{short}"
        handle = _on_topic if params["kind"] == "topics" else _on_subscription
        return JSONResponse(handle(store, request.method, name, action, body))
    except GoogleError as error:
        return JSONResponse(error.body, error.code, error.headers)


async def _body(request: Request) -> dict[str, Any]:
    text = await request.body()
    try:
        body = json.loads(text) if text.strip() else {}
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GoogleError(400, "parseError", "Invalid JSON payload received.")
    return body


def routes() -> list[BaseRoute]:
    """The addresses. They lie below those of the People API and come before them."""
    verbs = ["GET", "PUT", "POST", "DELETE"]
    return [
        Route(f"/v1/projects/{{project}}/{kind}/{{name}}", _of(kind), methods=verbs)
        for kind in ("topics", "subscriptions")
    ]


def _of(kind: str) -> Any:
    async def handler(request: Request) -> Response:
        request.path_params["kind"] = kind
        return await serve(request)

    return handler
