"""The outbox: local edits on their way to a provider, kept until they are confirmed."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from integrations.models.connection import Connection
from integrations.records import ChangeRecord, Operation, Service


class ChangeState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    DONE = "done", "Confirmed"
    REFUSED = "refused", "Refused"


class Change(models.Model):
    """One edit. Its id is the idempotency key and its number the order in which a connection's edits go out."""

    number = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="changes")
    service = models.CharField(max_length=16, choices=[(s.value, s.value.title()) for s in Service])
    operation = models.CharField(max_length=32)
    collection_id = models.CharField(max_length=512, blank=True)
    target_id = models.CharField(max_length=512)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    error_code = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ("number",)
        indexes = [
            models.Index(fields=["connection", "state", "number"]),
            models.Index(fields=["connection", "service", "target_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.target_id}"

    def record(self) -> ChangeRecord:
        return ChangeRecord(
            str(self.id),
            Operation(self.operation),
            self.target_id,
            self.payload,
            self.collection_id,
            repeated=self.attempts > 0,
        )
