"""A letter that the outbox sends, as RFC 5322 text. It does no I/O.

Its Message-ID follows from the edit's key, so that whether it was sent can be asked for by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, cast

from integrations.errors import PermanentFailure
from integrations.records import ChangeRecord

DOMAIN = "osmen.invalid"  # no host of that name exists (RFC 6761), so nobody else makes such ids


def message_id(change: ChangeRecord) -> str:
    """The Message-ID of the letter, the same on every attempt."""
    return f"<{change.key}@{DOMAIN}>"


def people(change: ChangeRecord, kind: str) -> list[tuple[str, str]]:
    """The addresses and names of "to", "cc" or "bcc"."""
    found = cast("list[list[str]]", change.payload.get(kind) or [])
    return [(one[0], one[1] if len(one) > 1 else "") for one in found]


def forwarded(change: ChangeRecord) -> str:
    """The id of the message that goes along; empty where none does."""
    return str(change.payload.get("forward") or "")


def written(change: ChangeRecord, sender: str, original: bytes = b"") -> bytes:
    """The letter, with the message that goes along, whole.

    Raises ``PermanentFailure`` where it has no recipient or an address that is none.
    """
    payload: Mapping[str, Any] = change.payload
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    for kind in ("to", "cc", "bcc"):
        if found := people(change, kind):
            letter[kind.title()] = [_address(*one) for one in found]
    if not (letter["To"] or letter["Cc"] or letter["Bcc"]):
        raise PermanentFailure("This letter is addressed to nobody.", code="field")
    letter["Subject"] = _line(payload.get("subject"))
    letter["Message-ID"] = message_id(change)
    if answered := _line(payload.get("in_reply_to")):
        before = [_line(one) for one in payload.get("references") or [] if one]
        letter["In-Reply-To"] = answered
        letter["References"] = " ".join([*(one for one in before if one != answered), answered])
    letter.set_content(str(payload.get("text") or ""))
    if original:
        # Not as message/rfc822: that may not be encoded, and mail in the wild is not always fit to travel as it is.
        name = f"{_line(payload.get('subject')) or 'message'}.eml"
        letter.add_attachment(original, maintype="application", subtype="octet-stream", filename=name)
    return letter.as_bytes()


def _address(email: str, name: str) -> Address:
    try:
        return Address(display_name=_line(name), addr_spec=email)
    except (ValueError, IndexError, TypeError):
        raise PermanentFailure(f"{email[:100]} is no e-mail address.", code="field") from None


def _line(value: object) -> str:
    """A header's value: what breaks lines would begin another header."""
    return " ".join(str(value or "").split())
