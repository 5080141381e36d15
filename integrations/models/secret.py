"""Keys that the vault makes for itself, encrypted by the key ring, so that they outlive its rotations."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from integrations.vault.fields import EncryptedField


class VaultSecret(models.Model):
    """One secret of the vault, by purpose. Another is made only when none can be read with the present keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=16)
    number = models.PositiveIntegerField()
    value = EncryptedField(key_column="value_key")
    value_key = models.PositiveBigIntegerField(null=True, editable=False, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "number"], name="vault_secrets_in_order")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.number}"
