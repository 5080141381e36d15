"""Several reads in one request: multipart/mixed of HTTP messages, put together and taken apart here.

Gmail API, "Batching requests": each part has a status of its own and is answered under ``response-`` and its
Content-ID, in any order. More than 50 parts are not advised: Google runs a batch all at once, and its limits count.
"""

from __future__ import annotations

import email.message
import random
import secrets
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from integrations.errors import QuotaUsedUp, RateLimited, TemporaryFailure
from integrations.providers.base import Session
from integrations.providers.google.errors import api_error
from integrations.providers.http import Request, Response, send_as
from integrations.providers.http.authorized import is_unauthorized

MOST_PARTS = 50
FEWEST_PARTS = 5
ROUNDS = 4
LONGEST_PAUSE = 10.0


def fetch(session: Session, address: str, requests: Mapping[str, Request], method: str) -> dict[str, Response]:
    """The answers to GET ``requests``, by their keys. See ``arriving``."""
    return dict(arriving(session, address, requests, method))


def arriving(
    session: Session, address: str, requests: Mapping[str, Request], method: str
) -> Iterator[tuple[str, Response]]:
    """Each answer as it comes, by its key: a success, or a refusal that trying again will not change.

    Parts that hit a limit or a failure of Google's are asked again, fewer at a time after a growing pause. Raises
    ``integrations.errors`` when the whole request fails or some parts never succeed.
    """
    waiting = dict(requests)
    for attempt in range(ROUNDS):
        failed: dict[str, Response | None] = {}
        keys = list(waiting)
        while keys:
            size = min(len(keys), max(FEWEST_PARTS, MOST_PARTS >> attempt))
            # Of a quota that is nearly used up the rest is used, too.
            size = session.spend(method, size, min(size, FEWEST_PARTS))
            chunk, keys = {key: waiting[key] for key in keys[:size]}, keys[size:]
            got = _exchange(session, address, chunk)
            failed |= {key: got.get(key) for key in chunk if _passing(got.get(key)) is not None}
            yield from ((key, answer) for key, answer in got.items() if key not in failed)
        if not failed:
            return
        failure = next(problem for answer in failed.values() if (problem := _passing(answer)) is not None)
        said = max(((answer.retry_after() or 0.0) if answer else 0.0 for answer in failed.values()), default=0.0)
        if attempt == ROUNDS - 1 or said > LONGEST_PAUSE or isinstance(failure, QuotaUsedUp):
            raise failure
        time.sleep(max(said, 2.0**attempt) + random.random())
        waiting = {key: requests[key] for key in failed}


def ask(session: Session, address: str, requests: Mapping[str, Request], method: str) -> dict[str, Response]:
    """The answers to GET ``requests``, by their keys, whatever they say; asked once. Some may be missing."""
    answers: dict[str, Response] = {}
    for chunk in _chunks(requests, MOST_PARTS):
        session.spend(method, len(chunk))
        answers |= _exchange(session, address, chunk)
    return answers


def _passing(answer: Response | None) -> RateLimited | TemporaryFailure | None:
    """The passing failure that a part's answer is, if it is one."""
    if answer is None:
        return TemporaryFailure("Google left out a part of its answer.", code="batch")
    if answer.ok or answer.status == 404:
        return None
    error = api_error(answer)
    return error if isinstance(error, RateLimited | TemporaryFailure) else None


def _chunks(requests: Mapping[str, Request], size: int) -> Iterator[dict[str, Request]]:
    keys = list(requests)
    for first in range(0, len(keys), size):
        yield {key: requests[key] for key in keys[first : first + size]}


def _exchange(session: Session, address: str, requests: Mapping[str, Request]) -> dict[str, Response]:
    boundary = f"batch_{secrets.token_hex(12)}"
    keys = list(requests)
    body = b"".join(_part(boundary, number, requests[key]) for number, key in enumerate(keys))
    headers = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
    request = Request("POST", address, headers=headers, body=body + f"--{boundary}--\r\n".encode())
    response = send_as(session, request, _refused)
    if not response.ok:
        raise api_error(response)
    return {keys[number]: answer for number, answer in decode(response) if number < len(keys)}


def _refused(response: Response) -> bool:
    """Whether the token was refused: the batch itself may be a success that holds nothing but refusals."""
    if not response.ok:
        return is_unauthorized(response)
    return any(is_unauthorized(part) for _, part in decode(response))


def _part(boundary: str, number: int, request: Request) -> bytes:
    address = urlsplit(request.full_url)
    target = f"{address.path}?{address.query}" if address.query else address.path
    return (
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <part-{number}>\r\n\r\n"
        f"{request.method} {target} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
    ).encode()


def decode(response: Response) -> Iterator[tuple[int, Response]]:
    """The parts of a batch's answer, each with the number of its request; unreadable ones are left out."""
    declared = email.message.Message()
    declared["Content-Type"] = response.headers.get("content-type", "")
    boundary = declared.get_boundary()
    if not boundary:
        raise TemporaryFailure("Google's answer to several requests cannot be read.", code="batch")
    for part in response.body.split(f"--{boundary}".encode())[1:]:
        outer, _, inner = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
        head, _, body = inner.partition(b"\r\n\r\n")
        first, _, fields = head.partition(b"\r\n")
        content_id = _headers(outer).get("content-id", "").strip("<> ")
        status = first.split(b" ", 2)
        number = content_id.rpartition("-")[2]
        if number.isdecimal() and len(status) > 1 and status[1].isdigit():
            yield int(number), Response(int(status[1]), _headers(fields), body.strip())


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, colon, value in lines if colon}
