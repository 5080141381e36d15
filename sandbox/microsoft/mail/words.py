"""Bytes and encoded words of mail as text that SQLite and JSON can hold, whatever they are."""

from __future__ import annotations

import email.errors
import email.header
from email.message import Message


def clean(text: str) -> str:
    """Text without lone surrogates and NULs: raw 8-bit bytes become UTF-8 or else Latin-1."""
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        raw = text.encode("utf-8", "surrogateescape")
        text = _guess(raw)
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def decoded(text: str) -> str:
    """A header's text with its encoded words read; what cannot be read stays as it came."""
    if "=?" not in text:
        return clean(text)
    try:
        pieces = email.header.decode_header(text)
    except (ValueError, LookupError, email.errors.HeaderParseError):
        return clean(text)
    return clean("".join(p if isinstance(p, str) else in_charset(p, c or "ascii") for p, c in pieces))


def in_charset(raw: bytes, charset: str) -> str:
    """Bytes in a named charset; by guess where the name is unknown or wrong."""
    try:
        return raw.decode(charset.strip("'\" "))
    except (LookupError, ValueError, TypeError):
        return _guess(raw)


def _guess(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def text_of(part: Message) -> str:
    """The text of a text part, line ends as they came."""
    charset = part.get_param("charset") or "ascii"
    name = charset[2] if isinstance(charset, tuple) else str(charset)
    raw = part.get_payload(decode=True)
    return clean(in_charset(raw, name)) if isinstance(raw, bytes) else ""


def payload_bytes(part: Message) -> bytes:
    """A part's decoded content; of one that holds others, their bytes."""
    if part.is_multipart():
        return message_bytes(part)
    raw = part.get_payload(decode=True)
    return raw if isinstance(raw, bytes) else b""


def message_bytes(message: Message) -> bytes:
    """A message or part with its headers, as nearly as the parser can give it back."""
    try:
        return message.as_bytes()
    except (UnicodeError, ValueError, LookupError, TypeError, AttributeError):
        return clean(str(message.get_payload())).encode()
