"""A collection: what has a cursor of its own, with its schedule, lease, progress and outcome as columns."""

from __future__ import annotations

from typing import Any

from django.db import connections, models, transaction
from django.utils import timezone

from integrations.models.connection import Connection
from integrations.records import CollectionRecord, Service


class Phase(models.TextChoices):
    FIRST = "first", "First sync"
    CURRENT = "current", "Up to date"
    RECOVERING = "recovering", "Reading everything again"


class CollectionQuerySet(models.QuerySet["Collection"]):
    """Collections that are changed together are taken in the order of their keys: nobody who holds one then waits for
    somebody who waits for it."""

    def hold(self) -> None:
        """Lock these until the transaction ends that the caller is in. SQLite has no row locks."""
        if connections[self.db].features.has_select_for_update:
            list(self._in_order())

    def update_together(self, **columns: Any) -> int:
        """``update`` for more than one row. Answers how many there were."""
        if not connections[self.db].features.has_select_for_update:
            return self.update(**columns)
        with transaction.atomic(using=self.db, savepoint=False):
            return self.model._default_manager.filter(pk__in=self._in_order()).update(**columns)

    def _in_order(self) -> models.QuerySet[Collection, Any]:
        return self.order_by("pk").select_for_update(no_key=True, of=("self",)).values("pk")


class Collection(models.Model):
    """A mailbox, folder, calendar or contact list of a connection. State lives here, not in the broker."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="collections")
    service = models.CharField(max_length=16, choices=[(s.value, s.value.title()) for s in Service])
    provider_id = models.CharField(max_length=512)
    name = models.CharField(max_length=255)
    priority = models.SmallIntegerField(default=100)
    enabled = models.BooleanField(default=True)

    cursor = models.TextField(blank=True, editable=False)
    phase = models.CharField(max_length=12, choices=Phase, default=Phase.FIRST)
    generation = models.PositiveIntegerField(default=1, help_text="The number of the present full walk.")
    walked = models.PositiveIntegerField(default=0, help_text="Items seen in the present walk.")
    total = models.PositiveIntegerField(null=True, help_text="The provider's estimate of the walk's items.")
    kept = models.PositiveIntegerField(default=0, help_text="Items that are here, as last counted after a sync.")
    walk_began_at = models.DateTimeField(null=True)
    walks_in_a_row = models.PositiveSmallIntegerField(default=0, help_text="Full walks since it last just continued.")

    due_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True, help_text="When a sync last brought something new.")
    recovered_at = models.DateTimeField(null=True, help_text="When its cursor had last expired.")
    compared_at = models.DateTimeField(null=True, help_text="When a sample was last compared with the provider.")
    compared = models.PositiveIntegerField(default=0)
    differed = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_code = models.CharField(max_length=100, blank=True)
    last_error_class = models.CharField(max_length=40, blank=True, help_text="As integrations.errors sorts it.")

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ("service", "priority", "name")
        constraints = [
            models.UniqueConstraint(fields=["connection", "service", "provider_id"], name="one_row_per_collection")
        ]
        indexes = [models.Index(fields=["enabled", "due_at"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.service})"

    @property
    def is_list(self) -> bool:
        """The list of a service's containers is a collection too, with an empty provider id."""
        return not self.provider_id

    def record(self) -> CollectionRecord:
        service = Service(self.service)
        since = self.connection.mail_since if service is Service.MAIL else None
        return CollectionRecord(service, self.provider_id, self.name, self.priority, since)
