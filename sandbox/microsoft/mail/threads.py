"""Which conversation a message belongs to: by References, else by a reply's topic. One mailbox at a time."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime

from sandbox.accounts import Account
from sandbox.microsoft import ids
from sandbox.store import Store

_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|sv|vs|antw|r|rif|tr|odp)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def topic(subject: str) -> str:
    """A subject without its reply and forward prefixes, as PR_CONVERSATION_TOPIC."""
    return _PREFIX.sub("", subject).strip()


def conversation(store: Store, account: Account, message_id: str, related: list[str], subject: str) -> str:
    """The conversation of a message that refers to ``related`` Message-IDs; remembered for those that follow."""
    known = [i for i in dict.fromkeys([*reversed(related), message_id]) if i]
    found = ""
    for one in known:
        found = (
            store.value("SELECT conversation FROM graph_thread WHERE account = ? AND message_id = ?", account.id, one)
            or ""
        )
        if found:
            break
    plain = topic(subject)
    if not found and plain and plain != subject.strip():
        found = (
            store.value(
                "SELECT conversation FROM graph_message WHERE account = ? AND topic = ? ORDER BY id DESC LIMIT 1",
                account.id,
                plain,
            )
            or ""
        )
    if not found:
        serial = store.value("SELECT MAX(id) FROM graph_message") or 0
        root = related[0] if related else message_id or f"{plain}|{serial}"
        found = ids.conversation(account, root)
    with store.write() as db:
        db.executemany(
            "INSERT INTO graph_thread (account, message_id, conversation) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(account.id, one, found) for one in known],
        )
    return found


def index(conversation_id: str, depth: int, sent: datetime) -> str:
    """The conversationIndex: a 22-byte header and five bytes for each reply above ([MS-OXOMSG] 2.2.1.3)."""
    ticks = int((sent - _EPOCH).total_seconds() * 10_000_000)
    header = b"\x01" + (ticks >> 16).to_bytes(8, "big")[3:] + hashlib.md5(conversation_id.encode()).digest()
    return base64.b64encode(header + b"\x00\x00\x00\x00\x10" * min(depth, 40)).decode()
