"""A channel: a provider's promise to tell us of changes in a collection, until it expires."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from integrations.models.collection import Collection
from integrations.records import ChannelRecord


class Channel(models.Model):
    """Its id is in the address or the token that the provider sends back; of its secret only the hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.OneToOneField(Collection, on_delete=models.CASCADE, related_name="channel")
    provider_id = models.CharField(max_length=512, blank=True)
    resource_id = models.CharField(max_length=512, blank=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    renew_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["renew_at"]), models.Index(fields=["provider_id"])]

    def __str__(self) -> str:
        return f"Channel of {self.collection_id}"

    @property
    def open(self) -> bool:
        """Whether the provider should be telling us of changes now."""
        return bool(self.provider_id) and (self.expires_at is None or self.expires_at > timezone.now())

    def record(self) -> ChannelRecord:
        return ChannelRecord(str(self.id), self.provider_id, self.resource_id, self.expires_at)
