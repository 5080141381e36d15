"""Control calls about Pub/Sub: what an operator does in Google's console so that Gmail can tell an app of changes."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.control.answers import BadCall, read
from sandbox.pubsub import api, service_accounts, topics
from sandbox.push import sending
from sandbox.store import Store

_FIELDS = {"topic", "subscription", "push_endpoint", "audience", "service_account"}
_TOPIC = re.compile(r"projects/[^/]+/topics/[^/]+")
_SUBSCRIPTION = re.compile(r"projects/[^/]+/subscriptions/[^/]+")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.iam\.gserviceaccount\.com")


async def subscriptions(request: Request) -> JSONResponse:
    """GET every subscription."""
    store: Store = request.app.state.store
    return JSONResponse([api.shown(row) for row in store.rows("SELECT * FROM pubsub_subscription ORDER BY name")])


async def subscribe(request: Request) -> JSONResponse:
    """POST a topic with a subscription to it: pushed to ``push_endpoint``, or pulled.

    ``publisher`` false is an operator who forgot to let Gmail publish to the topic.
    """
    try:
        given = await read(request)
        allowed = given.pop("publisher", True) is not False
        call = {name: str(value) for name, value in given.items()}
        if stray := call.keys() - _FIELDS:
            raise BadCall(f"A subscription has no {', '.join(sorted(stray))}.")
        if not _TOPIC.fullmatch(call.get("topic", "")):
            raise BadCall("topic is projects/<project>/topics/<topic>.")
        if not _SUBSCRIPTION.fullmatch(call.get("subscription", "")):
            raise BadCall("subscription is projects/<project>/subscriptions/<subscription>.")
        endpoint = call.get("push_endpoint", "")
        if endpoint and not sending.is_near(endpoint):
            raise BadCall("push_endpoint is an address of this machine.")
    except BadCall as error:
        return error.response()
    token = {"audience": call.get("audience", ""), "serviceAccountEmail": call.get("service_account", "")}
    push = {"pushEndpoint": endpoint, "oidcToken": token if token["serviceAccountEmail"] else {}}
    topics.let_publish(request.app.state.store, call["topic"], allowed=allowed)
    row = topics.subscribe(request.app.state.store, call["subscription"], call["topic"], push)
    return JSONResponse(api.shown(row))


async def service_account(request: Request) -> JSONResponse:
    """POST ``{"email"}`` for a service account with a new key: the file that Google lets one download."""
    try:
        email = str((await read(request)).get("email", ""))
        if not _ADDRESS.fullmatch(email):
            raise BadCall("email is <name>@<project>.iam.gserviceaccount.com.")
    except BadCall as error:
        return error.response()
    token_uri = f"{request.url.scheme}://{request.url.netloc}/google/token"
    return JSONResponse(service_accounts.create(request.app.state.store, email, token_uri))
