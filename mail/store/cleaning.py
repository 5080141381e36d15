"""The store's border: text as a database and a page can take it. Mail in the wild holds NULs and broken Unicode."""

from __future__ import annotations

import re

from integrations.records import Address

# What PostgreSQL refuses (NUL), what UTF-8 cannot say (lone surrogates).
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Preheaders of newsletters pad their snippets with these.
_PADDING = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\\s]+"
)


def text(value: str) -> str:
    """A text of any length that both databases store."""
    if value.isascii() and "\x00" not in value:
        return value
    return _UNSTORABLE.sub("\ufffd", value)


def line(value: str, limit: int) -> str:
    """One line of at most ``limit`` characters, without control characters."""
    if value.isprintable():
        return value.strip()[:limit]
    return _CONTROL.sub(" ", text(value)).strip()[:limit]


def snippet(value: str, limit: int = 250) -> str:
    """One line with every run of space and invisible padding made one space. Joiners inside words are kept."""
    if value.isascii() and value.isprintable():
        return " ".join(value.split())[:limit]
    return _PADDING.sub(_squeeze, text(value)).strip()[:limit]


def _squeeze(match: re.Match[str]) -> str:
    run = match.group()
    # A single joiner belongs to a script or an emoji; alone it pads nothing.
    return run if run in "\u200c\u200d" else " "


def identifier(value: str) -> str:
    """A provider's opaque id, untouched but for what cannot be stored."""
    return text(value)[:512]


def addresses(values: tuple[Address, ...]) -> list[list[str]]:
    """As kept in a message's JSON columns."""
    return [[line(a.name, 200), line(a.email, 320)] for a in values]
