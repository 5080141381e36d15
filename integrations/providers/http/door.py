"""Sends requests over one pool of kept-alive connections that all threads share.

Redirects are not followed, since no provider's API uses them. Nothing is retried but a read whose pooled connection the
other side had closed. Log lines hold method, host, path without ids, status and time; never a header, query or body.
"""

from __future__ import annotations

import functools
import logging
import os
import ssl
import time

import certifi
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
)

from integrations.errors import PermanentFailure, TemporaryFailure
from integrations.providers.http.addresses import host, origin, path_template
from integrations.providers.http.messages import Request, Response

log = logging.getLogger(__name__)
# urllib3's own debug lines hold whole addresses, query included.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

CONNECT_TIMEOUT = 10.0
TOTAL_SECONDS = 180.0
CHUNK = 256 * 1024
USER_AGENT = "OsMEN-Web"

# These happen before the first byte of a request leaves this machine.
_NOT_SENT = (ConnectTimeoutError, NewConnectionError, SSLError, ProxyError)


@functools.cache
def _pool() -> urllib3.PoolManager:
    """The process's pool. The system's certificates and Mozilla's are trusted: some Pythons come without the former."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return urllib3.PoolManager(num_pools=16, maxsize=32, ssl_context=context, retries=False)


if hasattr(os, "register_at_fork"):
    # A connection shared by two processes would mix up their answers.
    os.register_at_fork(after_in_child=_pool.cache_clear)


def send(request: Request) -> Response:
    """Send and read the whole answer, whatever its status.

    Raises ``TemporaryFailure`` (``sent=False`` when the request surely did not arrive) where no answer came, and
    ``PermanentFailure`` for an address that is none or an answer larger than ``request.max_bytes``.
    """
    url = request.full_url
    if origin(url) is None:
        raise PermanentFailure("The provider's address is not one of http:// or https://.", code="address")
    where = host(url)
    started = time.monotonic()
    try:
        response = _attempt(request, url, started)
    except (HTTPError, OSError) as error:
        failure = _failure(error, where)
    else:
        _log(request, str(response.status), started)
        return response
    _log(request, failure.code, started)
    # Raised outside the handler: the cause's text names the whole address, query included.
    raise failure


def _attempt(request: Request, url: str, started: float) -> Response:
    try:
        return _exchange(request, url, started)
    except ProtocolError:
        if not request.reads:
            raise
    return _exchange(request, url, started)


def _exchange(request: Request, url: str, started: float) -> Response:
    raw = _pool().request(
        request.method,
        url,
        body=request.body or None,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate", **request.headers},
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=request.read_timeout),
        redirect=False,
        retries=False,
        preload_content=False,
    )
    try:
        body = _read(raw, request.max_bytes, started)
    except BaseException:
        raw.close()  # an answer half read must not go back into the pool
        raise
    raw.release_conn()
    return Response(raw.status, {name.lower(): value for name, value in raw.headers.items()}, body)


def _read(raw: urllib3.BaseHTTPResponse, max_bytes: int, started: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in raw.stream(CHUNK, decode_content=True):
        size += len(part)
        if size > max_bytes:
            raise PermanentFailure(f"The provider's answer is larger than {max_bytes // 2**20} MB.", code="too_large")
        if time.monotonic() - started > TOTAL_SECONDS:
            raise TemporaryFailure("The provider's answer took too long.", code="slow")
        parts.append(part)
    return b"".join(parts)


def _failure(error: Exception, where: str) -> TemporaryFailure | PermanentFailure:
    """What an exchange without an answer means. The texts name the host only, since an address may hold secrets."""
    code = type(error).__name__
    if isinstance(error, LocationParseError):
        return PermanentFailure("The provider's address cannot be read.", code=code)
    if isinstance(error, SSLError):
        return TemporaryFailure(f"No secure connection to {where} could be made.", code=code, sent=False)
    if isinstance(error, _NOT_SENT):
        return TemporaryFailure(f"{where} cannot be reached.", code=code, sent=False)
    return TemporaryFailure(f"The connection to {where} broke before an answer came.", code=code)


def _log(request: Request, outcome: str, started: float) -> None:
    milliseconds = (time.monotonic() - started) * 1000
    log.info("%s %s%s %s %.0f ms", request.method, host(request.url), path_template(request.url), outcome, milliseconds)
