"""A letter as it is being written: read from its form and checked, or begun as an answer. Plain text; sends nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formataddr, getaddresses
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.clock import Clock
from mail.models import Message

LONGEST, LONGEST_TEXT, MOST_PEOPLE, MOST_QUOTED = 500, 200_000, 100, 400
_SEPARATORS = re.compile(r"\s*[,;](?:\s*[,;])*\s*")
KINDS = ("to", "cc", "bcc")
Pairs = list[list[str]]


@dataclass(slots=True)
class Letter:
    """The fields of a form as text, with what is wrong in words."""

    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    quote: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    def people(self, kind: str) -> Pairs:
        """The addresses of "to", "cc" or "bcc", each with its name, as an edit has them."""
        text = _SEPARATORS.sub(", ", getattr(self, kind)).strip(" ,")
        # What cannot be read as an address comes back as it is, to be said so.
        return [[email or text, name] for name, email in getaddresses([text])] if text else []


def read(post: Mapping[str, str]) -> Letter:
    """A form that was sent."""

    def line(name: str) -> str:
        return " ".join(post.get(name, "").replace("\x00", "").split())[
            : LONGEST * 20 if name != "subject" else LONGEST
        ]

    text = post.get("text", "").replace("\x00", "").replace("\r\n", "\n")[:LONGEST_TEXT]
    letter = Letter(line("to"), line("cc"), line("bcc"), line("subject"), text, post.get("quote") == "1")
    everybody = [(kind, email) for kind in KINDS for email, _ in letter.people(kind)]
    for kind, email in everybody:
        try:
            validate_email(email)
        except ValidationError:
            letter.errors[kind] = f"{email or 'This'} is no e-mail address."
    if not everybody:
        letter.errors["to"] = "Say to whom it goes."
    elif len(everybody) > MOST_PEOPLE:
        letter.errors["to"] = f"At most {MOST_PEOPLE} people can be written to at once."
    if not text.strip() and post.get("forward") != "1":
        letter.errors["text"] = "Write something first."
    return letter


def answer(message: Message, owner: str, *, everybody: bool) -> Letter:
    """The beginning of an answer: to the sender, or to all who had the message."""
    mine = message.sender_email.casefold() == owner.casefold()
    sender = message.reply_to or [[message.sender_name, message.sender_email]]
    to = message.to if mine else sender
    cc: Sequence[Sequence[str]] = ()
    if everybody:
        others = [*([] if mine else message.to), *message.cc]
        known = {email.casefold() for _, email in to} | {owner.casefold()}
        cc = [(name, email) for name, email in others if email.casefold() not in known]
    subject = message.subject if re.match(r"(?i)re\s*:", message.subject) else f"Re: {message.subject}".strip()
    return Letter(_written(to), _written(cc), subject=subject[:LONGEST], quote=True)


def forward(message: Message) -> Letter:
    """The beginning of a letter that sends a message on."""
    subject = message.subject if re.match(r"(?i)fwd?\s*:", message.subject) else f"Fwd: {message.subject}".strip()
    return Letter(subject=subject[:LONGEST])


def again(payload: Mapping[str, Any]) -> Letter:
    """A letter that was not sent, to be changed."""

    def people(kind: str) -> str:
        return _written([(name, email) for email, name in payload.get(kind) or ()])

    subject, text = (str(payload.get(name) or "") for name in ("subject", "text"))
    return Letter(people("to"), people("cc"), people("bcc"), subject, text)


def quoted(message: Message, text: str, clock: Clock) -> str:
    """What a message says, as an answer repeats it below."""
    who = message.sender_name or message.sender_email
    lines = [f"> {line}".rstrip() for line in text.strip().splitlines()[:MOST_QUOTED]]
    return "\n".join([f"On {clock.whole(message.date)}, {who} wrote:", *lines]) if lines else ""


def _written(people: Sequence[Sequence[str]]) -> str:
    return ", ".join(formataddr((name, email)) for name, email in people if email)
