"""What a handler gets and gives: one call, already authenticated and checked against the contract, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.accounts import Account
from sandbox.bearer import Caller
from sandbox.google.contract import Method
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Call:
    """``path`` and ``query`` hold decoded, typed values; ``media`` is an upload's content; ``base`` our own address."""

    store: Store
    caller: Caller
    method: Method
    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any]
    headers: Mapping[str, str]
    base: str
    media: bytes | None = None

    @property
    def account(self) -> Account:
        return self.caller.account


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is more than a 200 with JSON. ``content`` None has no body."""

    content: dict[str, Any] | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], dict[str, Any] | Answer | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a service's route table.

    ``units`` and ``units_2026`` are what a call costs against the quota, for Cloud projects that are older or newer
    than 1 May 2026 (Gmail API, "Usage limits").
    """

    handler: Handler
    units: int = 1
    units_2026: int = 1


Table = dict[str, Row]
