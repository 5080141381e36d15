"""Counts what Google's callers spend, by the minute and by the day, and refuses what is too much.

Refused as Gmail API, "Resolve errors", Calendar API, "Handle API errors", and Google Cloud's quota errors (an ErrorInfo
that names the quota and its unit) have it. What a call costs is left to ``prices``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox import quotas
from sandbox.bearer import Caller
from sandbox.google.calls import Row
from sandbox.google.contract import Method
from sandbox.google.errors import GoogleError
from sandbox.google.prices import BUCKETS, Bucket, price
from sandbox.quotas import Table, Window
from sandbox.store import Store

MINUTE = 60.0  # seconds
_DAYS = ZoneInfo("America/Los_Angeles")


class Quotas:
    """What the callers of one API have spent. Minutes are kept in memory: a minute later they are forgotten anyway."""

    def __init__(self, store: Store, api: str) -> None:
        self.store = store
        self.api = api
        self.windows: defaultdict[tuple[str, str, int], Window] = defaultdict(lambda: Window(MINUTE))

    def spend(self, caller: Caller, method: Method, row: Row, query: Mapping[str, Any]) -> None:
        """Count a call. Raises Google's refusal, which costs nothing, if it is one too many."""
        table, limits = quotas.table(self.store, caller.client_id), quotas.limits(self.store, caller.client_id)
        if table == "off" and not limits:
            return
        counted = [
            (name, units, account, most)
            for name, units in price(self.api, method, row, query, table).items()
            for account, most in self._holders(caller, name, table, limits)
        ]
        for name, units, account, most in counted:
            self._check((name, caller.client_id, account), units, most)
        for name, units, account, _ in counted:
            key = (name, caller.client_id, account)
            if _bucket(name).daily:
                quotas.spend_today(self.store, key, self._today(), units)
            else:
                self.windows[key].spend(self.store.now().timestamp(), units)

    def _holders(self, caller: Caller, name: str, table: Table, limits: Mapping[str, int]) -> list[tuple[int, int]]:
        """Who may spend how much of a quota: the user, and the whole app under the number 0."""
        bucket = Bucket("") if table == "off" else BUCKETS[table][name]
        user, project = bucket.user, bucket.project
        if name in limits:
            if _of_app(name):
                project = limits[name]
            else:
                user = limits[name]
        return [(one, most) for one, most in ((caller.account.id, user), (0, project)) if most is not None]

    def _check(self, key: tuple[str, str, int], units: int, most: int) -> None:
        name, _, account = key
        if _bucket(name).daily:
            if quotas.spent_today(self.store, key, self._today()) + units > most:
                raise self._used_up(name, most)
        elif wait := self.windows[key].wait(self.store.now().timestamp(), units, most):
            raise self._too_quick(name, wait, most, user=bool(account))

    def _today(self) -> str:
        return self.store.now().astimezone(_DAYS).date().isoformat()

    def _used_up(self, name: str, most: int) -> GoogleError:
        """The limit of a day."""
        if name == "gmail/day":
            return _usage_limit("dailyLimitExceeded", "Daily Limit Exceeded")
        if name == "calendar/day":
            details = [_info(name, most, user=False)]
            return _usage_limit("quotaExceeded", "Calendar usage limits exceeded.", details)
        return _named(name, most, user=True)

    def _too_quick(self, name: str, wait: float, most: int, *, user: bool) -> GoogleError:
        """The limit of a minute."""
        if self.api == "people":
            return _named(name, most, user=user)
        if not user:
            return _usage_limit("rateLimitExceeded", "Rate Limit Exceeded")
        message = "User Rate Limit Exceeded"
        if self.api == "gmail":
            again = self.store.now() + timedelta(seconds=wait)
            message = f"User-rate limit exceeded.  Retry after {again:%Y-%m-%dT%H:%M:%S.000Z}"
        return _usage_limit("userRateLimitExceeded", message)


def _bucket(name: str) -> Bucket:
    return BUCKETS["new"][name]


def _of_app(name: str) -> bool:
    """Whether a quota counts for a whole app only."""
    return _bucket(name).user is None and _bucket(name).project is not None


def _usage_limit(reason: str, message: str, details: list[dict[str, Any]] | None = None) -> GoogleError:
    return GoogleError(403, reason, message, status="RESOURCE_EXHAUSTED", domain="usageLimits", details=details)


def _named(name: str, most: int, *, user: bool) -> GoogleError:
    metric, unit = _bucket(name).metric, "day" if _bucket(name).daily else "minute"
    limit = f"{metric} per {unit}" + (" per user" if user else "")
    message = f"Quota exceeded for quota metric '{metric}' and limit '{limit}' of service 'people.googleapis.com'."
    return GoogleError(429, "rateLimitExceeded", message, details=[_info(name, most, user=user)])


def _info(name: str, most: int, *, user: bool) -> dict[str, Any]:
    service = f"{name.partition('/')[0]}.googleapis.com"
    unit = ("1/d" if _bucket(name).daily else "1/min") + "/{project}" + ("/{user}" if user else "")
    metric = f"{service}/{name.partition('/')[2].replace('-', '_')}"
    metadata = {"service": service, "quota_metric": metric, "quota_unit": unit, "quota_limit_value": str(most)}
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": metadata,
    }
