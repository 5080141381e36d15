"""Secrets of second factors at rest: encrypted with a key of the vault's own, which the key ring encrypts in turn.

So a rotation of the ring leaves them readable, and without the ring nobody can make a code. They are in allauth's
table, whose rows we do not lay out: a secret is bound to its row and field when that is saved, and knows from where it
was loaded; copied to another account it is refused. One that is being set up waits in its person's session, bound to
them. When they are asked for is left to ``connect.second_factor``.
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models.signals import post_init, pre_save

from integrations.vault import secrets
from integrations.vault.keyring import KeyUnavailable

PREFIX = "osmen2"
# Where allauth keeps a secret, by the factor's type.
PLACES = {Authenticator.Type.TOTP.value: "secret", Authenticator.Type.RECOVERY_CODES.value: "seed"}
_NONCE = 12
_NOWHERE = ""


class Sealed(str):
    """An encrypted secret, and the row and field that it is in."""

    where: str

    def __new__(cls, text: str, where: str) -> Sealed:
        made = super().__new__(cls, text)
        made.where = where
        return made


def seal(text: str) -> Sealed:
    """The text encrypted, with the id of the key that did it. Its row is not known yet."""
    return _seal(text, _NOWHERE)


def open_sealed(stored: str) -> str:
    """The text again. Raises ``KeyUnavailable``, also for one that was never encrypted, or not for that row."""
    where = stored.where if isinstance(stored, Sealed) else _NOWHERE
    try:
        prefix, key, encoded = stored.split(":")
        sealed = base64.b64decode(encoded, validate=True)
        secret = secrets.readable(secrets.SECOND_FACTOR).get(UUID(key)) if prefix == PREFIX else None
        if secret is not None:
            bound = _bound(secret.id, where)
            return AESGCM(secret.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound).decode()
    except (ValueError, binascii.Error, InvalidTag):
        pass
    raise KeyUnavailable("This second factor cannot be read with the present keys.")


def seal_pending(text: str, user: object) -> Sealed:
    """The secret of an authenticator app that a person is setting up, for their session; good nowhere else."""
    return _seal(text, _pending(user))


def open_pending(stored: str, user: object) -> str:
    """That secret again. Raises ``KeyUnavailable``, also for another person's."""
    return open_sealed(Sealed(stored, _pending(user)))


def bind(data: dict[str, Any], user: object, kind: str) -> None:
    """Bind a secret that was just encrypted to the row that it is about to be saved in."""
    place = PLACES.get(kind)
    fresh = data.get(place) if place else None
    if isinstance(fresh, Sealed) and fresh.where == _NOWHERE:
        data[str(place)] = _seal(open_sealed(fresh), _row(user, kind))


def listen() -> None:
    """From here on what is loaded from allauth's table knows its row, and what is saved there is bound to it."""
    post_init.connect(_loaded, sender=Authenticator, dispatch_uid="second factors")
    pre_save.connect(_saved, sender=Authenticator, dispatch_uid="second factors")


def _loaded(instance: Authenticator, **_: Any) -> None:
    # Of a row that was loaded in part not all of these are here; its secret stays unread.
    user, kind, data = (instance.__dict__.get(name) for name in ("user_id", "type", "data"))
    place = PLACES.get(str(kind))
    if user is not None and data and place in data and not isinstance(data[place], Sealed):
        data[place] = Sealed(data[place], _row(user, str(kind)))


def _saved(instance: Authenticator, **_: Any) -> None:
    bind(instance.data, instance.user_id, instance.type)


def _seal(text: str, where: str) -> Sealed:
    secret = secrets.present(secrets.SECOND_FACTOR)
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(secret.key).encrypt(nonce, text.encode(), _bound(secret.id, where))
    return Sealed(f"{PREFIX}:{secret.id}:{base64.b64encode(sealed).decode('ascii')}", where)


def _row(user: object, kind: str) -> str:
    """What a secret is bound to. A person has one row of each type, and that has no number before it is saved."""
    return f"{Authenticator._meta.db_table}:{user}:{kind}:data.{PLACES[kind]}"


def _pending(user: object) -> str:
    return f"session:{user}:totp"


def _bound(key: UUID, where: str) -> bytes:
    return f"osmen:second-factor:{key}:{where}".encode()
