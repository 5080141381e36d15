"""All tables of the authorisation servers, created in the order of their references."""

from __future__ import annotations

from sandbox.oauth import codes, grants, keys, pending, tokens
from sandbox.store import Store


def prepare(store: Store) -> None:
    """Create what is missing."""
    for module in (tokens, grants, codes, pending, keys):
        store.ensure(module.SCHEMA)
