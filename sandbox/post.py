"""The post office between the sandbox's accounts: what one sends arrives at every other that it is addressed to.

Addresses outside the sandbox are dropped. How a message is stored, and the sender's own copy, are left to the vendors,
who announce here how they take mail in.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox import accounts
from sandbox.accounts import Account, Vendor
from sandbox.store import Store

Deliver = Callable[[Store, Account, bytes], None]
_offices: dict[Vendor, Deliver] = {}


def serve(provider: Vendor, deliver: Deliver) -> None:
    """Let a vendor's accounts get mail by this function."""
    _offices[provider] = deliver


def _address(recipient: str) -> str:
    """The bare address of one recipient. By hand: the standard parser recurses without end on some real headers."""
    return recipient.rpartition("<")[2].strip(" \t>").lower()


def post(store: Store, sender: Account, raw: bytes, recipients: list[str]) -> None:
    """Deliver a message once to every account that ``recipients`` (one address each, with or without a name) names.

    Mail to oneself arrives, too. All deliveries are one transaction.
    """
    wanted = {_address(recipient) for recipient in recipients}
    with store.write():
        for account in accounts.all_of(store):
            if account.email.lower() in wanted:
                _offices[account.provider](store, account, raw)
