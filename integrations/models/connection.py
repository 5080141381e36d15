"""A connection: one user's grant to one account at one provider."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from integrations.models.oauth_app import OAuthApp
from integrations.providers.base import Provider, registry
from integrations.records import Service

COLOURS = ("blue", "iris", "plum", "rose", "clay", "ochre", "moss", "slate")


class State(models.TextChoices):
    """What a connection can do now; the reason for anything but ``active`` is beside it."""

    ACTIVE = "active", "Connected"
    PAUSED = "paused", "Paused"
    RECONNECT = "reconnect", "Needs reconnecting"
    UNREADABLE = "unreadable", "Cannot be read with the present keys"
    DISCONNECTING = "disconnecting", "Being removed"


class Reach(models.TextChoices):
    """How far back a person wants the mail of an account."""

    MONTHS = "3m", "The last 3 months"
    YEAR = "1y", "The last year"
    YEARS = "3y", "The last 3 years"
    ALL = "all", "Everything"


class Connection(models.Model):
    """One account of one user. ``subject`` is the provider's immutable id of the account, never its address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="connections")
    provider = models.CharField(max_length=32)
    app = models.ForeignKey(OAuthApp, on_delete=models.PROTECT, related_name="connections")
    subject = models.CharField(max_length=255)
    email = models.EmailField()
    name = models.CharField(max_length=150, blank=True)
    primary = models.BooleanField(default=False, help_text="Its owner's choice where none is named.")
    label = models.CharField(max_length=60, blank=True, help_text="What its owner calls it; empty: the address.")
    colour = models.CharField(max_length=8, default=COLOURS[0], choices=[(c, c.title()) for c in COLOURS])
    chosen_services = models.JSONField(default=list)
    granted_scopes = models.JSONField(default=list)
    mail_reach = models.CharField(max_length=4, choices=Reach, default=Reach.ALL)
    mail_since = models.DateTimeField(
        null=True, editable=False, help_text="Mail from then on is kept; empty: all of it."
    )
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    state_reason = models.CharField(max_length=300, blank=True)
    state_code = models.CharField(max_length=100, blank=True)
    state_since = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, editable=False, help_text="When its owner was told by mail to reconnect.")
    created_at = models.DateTimeField(default=timezone.now)
    active_at = models.DateTimeField(null=True, editable=False, help_text="When its owner was last here.")
    wait_until = models.DateTimeField(null=True, blank=True, help_text="The provider asked us to wait until then.")
    removal_total = models.PositiveIntegerField(default=0, editable=False)
    removal_done = models.PositiveIntegerField(default=0, editable=False)
    push_lease = models.UUIDField(null=True, editable=False)
    push_lease_until = models.DateTimeField(null=True, editable=False)

    # The version of the grant that was last given out for this object, so that a refusal is held against no other.
    version_given = 0

    class Meta:
        ordering = ("created_at",)
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="one_connection_per_account"),
            models.UniqueConstraint(fields=["user"], condition=models.Q(primary=True), name="one_primary_connection"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def provider_spec(self) -> Provider:
        return registry[self.provider]

    @property
    def display_name(self) -> str:
        return self.label or self.email

    @property
    def services(self) -> frozenset[Service]:
        """The services that the user chose and whose permissions they granted."""
        granted = frozenset(self.granted_scopes)
        return frozenset(s for s in map(Service, self.chosen_services) if self.provider_spec.usable(s, granted))
