"""Reads what mail headers and bodies say, however badly it is said: addresses, encoded words, character sets.

Knows no vendor and no MIME tree; nothing here raises on malformed input.
"""

from __future__ import annotations

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses

from integrations.records import Address

# Names in the wild that Python does not know, or knows as a subset of what is really sent.
_CHARSETS = {
    "ansi": "cp1252",
    "ascii": "utf-8",
    "cp-850": "cp850",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "latin1": "cp1252",
    "shift_jis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "us-ascii": "utf-8",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
}
# Text in these looks like ASCII, and so like UTF-8; with a higher byte it is not in them at all.
_SEVEN_BIT = ("iso2022", "utf-7", "hz")
_WIDE = ("utf-16", "utf-32")
_EAST_ASIAN = frozenset({"gb18030", "big5", "big5hkscs", "cp950", "cp932", "cp949", "euc_jp", "euc_jis_2004", "johab"})
_ENCODED_WORDS = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=(?:\s*=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)*")
# What nearly every address looks like: words or a quoted text without escapes, and the address; or the address alone.
_PLAIN = re.compile(
    r'(?:(?:\s*"([^"\\\r\n]*)"\s*|([\w\s&\'!#$%*+/=?^{|}~`-]*))<([\w.!#$%&\'*+/=?^`{|}~-]+@[\w.-]+)>'
    r"|\s*([\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+))\s*(?:,|$)"
)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")


def clean(text: str) -> str:
    """Text that every database takes: without NUL and lone surrogates."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def decode_text(data: bytes, charset: str = "") -> str:
    """A body's bytes as text. UTF-8 is tried before what is declared: many declare wrongly, few match by chance."""
    codec = _codec(charset)
    if codec.startswith(_WIDE) or (codec.startswith(_SEVEN_BIT) and data.isascii()):
        return clean(data.decode(codec, "replace"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return clean(_broken_utf8(data) if codec == "utf-8" else data.decode(codec, "replace"))
    if codec in _EAST_ASIAN and not text.isascii() and max(text) < "\u0800":
        return clean(data.decode(codec, "replace"))  # two-byte characters only: UTF-8 by accident
    return clean(text)


def _broken_utf8(data: bytes) -> str:
    """Bytes that are not quite UTF-8: damaged UTF-8 where some of it can be read, else what Western machines write."""
    text = data.decode("utf-8", "replace")
    return text if any(c > "\x7f" and c != "\ufffd" for c in text) else data.decode("cp1252", "replace")


def _codec(charset: str) -> str:
    """Python's name for a charset; UTF-8 where it has none, or one that is no text encoding."""
    name = charset.strip().strip("\"'").lower()
    name = _CHARSETS.get(name, name)
    try:
        b"  ".decode(name, "replace")
        return codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError):
        return "utf-8"


def decode_words(value: str) -> str:
    """A header's text with its encoded words (RFC 2047) decoded and its folds undone."""
    unfolded = " ".join(value.split())
    if "=?" not in unfolded:
        return clean(unfolded)
    return clean(_ENCODED_WORDS.sub(lambda found: _words(found[0]), unfolded))


def _words(run: str) -> str:
    """A run of encoded words, decoded together: some senders split a character between two of them."""
    try:
        parts = decode_header(run)
    except (HeaderParseError, ValueError):
        return run
    return "".join(decode_text(p, charset or "") if isinstance(p, bytes) else p for p, charset in parts)


def addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of a header such as To. Groups' names and entries without an address are left out."""
    if not value:
        return ()
    found = [(name, email) for name, email in _pairs(value) if "@" in email]
    if not found:
        found = [("", email) for email in _ADDRESS.findall(value)]
    return tuple(Address(clean(email.strip()), _name(name)) for name, email in found)


def sender(value: str) -> Address:
    """Who a From header names first; by name alone where it holds no address ("Mail Delivery <MAILER-DAEMON>")."""
    if found := addresses(value):
        return found[0]
    return Address("", next((_name(name or email) for name, email in _pairs(value) if name or email), ""))


def _pairs(value: str) -> list[tuple[str, str]]:
    if (plain := _plain_pairs(value)) is not None:
        return plain
    try:
        return getaddresses([value])
    except (RecursionError, IndexError):  # it follows nested groups as deep as they go
        return []


def _plain_pairs(value: str) -> list[tuple[str, str]] | None:
    """What ``getaddresses`` says of ASCII without comments, groups, routes or escapes, twenty times as fast."""
    if not value.isascii():
        return None
    found, end = [], 0
    while end < len(value):
        match = _PLAIN.match(value, end)
        if match is None:
            return None
        quoted, words, named, alone = match.groups()
        found.append((quoted if quoted is not None else " ".join((words or "").split()), named or alone))
        end = match.end()
    return found


def _name(name: str) -> str:
    return decode_words(name).strip("\"' ")


def message_ids(value: str) -> tuple[str, ...]:
    """The message ids of a References or In-Reply-To header, with their angle brackets."""
    return tuple(dict.fromkeys(clean(found) for found in _MESSAGE_ID.findall(value)))
