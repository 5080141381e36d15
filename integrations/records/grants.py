"""What a token endpoint and an identity endpoint answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What a token endpoint answered.

    ``refresh_token`` is empty where none came. Never logged: ``repr`` hides the text.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]
    refresh_token: str = field(default="", repr=False)
    refresh_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an account is. ``subject`` never changes and is never an e-mail address."""

    subject: str
    email: str
    name: str = ""
