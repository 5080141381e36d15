"""A request to a provider and its answer, as values. Sending is left to ``door``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from integrations.errors import TemporaryFailure

DEFAULT_MAX_BYTES = 64 * 1024 * 1024

Params = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. ``params`` are added to the query of ``url``; a list repeats its name.

    ``max_bytes`` is the largest decoded answer to accept, ``read_timeout`` the longest silence in seconds. Headers,
    query and body may hold secrets and are not in ``repr``.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Params = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    read_timeout: float = 30.0
    max_bytes: int = DEFAULT_MAX_BYTES

    @classmethod
    def with_json(
        cls,
        method: str,
        url: str,
        payload: object,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
    ) -> Request:
        """A request whose body is ``payload`` as JSON."""
        typed = {"Content-Type": "application/json", **(headers or {})}
        return cls(method, url, headers=typed, params=params or {}, body=orjson.dumps(payload))

    @classmethod
    def with_form(cls, method: str, url: str, fields: Params, headers: Mapping[str, str] | None = None) -> Request:
        """A request whose body is an HTML form's, as token endpoints want it."""
        typed = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return cls(method, url, headers=typed, body=urlencode(fields, doseq=True).encode())

    @property
    def full_url(self) -> str:
        """``url`` with ``params`` in its query."""
        if not self.params:
            return self.url
        separator = "&" if "?" in self.url else "?"
        return f"{self.url}{separator}{urlencode(self.params, doseq=True)}"

    @property
    def reads(self) -> bool:
        """Whether sending it twice changes nothing."""
        return self.method in ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Names of ``headers`` are in lower case; ``body`` is decompressed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ``TemporaryFailure`` where it is none, as from a proxy's error page."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise TemporaryFailure("The provider sent an answer that is not JSON.", code=str(self.status)) from None

    def error_json(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty where it is anything else, as error bodies often are."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return value if isinstance(value, dict) else {}

    def retry_after(self) -> float | None:
        """Seconds to wait by the Retry-After header, if it has one (RFC 9110, 10.2.3; fractions are read too)."""
        value = self.headers.get("retry-after", "").strip()
        if not value:
            return None
        try:
            seconds = float(value)
        except ValueError:
            try:
                until = parsedate_to_datetime(value)
            except ValueError:
                return None
            if until.tzinfo is None:
                until = until.replace(tzinfo=UTC)
            return max(0.0, (until - datetime.now(UTC)).total_seconds())
        return max(0.0, seconds) if math.isfinite(seconds) else None
