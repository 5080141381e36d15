"""What Gmail does to a message that is sent: headers are completed, Bcc is honoured and taken out, the rest is kept.

Works on the bytes, so that what the client composed goes out as it is. Gmail API, "Sending email".
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.utils import format_datetime

from sandbox.google.errors import GoogleError, invalid_argument
from sandbox.google.gmail import mime

_BREAK = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"(?m)^([!-9;-~]+)[ \t]*:.*(?:\r?\n[ \t].*)*\r?\n?")
_ADDRESS = re.compile(r"[^\s<>,;:\"'()]+@[^\s<>,;:\"'()]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
MOST_RECIPIENTS = 500


def _split(raw: bytes) -> tuple[bytes, bytes]:
    found = _BREAK.search(raw)
    if not found:
        return raw.rstrip(b"\r\n") + b"\r\n", b"\r\n"
    newline = b"\r\n" if found.group().startswith(b"\r") else b"\n"
    return raw[: found.start()] + newline, raw[found.start() + len(newline) :]


def without(raw: bytes, name: str) -> bytes:
    """The message without a header."""
    head, rest = _split(raw)
    kept = _FIELD.sub(lambda m: b"" if m[1].lower() == name.lower().encode() else m[0], head)
    return kept + rest


def with_header(raw: bytes, name: str, value: str) -> bytes:
    """The message with one more header, at its top."""
    newline = b"\r\n" if b"\r\n" in raw else b"\n"
    return f"{name}: {value}".encode() + newline + raw


def addresses(text: str) -> list[str]:
    """The bare addresses of a header, lower case; display names that look like addresses do not count."""
    return [a.lower() for a in _ADDRESS.findall(_QUOTED.sub(" ", text))]


def recipients(raw: bytes) -> list[str]:
    """Everybody a message is for, each once. Raises Gmail's 400 for nobody or too many."""
    message = mime.parse_headers(raw)
    found: list[str] = []
    for name, value in mime.headers(message):
        if name.lower() in ("to", "cc", "bcc"):
            found += addresses(value)
    unique = list(dict.fromkeys(found))
    if not unique:
        raise invalid_argument("Recipient address required")
    if len(unique) > MOST_RECIPIENTS:
        raise GoogleError(400, "invalidArgument", f"Too many recipients: {len(unique)}")
    return unique


def completed(raw: bytes, sender: str, name: str, allowed: set[str], now: datetime) -> bytes:
    """The message with the From, Date and Message-ID that Gmail gives it where they are missing or not allowed."""
    message = mime.parse_headers(raw)
    if not set(addresses(mime.first(message, "from"))) & allowed:
        raw = with_header(without(raw, "From"), "From", f'"{name}" <{sender}>' if name.isascii() and name else sender)
    if not mime.first(message, "date"):
        raw = with_header(raw, "Date", format_datetime(now))
    if not mime.first(message, "message-id"):
        digest = hashlib.sha256(raw + now.isoformat().encode()).hexdigest()[:32]
        raw = with_header(raw, "Message-ID", f"<CA+{digest}@mail.gmail.com>")
    return raw
