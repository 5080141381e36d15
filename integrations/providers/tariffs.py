"""Quotas as a provider declares them, and how its clients spend them. Who counts, and who waits, is the engine's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from integrations.records import Service


class Spend(Protocol):
    """Spends a quota: ``calls`` of a method (its API before the first dot) are about to go out.

    Waits for room, or raises ``RateLimited``. With ``least`` so many calls are enough: answers how many may go out now.
    """

    def __call__(self, method: str, calls: int, least: int | None = None) -> int: ...


def freely(method: str, calls: int, least: int | None = None) -> int:
    """A ``Spend`` for those whom no quota holds."""
    return calls


@dataclass(frozen=True, slots=True)
class Tariff:
    """A vendor's quota of one API: units that one account and the whole app may spend in ``seconds``.

    ``prices`` are units by method; a method that is not named costs one. ``items`` are the units that an item of a walk
    costs, for services whose items are read one by one.
    """

    account: int
    app: int
    seconds: float = 60.0
    prices: Mapping[str, int] = field(default_factory=dict)
    items: Mapping[Service, int] = field(default_factory=dict)

    def prices_ratio(self, other: Tariff) -> float:
        """How much dearer the dearest change of price makes a call than it is by the other tariff."""
        return max((price / other.prices.get(method, 1) for method, price in self.prices.items()), default=1.0)
