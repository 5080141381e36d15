"""Google's quotas: units of a minute for a user and for a project, in the tables before and since 1 May 2026.

Gmail API, "Usage limits": a method's price is in the route tables (``Row.units``, ``Row.units_2026``). Calendar API,
"Manage quotas": calls a minute. People API: named buckets whose sizes only the console shows; the numbers here are what
it shows for a fresh project. Refused: Gmail API, "Resolve errors"; Calendar API, "Handle API errors".
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from sandbox import quotas
from sandbox.bearer import Caller
from sandbox.google.calls import Row
from sandbox.google.contract import Method
from sandbox.google.errors import GoogleError
from sandbox.quotas import Table, Window
from sandbox.store import Store

MINUTE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Units a minute."""

    user: int
    project: int


LIMITS: dict[str, dict[Table, Limits]] = {
    "gmail": {"old": Limits(15_000, 1_200_000), "new": Limits(6_000, 1_200_000)},
    "calendar": {"old": Limits(600, 10_000), "new": Limits(600, 10_000)},
    "people reads": {"old": Limits(60, 3_000), "new": Limits(60, 3_000)},
    "people writes": {"old": Limits(30, 1_500), "new": Limits(30, 1_500)},
}


class Quotas:
    """What the callers of one API have spent. Kept in memory: a minute later it would be forgotten anyway."""

    def __init__(self, store: Store, api: str) -> None:
        self.store = store
        self.api = api
        self.windows: defaultdict[tuple[str, str, int], Window] = defaultdict(lambda: Window(MINUTE))

    def spend(self, caller: Caller, method: Method, row: Row) -> None:
        """Count a call. Raises Google's refusal, which costs nothing, if it is one too many."""
        table = quotas.table(self.store, caller.client_id)
        if table == "off":
            return
        bucket = self.api
        if bucket == "people":
            bucket += " reads" if method.verb == "GET" else " writes"
        units, limits = row.units_2026 if table == "new" else row.units, LIMITS[bucket][table]
        now = self.store.now().timestamp()
        user = self.windows[(bucket, caller.client_id, caller.account.id)]
        project = self.windows[(bucket, caller.client_id, 0)]
        if wait := user.wait(now, units, limits.user):
            raise self._refusal(bucket, wait, user=True)
        if wait := project.wait(now, units, limits.project):
            raise self._refusal(bucket, wait, user=False)
        user.spend(now, units)
        project.spend(now, units)

    def _refusal(self, bucket: str, wait: float, *, user: bool) -> GoogleError:
        if self.api == "people":
            name = "Critical read requests" if bucket.endswith("reads") else "Critical write requests"
            limit = f"{name} (Contact and Profile Reads) per minute" + (" per user" if user else "")
            message = (
                f"Quota exceeded for quota metric '{name}' and limit '{limit}' of service 'people.googleapis.com'."
            )
            return GoogleError(429, "rateLimitExceeded", message)
        reason = "userRateLimitExceeded" if user else "rateLimitExceeded"
        message = "User Rate Limit Exceeded" if user else "Rate Limit Exceeded"
        if self.api == "gmail" and user:
            message = f"User-rate limit exceeded.  Retry after {self._when(wait)}"
        return GoogleError(403, reason, message, status="RESOURCE_EXHAUSTED", domain="usageLimits")

    def _when(self, wait: float) -> str:
        return f"{self.store.now() + timedelta(seconds=wait):%Y-%m-%dT%H:%M:%S.000Z}"
