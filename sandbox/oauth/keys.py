"""The keys that vendors sign ID tokens with: two at a time, the newer one in use, replaced by rotation.

The claims are left to the vendors. Keys are made when they are first needed and kept in the store.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS signing_key (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    kid TEXT NOT NULL,
    pem TEXT NOT NULL
);
"""
PUBLISHED = 2
_DATES = frozenset({"iat", "nbf", "exp"})


def _make(store: Store, provider: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    kid = hashlib.sha256(str(key.public_key().public_numbers().n).encode()).hexdigest()[:40]
    with store.write() as db:
        db.execute("INSERT INTO signing_key (provider, kid, pem) VALUES (?, ?, ?)", (provider, kid, pem))


def _current(store: Store, provider: str) -> list[tuple[str, str]]:
    """(kid, PEM) of the published keys, the one in use first."""
    while (store.value("SELECT count(*) FROM signing_key WHERE provider = ?", provider) or 0) < PUBLISHED:
        _make(store, provider)
    found = store.rows(
        "SELECT kid, pem FROM signing_key WHERE provider = ? ORDER BY id DESC LIMIT ?", provider, PUBLISHED
    )
    return [(row["kid"], row["pem"]) for row in found]


def rotate(store: Store, provider: str) -> None:
    """Sign with a new key from now on; the one before it stays published, the one before that does not."""
    _current(store, provider)
    _make(store, provider)


def key_set(store: Store, provider: str) -> dict[str, list[dict[str, Any]]]:
    """The published public keys as a JSON Web Key Set (RFC 7517)."""
    published: list[dict[str, Any]] = []
    for kid, pem in _current(store, provider):
        private = serialization.load_pem_private_key(pem.encode(), None)
        assert isinstance(private, rsa.RSAPrivateKey)
        numbers = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
        published.append({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": numbers["n"], "e": numbers["e"]})
    return {"keys": published}


def sign(store: Store, provider: str, claims: dict[str, Any]) -> str:
    """The claims as a signed ID token (RS256), dated by the real time: who verifies it has no other clock."""
    ahead = round((store.now() - datetime.now(UTC)).total_seconds())
    claims = {name: value - ahead if name in _DATES else value for name, value in claims.items()}
    kid, pem = _current(store, provider)[0]
    return jwt.encode(claims, pem, algorithm="RS256", headers={"kid": kid})
