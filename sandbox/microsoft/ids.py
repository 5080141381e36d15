"""Item ids: opaque, stable, case-sensitive, of the two kinds in "Get immutable identifiers for Outlook resources".

An id is computed from the account, the kind of item, its row and an extra number (a message's moves, an occurrence's
day), so that nothing about ids is stored and the same world has the same ids. ``Ref`` is what an id says; whether
that exists is left to whoever looks it up.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from dataclasses import dataclass
from functools import lru_cache

from sandbox.accounts import Account

REST = "AAMkA"
IMMUTABLE = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A"
KINDS = ("message", "folder", "event", "calendar", "contact", "contactFolder", "attachment", "calendarGroup")


@dataclass(frozen=True, slots=True)
class Ref:
    """What an id names: the row ``number`` of a ``kind``; ``extra`` is 0 where there is none."""

    kind: str
    number: int
    extra: int
    immutable: bool


@lru_cache(maxsize=256)
def _mailbox(account_id: int, email: str) -> str:
    digest = hashlib.sha256(f"mailbox|{account_id}|{email.lower()}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:30]).decode()


def make(account: Account, kind: str, number: int, extra: int = 0, *, immutable: bool = False) -> str:
    """The id of a row. Folders and calendars have one id, whichever kind is asked for."""
    box = _mailbox(account.id, account.email)
    plain = struct.pack(">BIi", KINDS.index(kind), number, extra)
    digest = hashlib.sha256(f"{box}|{immutable}|".encode() + plain).digest()
    body = base64.urlsafe_b64encode(plain + digest[:24]).decode()
    if immutable:
        return f"{IMMUTABLE}{box[:20]}{body}AAA="
    return f"{REST}{box}_BGAAAAAA-{body}AAA="


def read(account: Account, text: str) -> Ref | None:
    """What ``text`` names in this mailbox, or None if this mailbox never gave such an id."""
    immutable = text.startswith(IMMUTABLE)
    try:
        plain = base64.urlsafe_b64decode(text[-48:-4])[:9]
        kind, number, extra = struct.unpack(">BIi", plain)
        found = Ref(KINDS[kind], number, extra, immutable)
    except (ValueError, struct.error, IndexError):
        return None
    return found if make(account, found.kind, number, extra, immutable=immutable) == text else None


def conversation(account: Account, root: str) -> str:
    """The id of the conversation that began with the message ``root`` (a Message-ID or a topic)."""
    digest = hashlib.sha256(f"{_mailbox(account.id, account.email)}|{root}".encode()).digest()
    return f"AAQkA{_mailbox(account.id, account.email)}AQA{base64.urlsafe_b64encode(digest[:18]).decode()}AA="


def change_key(kind: str, number: int, version: int) -> str:
    """An item's changeKey: differs after every change."""
    digest = hashlib.sha256(f"{kind}|{number}|{version}".encode()).digest()
    return base64.b64encode(b"\x15\x00\x00\x00\x16\x00" + digest[:22]).decode()


def etag(key: str) -> str:
    return f'W/"{key}"'
