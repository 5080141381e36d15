"""What a provider says over a channel, and the channel."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A provider's promise to tell of changes. ``id`` is ours; the other two are what the provider calls it."""

    id: str
    provider_id: str
    resource_id: str = ""
    expires_at: datetime | None = None


class Lifecycle(enum.StrEnum):
    """What a provider says of a channel itself."""

    CHANGED = "changed"  # sync the collection
    ENDING = "ending"  # renew the channel, then sync
    ENDED = "ended"  # open another, then sync


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a provider told us: by which channel, with which secret, and what it means.

    A vendor that knows no channels names the account by its ``email`` instead, having proved by itself who it is.
    """

    channel_id: str = ""
    secret: str = field(default="", repr=False)
    email: str = ""
    meaning: Lifecycle = Lifecycle.CHANGED
