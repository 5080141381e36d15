"""Service accounts: who reads subscriptions. Their keys are made by the control API and traded for access tokens here.

Google Identity, "Using OAuth 2.0 for server to server applications": a JWT that the account signed, RFC 7523.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.accounts import Account
from sandbox.oauth import tokens
from sandbox.oauth.google.errors import TokenError
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS service_account (
    email TEXT PRIMARY KEY,
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL
);
"""
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"  # Google's own library names it whatever the key's token_uri says
LIFETIME = timedelta(hours=1)
SCOPES = frozenset(
    {"https://www.googleapis.com/auth/pubsub", "https://www.googleapis.com/auth/cloud-platform"}
)  # either lets its holder use Pub/Sub
NOBODY = 0  # the account id of tokens that belong to no person


def create(store: Store, email: str, token_uri: str) -> dict[str, str]:
    """A service account with a new key, as the file that Google lets one download."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    key_id = secrets.token_hex(20)
    with store.write() as db:
        db.execute("INSERT OR REPLACE INTO service_account VALUES (?, ?, ?)", (email, key_id, public))
    return {
        "type": "service_account",
        "project_id": email.partition("@")[2].partition(".")[0],
        "private_key_id": key_id,
        "private_key": private,
        "client_email": email,
        "client_id": str(10**20 + int(key_id[:12], 16)),
        "token_uri": token_uri,
    }


def exchange(store: Store, assertion: str, token_uri: str) -> dict[str, Any]:
    """An access token for a signed assertion. Raises Google's ``invalid_grant``."""
    try:
        unchecked = jwt.decode(assertion, options={"verify_signature": False})
        email = str(unchecked.get("iss", ""))
        key = store.value("SELECT public_key FROM service_account WHERE email = ?", email)
        if key is None:
            raise TokenError("invalid_grant", "Invalid grant: account not found")
        options: Any = {"verify_exp": False, "verify_iat": False, "require": ["exp", "iat"]}
        claims = jwt.decode(assertion, key, algorithms=["RS256"], audience=[token_uri, AUDIENCE], options=options)
    except jwt.InvalidSignatureError:
        raise TokenError("invalid_grant", "Invalid JWT Signature.") from None
    except jwt.PyJWTError as error:
        raise TokenError("invalid_grant", f"Invalid JWT: {error}") from None
    now = store.now().timestamp()
    if not now - 300 <= float(claims["exp"]) <= now + 3900 or float(claims["iat"]) > now + 300:
        raise TokenError("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)")
    scopes = frozenset(str(claims.get("scope", "")).split())
    if not scopes:
        raise TokenError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    value = f"ya29.c.{secrets.token_urlsafe(150)}"
    holder = Account(NOBODY, "google", email, email, email, "", "UTC")
    tokens.issue(store, "access", value, holder, email, scopes, LIFETIME)
    return {"access_token": value, "expires_in": int(LIFETIME.total_seconds()) - 1, "token_type": "Bearer"}


def may_use_pubsub(store: Store, authorization: str) -> int:
    """0 if a bearer token lets its holder use Pub/Sub, or else the status of the refusal: 401 or 403."""
    scheme, _, value = authorization.partition(" ")
    token = tokens.access_token(store, value.strip()) if scheme.lower() == "bearer" else None
    if token is None or token.provider != "google" or not token.is_alive(store.now()):
        return 401
    return 0 if token.scopes & SCOPES else 403
