"""Builds Google API calls with google-api-python-client and sends them through the one door.

The client library knows every method's address and parameters from the discovery documents that come with it; its own
transport is not used, since its connections must not be shared between threads. It is heavy, and loaded when the first
call is built.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from integrations.providers.base import Session
from integrations.providers.google.errors import api_error
from integrations.providers.http import Request, send_as
from integrations.providers.http.messages import DEFAULT_MAX_BYTES

if TYPE_CHECKING:
    from googleapiclient._apis.calendar.v3 import CalendarResource
    from googleapiclient._apis.gmail.v1 import GmailResource
    from googleapiclient._apis.people.v1 import PeopleServiceResource
    from googleapiclient.http import HttpRequest


@functools.cache
def gmail_users(root: str) -> GmailResource.UsersResource:
    """Gmail's ``users`` at an address such as ``https://gmail.googleapis.com/``. It holds no account and is shared."""
    return cast("GmailResource", _build("gmail.v1.json", root)).users()


@functools.cache
def gmail_messages(root: str) -> GmailResource.UsersResource.MessagesResource:
    """Gmail's ``users.messages``, as ``gmail_users``."""
    return gmail_users(root).messages()


@functools.cache
def calendar_api(root: str) -> CalendarResource:
    """Calendar at an address such as ``https://www.googleapis.com/calendar/v3/``, as ``gmail_users``."""
    return cast("CalendarResource", _build("calendar.v3.json", root))


@functools.cache
def calendar_events(root: str) -> CalendarResource.EventsResource:
    """Its ``events``: making them anew for each call would cost more than the call."""
    return calendar_api(root).events()


@functools.cache
def people_connections(root: str) -> PeopleServiceResource.PeopleResource.ConnectionsResource:
    """People's ``people.connections``, likewise."""
    return people_api(root).people().connections()


@functools.cache
def other_contacts(root: str) -> PeopleServiceResource.OtherContactsResource:
    """People's ``otherContacts``, likewise."""
    return people_api(root).otherContacts()


@functools.cache
def people_api(root: str) -> PeopleServiceResource:
    """People at an address such as ``https://people.googleapis.com/``, as ``gmail_users``."""
    return cast("PeopleServiceResource", _build("people.v1.json", root))


def _build(name: str, root: str) -> object:
    import httplib2
    from googleapiclient.discovery import build_from_document  # type: ignore[attr-defined]  # the stubs forgot it

    documents = resources.files("googleapiclient") / "discovery_cache" / "documents"
    document = json.loads((documents / name).read_text("utf-8"))
    document["rootUrl"] = root if root.endswith("/") else f"{root}/"
    document["servicePath"] = ""
    # Given a transport, the library looks for no credentials of its own; this one is never used.
    return build_from_document(document, http=httplib2.Http())


def request_of(built: HttpRequest, max_bytes: int = DEFAULT_MAX_BYTES) -> Request:
    """A built call as a request that can be sent."""
    headers = {"Accept": "application/json"}
    if match := (built.headers or {}).get("If-Match"):
        headers["If-Match"] = match
    if built.body:
        headers["Content-Type"] = "application/json"
    body = (built.body or "").encode()
    return Request(built.method, built.uri, headers=headers, body=body, max_bytes=max_bytes)


def call(
    session: Session,
    built: HttpRequest,
    *,
    cursor_statuses: frozenset[int] = frozenset(),
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Mapping[str, Any]:
    """Send a built call for the session's account and answer its JSON, empty where there is none.

    Raises ``integrations.errors``; see ``api_error`` for ``cursor_statuses``.
    """
    session.spend(built.methodId or "", 1)
    response = send_as(session, request_of(built, max_bytes))
    if not response.ok:
        raise api_error(response, cursor_statuses)
    return cast("Mapping[str, Any]", response.json()) if response.body else {}
