"""The OAuth apps that the sandbox's vendors know: their ids, secrets and registered redirect addresses.

One app per vendor exists from the start; more, and more redirect addresses, are registered by the control API or on the
command line. What an app may do with them is decided in ``sandbox.oauth``. Registrations outlive a reset of the world.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from sandbox import misregistered
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS client (
    provider TEXT NOT NULL,
    client_id TEXT NOT NULL,
    secret TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'web',        -- 'web' or 'desktop'
    testing INTEGER NOT NULL DEFAULT 0,      -- Google's publishing status "Testing"
    audience TEXT NOT NULL DEFAULT 'common', -- Microsoft: 'common', 'organizations', 'consumers' or one tenant's id
    PRIMARY KEY (provider, client_id)
);
CREATE TABLE IF NOT EXISTS redirect_uri (
    provider TEXT NOT NULL,
    client_id TEXT NOT NULL,
    uri TEXT NOT NULL,
    PRIMARY KEY (provider, client_id, uri),
    FOREIGN KEY (provider, client_id) REFERENCES client ON DELETE CASCADE
);
"""

Kind = Literal["web", "desktop", "public"]


@dataclass(frozen=True, slots=True)
class Client:
    """One registered app. ``testing`` and ``audience`` are what an operator sets in the vendor's console."""

    provider: str
    client_id: str
    secret: str
    name: str
    kind: Kind = "web"
    testing: bool = False
    audience: str = "common"
    redirect_uris: frozenset[str] = frozenset()
    secret_expired: bool = False

    def knows(self, redirect_uri: str) -> bool:
        """Whether an answer may be sent there: the very string that was registered.

        A loopback address may carry any port (RFC 8252, 7.3) at Microsoft, and for a desktop app at Google.
        """
        if redirect_uri in self.redirect_uris:
            return True
        if self.kind != "desktop" and self.provider != "microsoft":
            return False
        asked = _without_port(redirect_uri)
        return asked is not None and asked in {_without_port(uri) for uri in self.redirect_uris}

    def has_secret(self, secret: str) -> bool:
        """Whether this is the app's secret, compared in constant time."""
        return not self.secret_expired and secrets.compare_digest(self.secret.encode(), secret.encode())


# Where a program on this machine waits for its answer, registered as each vendor's console would have it.
BUILT_IN = (
    Client(
        "google",
        "sandbox-google",
        "sandbox-google-secret",
        "OsMEN",
        redirect_uris=frozenset({"http://127.0.0.1:8765/"}),
    ),
    Client(
        "microsoft",
        "sandbox-microsoft",
        "sandbox-microsoft-secret",
        "OsMEN",
        redirect_uris=frozenset({"http://localhost"}),
    ),
)


def _without_port(uri: str) -> str | None:
    parts = urlsplit(uri)
    if parts.scheme != "http" or parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        return None
    return f"{parts.hostname}{parts.path or '/'}?{parts.query}"


def register(store: Store, client: Client) -> Client:
    """Add an app or change it; redirect addresses are added to those it has."""
    with store.write() as db:
        db.execute(
            "INSERT INTO client (provider, client_id, secret, name, kind, testing, audience)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (provider, client_id) DO UPDATE SET secret = excluded.secret, name = excluded.name,"
            " kind = excluded.kind, testing = excluded.testing, audience = excluded.audience",
            (
                client.provider,
                client.client_id,
                client.secret,
                client.name,
                client.kind,
                client.testing,
                client.audience,
            ),
        )
    _add_addresses(store, client, client.redirect_uris)
    found = registered(store, client.provider, client.client_id)
    assert found is not None
    return found


def _add_addresses(store: Store, client: Client, uris: Iterable[str]) -> None:
    with store.write() as db:
        db.executemany(
            "INSERT OR IGNORE INTO redirect_uri (provider, client_id, uri) VALUES (?, ?, ?)",
            [(client.provider, client.client_id, uri) for uri in uris],
        )


def find(store: Store, provider: str, client_id: str) -> Client | None:
    """The app with this id at this vendor as it behaves now, or None."""
    found = registered(store, provider, client_id)
    return replace(found, **misregistered.changes(store, provider)) if found else None


def registered(store: Store, provider: str, client_id: str) -> Client | None:
    """The app as it was registered, or None."""
    row = store.row("SELECT * FROM client WHERE provider = ? AND client_id = ?", provider, client_id)
    if row is None:
        return None
    uris = store.rows("SELECT uri FROM redirect_uri WHERE provider = ? AND client_id = ?", provider, client_id)
    return Client(
        row["provider"],
        row["client_id"],
        row["secret"],
        row["name"],
        row["kind"],
        bool(row["testing"]),
        row["audience"],
        frozenset(uri["uri"] for uri in uris),
    )


def all_of(store: Store) -> list[Client]:
    """Every app as it was registered."""
    found = (
        registered(store, row["provider"], row["client_id"]) for row in store.rows("SELECT * FROM client ORDER BY 1, 2")
    )
    return [client for client in found if client is not None]


def prepare(store: Store) -> None:
    """Create the tables and the built-in apps; a registration that is there already is kept, with their addresses."""
    store.ensure(SCHEMA)
    store.ensure(misregistered.SCHEMA)
    for client in BUILT_IN:
        if find(store, client.provider, client.client_id) is None:
            register(store, client)
        else:
            _add_addresses(store, client, client.redirect_uris)


def register_base(store: Store, base: str) -> None:
    """Let an OsMEN that is served at ``base`` receive the answers of both vendors."""
    for client in BUILT_IN:
        _add_addresses(store, client, [f"{base.rstrip('/')}/accounts/{client.provider}/login/callback/"])
