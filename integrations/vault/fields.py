"""An encrypted model field. What is on the instance is a ``Sealed`` ciphertext, never the text.

Assign ``Plain("…")`` and save, or ``assignments`` for a conditional UPDATE; only ``open_sealed`` gives the text back,
and only the vault and the OAuth app call it. The ciphertext is bound to the table, the row and the field, so that one
copied elsewhere is refused. ``dumpdata`` emits ciphertext.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from integrations.vault import keyring


@dataclass(frozen=True, slots=True)
class Plain:
    """A text on its way into an encrypted field."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A ciphertext as it is stored."""

    ciphertext: bytes = field(repr=False)

    @property
    def key_id(self) -> int:
        return keyring.key_id_of(self.ciphertext)


class EncryptedField(models.BinaryField):  # type: ignore[type-arg]
    """Encrypted text; empty is NULL. ``key_column`` names the integer field that holds the id of the key in use."""

    def __init__(self, *, key_column: str, **options: Any) -> None:
        self.key_column = key_column
        options.update(null=True, editable=False, blank=True)
        super().__init__(**options)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        for implied in ("null", "editable", "blank"):
            options.pop(implied, None)
        return name, path, args, {**options, "key_column": self.key_column}

    def associated(self, primary_key: object) -> bytes:
        """What a ciphertext of this field in that row is bound to."""
        return f"osmen:{self.model._meta.db_table}:{primary_key}:{self.name}".encode()

    def assignments(self, primary_key: object, text: str, ring: keyring.Ring | None = None) -> dict[str, Any]:
        """What an ``UPDATE`` of that row sets: the ciphertext, None for an empty text, and its key's id."""
        sealed = None
        if text:
            sealed = Sealed((ring or keyring.present()).encrypt(text, self.associated(primary_key)))
        return {self.name: sealed, self.key_column: sealed and sealed.key_id}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if isinstance(value, Plain):
            for name, stored in self.assignments(model_instance.pk, value.text).items():
                setattr(model_instance, name, stored)
            value = getattr(model_instance, self.attname)
        return value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise FieldError(f"{self.name} takes Plain(…) or a sealed value, never a text.")
        return None if value is None else value.ciphertext

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        stored = value if prepared else self.get_prep_value(value)
        return None if stored is None else connection.Database.Binary(stored)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError("An encrypted field can only be asked whether it is null.")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return base64.b64encode(value.ciphertext).decode("ascii") if value else ""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            return Sealed(base64.b64decode(value)) if value else None
        return value


def open_sealed(instance: models.Model, name: str) -> str:
    """The text in ``instance.name``; empty for NULL. Raises ``keyring.KeyUnavailable``."""
    encrypted = instance._meta.get_field(name)
    assert isinstance(encrypted, EncryptedField)
    value = getattr(instance, name)
    if value is None:
        return ""
    if isinstance(value, Plain):
        return value.text
    return keyring.decrypt(value.ciphertext, encrypted.associated(instance.pk))
