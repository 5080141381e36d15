"""Spending a provider's quota: so much for each account and each app in a sliding window, over all workers.

What a call costs is the provider's tariff (``Provider.tariffs``). A call that is not in the budget now waits for its
turn; one that would wait long gives its worker back. Windows are rows changed by conditional updates.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db.models import F

from integrations.errors import RateLimited
from integrations.models import Budget, Connection
from integrations.providers.tariffs import Spend, Tariff

CODE = "budget"
# Background work leaves a little of an account's quota to what a person is waiting for.
BACKGROUND = 0.98
# A provider counts a call when it arrives, which is somewhat later than we do.
MARGIN_SECONDS = 0.5
SLOTS = 120
PATIENCE_SECONDS = 20.0
# How long a process goes by what it read of an app: how many accounts it has, and which tariff counts.
KNOWN_SECONDS = 10.0
_TRIES = 50

Spent = list[list[float]]


def spender(connection: Connection, share: float = BACKGROUND) -> Spend:
    """What a session's clients spend through: waits until the calls are in the budget.

    Raises ``RateLimited`` with code "budget" where that takes too long.
    """

    def spend(method: str, calls: int, least: int | None = None) -> int:
        api = method.partition(".")[0]
        if calls < 1 or not (tariffs := connection.provider_spec.tariffs.get(api)):
            return calls
        tariff = current(connection, api, tariffs)
        price = tariff.prices.get(method, 1)
        sizes = (calls * price, (calls if least is None else least) * price, price)
        units = _wait(f"{connection.pk}:{api}", sizes, tariff.account * share, tariff.seconds)
        # Fewer accounts than the app's quota has room for cannot use it up together.
        if _known(connection.app_id)[0] > tariff.app // tariff.account:
            _wait(app_key(connection, api), (units, units, price), tariff.app * share, tariff.seconds)
        return units // price

    return spend


def app_key(connection: Connection, api: str) -> str:
    """The key of an app's row."""
    return f"app:{connection.app_id}:{api}"


def current(connection: Connection, api: str, tariffs: Sequence[Tariff]) -> Tariff:
    """The tariff that counts for a connection."""
    if len(tariffs) == 1:
        return tariffs[0]
    return chosen(tariffs, tight=app_key(connection, api) in _known(connection.app_id)[1])


_apps: dict[UUID, tuple[float, int, frozenset[str]]] = {}


def _known(app_id: UUID) -> tuple[int, frozenset[str]]:
    """How many accounts an app has, and the keys of its rows whose smaller quota counts, as of some seconds ago."""
    now = time.monotonic()
    read_at, accounts, tight = _apps.get(app_id, (now - KNOWN_SECONDS, 0, frozenset()))
    if now - read_at < KNOWN_SECONDS:
        return accounts, tight
    accounts = Connection.objects.filter(app_id=app_id).count()
    keys = Budget.objects.filter(key__startswith=f"app:{app_id}:", tight=True).values_list("key", flat=True)
    _apps[app_id] = (now, accounts, frozenset(keys))
    return _apps[app_id][1:]


def chosen(tariffs: Sequence[Tariff], *, tight: bool) -> Tariff:
    """The tariff that the operator names or, where that is left open, that the provider has shown to count."""
    return {"large": tariffs[0], "small": tariffs[-1]}.get(settings.OSMEN_GMAIL_QUOTA, tariffs[-1 if tight else 0])


def refused(connection: Connection) -> None:
    """A provider refused what our budget allowed: where it has a smaller quota, that one counts from now on."""
    for api, tariffs in connection.provider_spec.tariffs.items():
        row = Budget.objects.filter(key=f"{connection.pk}:{api}").first()
        if len(tariffs) == 1 or row is None:
            continue
        small = tariffs[-1]
        calls_at_large = sum(units for _, units in recent(row.spent, small.seconds, time.time()))
        # By the small tariff every read costs four times as much. A refusal of far less has other causes.
        if calls_at_large * small.prices_ratio(tariffs[0]) > small.account * 0.8:
            Budget.objects.update_or_create(key=app_key(connection, api), defaults={"tight": True})
            _apps.pop(connection.app_id, None)


def recent(spent: Spent, seconds: float, now: float) -> Spent:
    """The part of a window that still counts."""
    return [[at, units] for at, units in spent if at > now - seconds - MARGIN_SECONDS]


def _wait(key: str, sizes: tuple[int, int, int], limit: float, seconds: float) -> int:
    """Wait for room in a window, and answer how many units were entered: see ``_reserve``."""
    started = time.monotonic()
    while True:
        units, wait = _reserve(key, sizes, limit, seconds)
        if units:
            return units
        if time.monotonic() - started + wait > PATIENCE_SECONDS:
            raise RateLimited("The provider's limit is used up for now.", retry_after=wait, code=CODE)
        time.sleep(wait)


def _reserve(key: str, sizes: tuple[int, int, int], limit: float, seconds: float) -> tuple[int, float]:
    """Enter units into a window: as many as there is room for, between the most, the least and in steps of the third.

    Answers how many; or none, and how many seconds to wait before trying again.
    """
    most, least, step = sizes
    for _ in range(_TRIES):
        rows = list(Budget.objects.filter(key=key).values_list("spent", "version"))
        if not rows:
            Budget.objects.get_or_create(key=key)
            continue
        stored, version = rows[0]
        now = time.time()
        spent = recent(stored, seconds, now)
        room = limit - sum(used for _, used in spent)
        if least > room and spent:
            return 0, _until(spent, least - room, seconds, now)
        # What is more than the whole window allows goes out when nothing else does.
        units = max(min(most, int(room // step) * step), least)
        if spent and now - spent[-1][0] < seconds / SLOTS:
            spent[-1] = [now, spent[-1][1] + units]
        else:
            spent.append([now, units])
        mine = Budget.objects.filter(key=key, version=version)
        if mine.update(spent=spent, version=F("version") + 1):
            return units, 0.0
    return 0, seconds / SLOTS


def _until(spent: Spent, missing: float, seconds: float, now: float) -> float:
    for at, units in spent:
        missing -= units
        if missing <= 0:
            return max(at + seconds + MARGIN_SECONDS - now, 0.01)
    return max(spent[-1][0] + seconds + MARGIN_SECONDS - now, 0.01)
