"""The sandbox's Microsoft Graph v1.0: mail, calendars and contacts of its Microsoft accounts.

What the rest of the sandbox may use is here; OAuth is ``sandbox.oauth.microsoft``'s.
"""

from __future__ import annotations

from starlette.routing import BaseRoute

from sandbox import faults
from sandbox.accounts import Account
from sandbox.microsoft import clock, endpoint
from sandbox.microsoft.load import clear, counts, deliver, load, messages
from sandbox.microsoft.schema import SCHEMA
from sandbox.store import Store

__all__ = ["clear", "counts", "deliver", "expire_cursors", "load", "messages", "prepare", "routes"]


def prepare(store: Store) -> None:
    """Create the tables if they are not there."""
    store.ensure(faults.SCHEMA)
    store.ensure(SCHEMA)


def routes(store: Store) -> list[BaseRoute]:
    """The addresses of the API; makes its tables."""
    prepare(store)
    return endpoint.routes(store)


def expire_cursors(store: Store, account: Account | None = None) -> None:
    """Make every delta token given out so far too old, for one account or for all."""
    clock.expire(store, account)
