"""The vendors of the sandbox and what each offers to the rest of it. Adding one means a package and a line here."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.routing import BaseRoute

from sandbox import google, microsoft
from sandbox.accounts import Account
from sandbox.seeds import LeftOut, SeedAccount
from sandbox.store import Store


class VendorModule(Protocol):
    """What a vendor's package has at its top."""

    def routes(self, store: Store) -> list[BaseRoute]:
        """The addresses of its APIs."""

    def load(self, store: Store, seed: SeedAccount) -> LeftOut:
        """Make an account with all that is in it, or add to one; answers what it could not take."""

    def clear(self, store: Store) -> None:
        """Remove everything that its accounts hold."""

    def counts(self, store: Store, account: Account) -> dict[str, int]:
        """How many ``messages``, ``events`` and ``contacts`` an account holds."""

    def messages(self, store: Store, account: Account) -> list[dict[str, Any]]:
        """An account's messages: ``id``, ``subject``, and ``labels`` or ``folder``."""

    def deliver(self, store: Store, account: Account, raw: bytes) -> None:
        """Let a message arrive in an account's inbox."""

    def expire_cursors(self, store: Store, account: Account) -> None:
        """Make every sync cursor that an account gave out so far too old."""


VENDORS: dict[str, VendorModule] = {"google": google, "microsoft": microsoft}
