"""A connection's tokens, encrypted, and the lease that lets exactly one process refresh them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from integrations.models.connection import Connection
from integrations.vault.fields import EncryptedField


class Grant(models.Model):
    """The present tokens of a connection. Only the vault reads them; ``version`` grows with each change of them."""

    connection = models.OneToOneField(Connection, primary_key=True, on_delete=models.CASCADE, related_name="grant")
    access_token = EncryptedField(key_column="access_token_key")
    access_token_key = models.PositiveBigIntegerField(null=True, editable=False)
    access_fingerprint = models.CharField(max_length=16, blank=True, editable=False)
    access_expires_at = models.DateTimeField(null=True)
    refresh_token = EncryptedField(key_column="refresh_token_key")
    refresh_token_key = models.PositiveBigIntegerField(null=True, editable=False)
    refresh_fingerprint = models.CharField(max_length=16, blank=True, editable=False)
    refresh_expires_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    issued_at = models.DateTimeField(default=timezone.now)
    refreshed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    renew_at = models.DateTimeField(
        null=True, db_index=True, help_text="When it is renewed ahead of need; empty: not in its connection's state."
    )
    burst = models.PositiveIntegerField(default=0, help_text="Renewals since ``burst_since``, to notice a loop.")
    burst_since = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        # Each renewal writes every index anew: there are no others than the key's and that of whose turn it is.
        # Looking is Django's own "view"; each thing that can be done to a grant has its permission.
        default_permissions = ("view",)
        permissions = [
            ("refresh_grant", "Can renew the access of a connection now"),
            ("mark_grant", "Can mark a connection for reconnecting"),
            ("revoke_grant", "Can revoke a connection at its provider and remove it"),
            ("reencrypt_grant", "Can encrypt a connection's tokens with the present key"),
        ]

    def __str__(self) -> str:
        """Whose it is. Asks the database nothing, as reports of errors name it too."""
        if "connection" not in self._state.fields_cache:
            return f"Grant of {self.connection_id}"
        return f"{self.connection.provider_spec.name} {self.connection.email}"
