"""Reads a message's raw bytes the way Gmail shows them: decoded headers, and the tree of parts.

Nothing in here raises, whatever the bytes are: what cannot be parsed is a leaf with its bytes. Text comes as UTF-8
whatever charset its header names, as Gmail does it; the header stays as it was.
"""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value

DEEPEST = 50  # levels of parts that are shown
_FOLD = re.compile(r"\r?\n")
_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)*")
_SPECIAL = re.compile(r'[,;:<>@"()\[\]\\]')
_ADDRESSES = {"from", "to", "cc", "bcc", "reply-to", "sender"}


def parse(raw: bytes) -> Message:
    """The parsed message."""
    try:
        return email.message_from_bytes(raw, policy=email.policy.compat32)
    except (RecursionError, ValueError, LookupError, TypeError):
        # Parts nested beyond reason: the headers are good, and all of the rest is one text.
        flat = parse_headers(raw)
        del flat["Content-Type"]
        flat.set_payload(readable(_body_of(raw)))
        return flat


def parse_headers(raw: bytes) -> Message:
    """The parsed headers alone, for the formats that show no body."""
    return email.message_from_bytes(raw[: len(raw) - len(_body_of(raw))], policy=email.policy.compat32)


def _body_of(raw: bytes) -> bytes:
    end = re.search(rb"\r?\n\r?\n", raw)
    return raw[end.end() :] if end else b""


def readable(data: bytes, charset: str = "") -> str:
    """Bytes as text, in the charset they name, or else in the likeliest."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(codecs.lookup(name).name) if name else data.decode()
        except (LookupError, ValueError):  # UnicodeDecodeError is a ValueError, and so is a name with a NUL in it
            continue
    return data.decode("cp1252", "replace")


def _plain(text: str) -> str:
    """Header text as Unicode: the parser keeps bytes outside ASCII as surrogates."""
    return readable(text.encode("utf-8", "surrogateescape")) if not text.isascii() else text


def _decoded(words: str) -> str:
    try:
        pieces = decode_header(words)
    except (MessageError, ValueError):
        return words
    return "".join(p if isinstance(p, str) else readable(p, charset or "") for p, charset in pieces)


def header_text(name: str, value: object) -> str:
    """A header's value on one line with its encoded words decoded (RFC 2047)."""
    text = _FOLD.sub("", _plain(str(value)))
    if "=?" not in text:
        return text
    quoting = name.lower() in _ADDRESSES

    def decode(match: re.Match[str]) -> str:
        word = _decoded(match.group())
        if quoting and _SPECIAL.search(word):
            escaped = word.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        return word

    return _WORD.sub(decode, text)


def headers(part: Message) -> list[tuple[str, str]]:
    """All headers in their order, readable."""
    return [(_plain(name), header_text(name, value)) for name, value in part.raw_items()]


def first(part: Message, name: str) -> str:
    """The first header of that name, readable, or empty."""
    for found, value in part.raw_items():
        if found.lower() == name:
            return header_text(found, value).strip()
    return ""


def filename(part: Message) -> str:
    """The file name that a part gives itself, or empty."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = part.get_param(parameter, None, header)
            if value is not None:
                return header_text("", collapse_rfc2231_value(value)).strip()
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
    return ""


def content_type(part: Message) -> str:
    """The part's type as Gmail names it; text/plain when it names none."""
    return part.get_content_type()


def charset(part: Message) -> str:
    """The charset that a part declares, or empty."""
    try:
        return part.get_content_charset("")
    except (ValueError, LookupError, TypeError):
        return ""


def children(part: Message) -> list[Message]:
    """The parts inside a part: of a multipart, or the one message of a message/rfc822."""
    if part.get_content_type() == "message/delivery-status":
        return []
    return _inside(part)


def _inside(part: Message) -> list[Message]:
    inner = part.get_payload() if part.is_multipart() else ()  # a text's would be decoded by a charset of any name
    return [child for child in inner if isinstance(child, Message)]


def content(part: Message) -> bytes:
    """A part's decoded bytes; an attached message's as it is written."""
    if part.is_multipart():
        return b"\r\n".join(map(_written, _inside(part)))
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AssertionError):
        data = b""
    return data if isinstance(data, bytes) else b""


def _written(part: Message) -> bytes:
    try:
        return part.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, MessageError, RecursionError):
        return b""  # it cannot be written down again


def shown(part: Message) -> bytes:
    """A part's bytes as Gmail hands them out: text in UTF-8."""
    data = content(part)
    if part.get_content_maintype() == "text" and not data.isascii():
        return readable(data, charset(part)).encode("utf-8", "replace")
    if part.get_content_maintype() == "text" and charset(part).startswith("iso-2022"):
        return readable(data, charset(part)).encode()
    return data


def walk(part: Message, number: str = "") -> Iterator[tuple[str, Message]]:
    """Every part with its partId: the root's is empty, its children's are 0, 1, …, theirs 0.0, 0.1, …"""
    yield number, part
    for i, child in enumerate(children(part) if number.count(".") < DEEPEST else ()):
        yield from walk(child, f"{number}.{i}" if number else str(i))
