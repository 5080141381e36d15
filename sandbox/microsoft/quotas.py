"""Outlook's limits for an app and a mailbox: 10,000 requests in ten minutes, 150 MB of uploads in five.

"Microsoft Graph service-specific throttling limits". The limit of calls at once is ``endpoint``'s and always counts.
"""

from __future__ import annotations

from collections import defaultdict

from sandbox import quotas
from sandbox.bearer import Caller
from sandbox.microsoft.errors import GraphError
from sandbox.quotas import Window
from sandbox.store import Store

TEN_MINUTES = 600.0  # seconds
MOST = 10_000
FIVE_MINUTES = 300.0
MOST_CARRIED = 150 * 1024 * 1024  # bytes


class Quotas:
    """What the callers have asked lately."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.windows: defaultdict[tuple[str, int], Window] = defaultdict(lambda: Window(TEN_MINUTES))
        self.carried: defaultdict[tuple[str, int], Window] = defaultdict(lambda: Window(FIVE_MINUTES))

    def spend(self, caller: Caller, carried: int) -> None:
        """Count a request and its bytes, refused ones too. Raises Graph's 429 with the seconds to wait."""
        key = (caller.client_id, caller.account.id)
        self._count(self.windows, key, 1, MOST, "MailboxRequests")
        self.carry(key, carried)

    def carry(self, key: tuple[str, int], carried: int) -> None:
        """Count the bytes of an upload for an app and a mailbox."""
        self._count(self.carried, key, carried, MOST_CARRIED, "MailboxUpload")

    def _count(
        self, windows: defaultdict[tuple[str, int], Window], key: tuple[str, int], units: int, most: int, name: str
    ) -> None:
        if not units or quotas.table(self.store, key[0]) == "off":
            return
        now, window = self.store.now().timestamp(), windows[key]
        wait = window.wait(now, units, most)
        window.spend(now, units)
        if wait:
            message = f"Application is over its {name} limit."
            raise GraphError(429, "ApplicationThrottled", message, {"Retry-After": f"{wait:.3f}"})
