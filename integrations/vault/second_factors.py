"""Secrets of second factors at rest: encrypted with a key of the vault's own, which the key ring encrypts in turn.

So a rotation of the ring leaves them readable, and without the ring nobody can make a code. They are in allauth's
table, whose rows we do not lay out; when they are written and asked for is left to ``connect.second_factor``.
"""

from __future__ import annotations

import base64
import binascii
import os
from uuid import UUID

from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from integrations.vault import secrets
from integrations.vault.keyring import KeyUnavailable

PREFIX = "osmen1"
_NONCE = 12
# Where allauth keeps a secret, by the factor's type.
_PLACES = {Authenticator.Type.TOTP.value: "secret", Authenticator.Type.RECOVERY_CODES.value: "seed"}


def seal(text: str) -> str:
    """The text encrypted, with the id of the key that did it."""
    secret = secrets.present(secrets.SECOND_FACTOR)
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(secret.key).encrypt(nonce, text.encode(), _bound(secret.id))
    return f"{PREFIX}:{secret.id}:{base64.b64encode(sealed).decode('ascii')}"


def open_sealed(stored: str) -> str:
    """The text again. Raises ``KeyUnavailable``, also for one that was never encrypted: it is not ours."""
    try:
        prefix, key, encoded = stored.split(":")
        sealed = base64.b64decode(encoded, validate=True)
        secret = secrets.readable(secrets.SECOND_FACTOR).get(UUID(key)) if prefix == PREFIX else None
        if secret is not None:
            return AESGCM(secret.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(secret.id)).decode()
    except (ValueError, binascii.Error, InvalidTag):
        pass
    raise KeyUnavailable("This second factor cannot be read with the present keys.")


def seal_older() -> int:
    """Encrypt what an earlier version stored as it was. Answers how many; safe to repeat."""
    sealed = 0
    for factor in Authenticator.objects.filter(type__in=_PLACES):
        place = _PLACES[factor.type]
        text = factor.data.get(place, "")
        if text and not text.startswith(f"{PREFIX}:"):
            factor.data[place] = seal(text)
            factor.save(update_fields=("data",))
            sealed += 1
    return sealed


def _bound(key: UUID) -> bytes:
    return f"osmen:second-factor:{key}".encode()
