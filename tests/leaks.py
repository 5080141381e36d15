"""Listens to everything that the suite makes OsMEN say, and finds in it any token that a sandbox gave out.

Heard are log lines with their tracebacks, task messages, session rows, cache entries, mail and the answers to every
request, of the test client and of browsers; what processes of a test's own print; and, of a whole OsMEN, its home and
what it answers to visitors. Of all that only what looks like a token is kept; at the end of the run it is compared with
what the sandboxes list.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import redis
from celery.signals import before_task_publish
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.handlers.base import BaseHandler
from django.core.signing import b64_decode
from django.db import connection as database
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

# How the sandboxes' tokens and codes begin, as their vendors' do; ``remember`` refuses one that begins otherwise.
_LOOKS_LIKE_ONE = re.compile(r"(?:ya29\.|[14]//?0|M\.C5|1\.AX0A|EwB|eyJ)[A-Za-z0-9_.\-]{36,}")
_SIGNIFICANT = 40

_heard: dict[str, str] = {}
_issued: dict[str, str] = {}


def hear(where: str, text: str) -> None:
    """Keep what looks like a token in ``text``, as it stands and with its percent signs resolved."""
    for version in (text, unquote(text)) if "%" in text else (text,):
        for found in _LOOKS_LIKE_ONE.finditer(version):
            _heard.setdefault(
                found[0][:_SIGNIFICANT], f"{where}: …{version[max(found.start() - 60, 0) : found.start()]}"
            )


def remember(tokens: list[dict[str, Any]]) -> None:
    """What a sandbox gave out, before it goes."""
    for token in tokens:
        value = str(token["value"])
        if value.startswith("drill."):
            continue  # the sandbox's own, for what an account's owner does there in another app
        assert _LOOKS_LIKE_ONE.match(value), f"tests/leaks.py does not know how this {token['kind']} token looks"
        _issued[value[:_SIGNIFICANT]] = f"{token['provider']} {token['kind']}"


def found() -> list[str]:
    """Every token that was given out and heard, by kind and place; never the token itself."""
    return [f"a {kind} token in {_heard[start]}" for start, kind in _issued.items() if start in _heard]


def switch_on() -> None:
    """Begin to listen. Once per process."""
    logging.getLogger().addHandler(_Listener())
    before_task_publish.connect(_hear_task, weak=False)
    answered = BaseHandler.get_response

    def heard(self: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        response = answered(self, request)
        hear_answer(request.path, response)
        return response

    BaseHandler.get_response = heard  # type: ignore[method-assign]


def hear_answer(path: str, response: HttpResponseBase) -> None:
    """The headers and the body; one that is sent piece by piece is heard as it goes."""
    where = f"the answer to {path}"
    hear(where, "".join(f"{name}: {value}\n" for name, value in response.items()))
    if isinstance(response, HttpResponse):
        hear(where, response.content.decode(errors="replace"))
    elif isinstance(response, StreamingHttpResponse) and not response.is_async:
        response.streaming_content = _heard_piecewise(where, response.streaming_content)


def _heard_piecewise(where: str, pieces: Any) -> Iterator[bytes]:
    for piece in pieces:
        hear(where, piece.decode(errors="replace"))
        yield piece


def hear_rows() -> None:
    """What is in the tables for sessions and the cache, and in the outbox."""
    for session in Session.objects.all():
        hear("a session", json.dumps(session.get_decoded()))
    for entry in _redis_entries() if settings.REDIS_URL else _table_entries():
        hear("the cache", entry)
    for message in getattr(mail, "outbox", ()):
        hear("mail", message.message().as_string())


def hear_home(home: Path) -> None:
    """What an OsMEN of its own left in its home: logs, the queue, mail, files, and what is packed in its database."""
    for path in home.rglob("*"):
        name = path.relative_to(home)
        if name.parts[0] != "sandbox" and path.is_file():
            hear(f"{name} of a home", path.read_bytes().decode("latin-1"))
    if (home / "db.sqlite3").exists():
        with closing(sqlite3.connect(home / "db.sqlite3")) as opened:
            _hear_packed(opened, "SELECT session_data FROM django_session", "a session of a home", _unpacked)
            _hear_packed(opened, "SELECT value FROM cache", "the cache of a home", _decoded)


def _hear_packed(opened: sqlite3.Connection, query: str, where: str, unpack: Callable[[str], str]) -> None:
    for (value,) in opened.execute(query):
        hear(where, unpack(value))


def _unpacked(session: str) -> str:
    """A session's content, whoever signed it."""
    content = session.split(":")[0]
    packed = b64_decode(content.removeprefix(".").encode())
    return (zlib.decompress(packed) if content.startswith(".") else packed).decode()


def _table_entries() -> Iterator[str]:
    with database.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache")
        for key, value in cursor.fetchall():
            yield f"{key} {_decoded(value)}"


def _redis_entries() -> Iterator[str]:
    """Every plain value in Redis; queues are heard as their messages are sent."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    try:
        for key in client.scan_iter(_type="string"):
            yield f"{key!r} {client.get(key)!r}"
    finally:
        client.close()


def _decoded(value: str) -> str:
    """A cache entry is a pickle in Base64; the texts in it stand there as they are."""
    try:
        return base64.b64decode(value).decode("latin-1")
    except binascii.Error:
        return value


class _Listener(logging.Handler):
    """Hears every line as it would be written, traceback and all."""

    _formatter = logging.Formatter("%(name)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        hear(f"the log of {record.name}", self._formatter.format(record))


def _hear_task(body: Any = None, headers: Any = None, **_: Any) -> None:
    hear("a task message", f"{body!r} {headers!r}")
