"""The key ring in use: a Tink keyset (AES-256-GCM) that encrypts tokens and client secrets at rest.

Each ciphertext begins with the id of its key (Tink's prefix: one byte, then four of id). Where the keyset comes from is
left to ``keysource``, which rows are encrypted to ``fields``. A changed file is taken over while the process runs; one
that cannot be read leaves the ring as it was, so that a slip in a file does not lock everyone out.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any

import tink
from tink import aead

from integrations.vault import keysource
from integrations.vault.keyset import KeyringError, Keyset
from integrations.vault.keysource import create, exists

__all__ = [
    "KeyUnavailable",
    "KeyringError",
    "Ring",
    "check",
    "create",
    "decrypt",
    "exists",
    "key_id_of",
    "key_ids",
    "keyset",
    "present",
    "primary_key_id",
    "reload",
]

logger = logging.getLogger(__name__)

PREFIX_LENGTH = 5


class KeyUnavailable(KeyringError):
    """A stored value cannot be read with the present keys (wrong or lost key, or a ciphertext that was moved)."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A loaded ring and the state of its source at that time."""

    stamp: keysource.Stamp
    keyset: Keyset
    primitive: Any

    def encrypt(self, text: str, associated: bytes) -> bytes:
        """Encrypt ``text``, bound to ``associated``: it can be read only where the same is given again."""
        return bytes(self.primitive.encrypt(text.encode(), associated))


_loaded: Ring | None = None
_loading = threading.Lock()


def present() -> Ring:
    """The ring in use, read again when its source has changed. Whoever encrypts under locks may ask once for all.

    Raises ``KeyringError``.
    """
    global _loaded
    known = _loaded
    stamp = keysource.stamp()
    if known is not None and known.stamp == stamp:
        return known
    with _loading:
        if _loaded is not None and _loaded.stamp == stamp:
            return _loaded
        try:
            found = Keyset.read(keysource.read())
            _loaded = Ring(stamp, found, found.handle.primitive(aead.Aead))
        except KeyringError as error:
            if _loaded is None:
                raise
            logger.error("The key ring has changed and cannot be used: %s The one before stays in use.", error)
            _loaded = Ring(stamp, _loaded.keyset, _loaded.primitive)
        return _loaded


def reload() -> None:
    """Forget the ring, so that the next use reads it and fails where it cannot."""
    global _loaded
    with _loading:
        _loaded = None


def keyset() -> Keyset:
    """The keyset in use. Raises ``KeyringError``."""
    return present().keyset


def primary_key_id() -> int:
    """The id of the key that new values are encrypted with."""
    return keyset().primary


def key_ids() -> frozenset[int]:
    """The ids of all keys in the ring."""
    return frozenset(keyset().ids)


def key_id_of(ciphertext: bytes) -> int:
    """The id of the key that made a ciphertext."""
    return int.from_bytes(ciphertext[1:PREFIX_LENGTH], "big")


def decrypt(ciphertext: bytes, associated: bytes) -> str:
    """The text of a ciphertext. Raises ``KeyUnavailable``."""
    try:
        return bytes(present().primitive.decrypt(ciphertext, associated)).decode()
    except tink.TinkError:
        raise KeyUnavailable("This value cannot be read with the present keys.") from None


def check() -> None:
    """Raise ``KeyringError`` unless the key ring can be used."""
    present()
