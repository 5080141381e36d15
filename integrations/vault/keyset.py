"""A Tink keyset as a value: read it, write it, add a key, make one the primary, take one out.

Tink's Python has no keyset manager, so the message itself is edited. Where a keyset is kept is left to ``keyring``.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import tink
from tink import aead, cleartext_keyset_handle, proto_keyset_format, secret_key_access
from tink.proto import tink_pb2

aead.register()


class KeyringError(Exception):
    """The key ring is missing, unreadable or not the one a value was encrypted with.

    The text is a sentence for people.
    """


@dataclass(frozen=True, slots=True)
class Keyset:
    """The keys of a ring, in the order in which they were added. One of them is the primary: it encrypts what is new.

    ``message`` is the serialised keyset and holds key material: it is never shown.
    """

    message: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Keyset:
        """A ring with one fresh AES-256-GCM key."""
        return cls._of(tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM))

    @classmethod
    def read(cls, text: str) -> Keyset:
        """From Tink's JSON. Raises ``KeyringError``."""
        try:
            return cls._of(cleartext_keyset_handle.read(tink.JsonKeysetReader(text)))
        except (tink.TinkError, ValueError) as error:
            raise KeyringError(
                "The key ring is not a Tink keyset. If it is wrapped, OSMEN_KEYSET_COMMAND must name the command that "
                "unwraps it; else it is damaged: restore it from a backup."
            ) from error

    @classmethod
    def _of(cls, handle: tink.KeysetHandle) -> Keyset:
        return cls(proto_keyset_format.serialize(handle, secret_key_access.TOKEN))

    @property
    def handle(self) -> tink.KeysetHandle:
        return proto_keyset_format.parse(self.message, secret_key_access.TOKEN)

    def text(self) -> str:
        """Tink's JSON, key material and all: for the key ring's own file and nothing else."""
        written = io.StringIO()
        cleartext_keyset_handle.write(tink.JsonKeysetWriter(written), self.handle)
        return written.getvalue()

    @property
    def primary(self) -> int:
        return int(self._parsed().primary_key_id)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(int(key.key_id) for key in self._parsed().key)

    def added(self) -> Keyset:
        """With one more key, which can decrypt at once and encrypts only when it is promoted."""
        fresh = self
        while set(fresh.ids) & set(self.ids):  # ids are random, 32 bits wide
            fresh = Keyset.new()
        edited = self._parsed()
        edited.key.extend(fresh._parsed().key)
        return Keyset(edited.SerializeToString())

    def promoted(self, key_id: int) -> Keyset:
        """With this key as the primary. Raises ``KeyError`` for one that is not here."""
        if key_id not in self.ids:
            raise KeyError(key_id)
        edited = self._parsed()
        edited.primary_key_id = key_id
        return Keyset(edited.SerializeToString())

    def without(self, key_id: int) -> Keyset:
        """Without this key. Raises ``KeyError`` for one that is not here and ``ValueError`` for the primary."""
        if key_id not in self.ids:
            raise KeyError(key_id)
        if key_id == self.primary:
            raise ValueError("The primary key cannot be taken out.")
        edited = self._parsed()
        kept = [key for key in edited.key if key.key_id != key_id]
        del edited.key[:]
        edited.key.extend(kept)
        return Keyset(edited.SerializeToString())

    def _parsed(self) -> Any:
        return tink_pb2.Keyset.FromString(self.message)
