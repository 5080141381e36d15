"""An OAuth app: what an administrator registered at a provider, where that is reached, and whether it is refused."""

from __future__ import annotations

import os
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from integrations.errors import MisconfiguredApp
from integrations.providers.abilities import Subscription
from integrations.providers.base import AppCredentials, Provider, address_of, registry
from integrations.records import Service
from integrations.vault.fields import EncryptedField, open_sealed
from integrations.vault.keyset import KeyringError


class OAuthApp(models.Model):
    """One registration at one provider. At most one per provider is active: new connections are made with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=32)
    name = models.CharField(max_length=100, blank=True)
    client_id = models.CharField(max_length=255)
    client_secret = EncryptedField(key_column="client_secret_key")
    client_secret_key = models.PositiveBigIntegerField(null=True, editable=False, db_index=True)
    # What reads the subscription in which a provider keeps what it has to tell, where one was given in the browser.
    pull_key = EncryptedField(key_column="pull_key_key")
    pull_key_key = models.PositiveBigIntegerField(null=True, editable=False, db_index=True)
    tenant = models.CharField(max_length=64, default="common")
    endpoints = models.JSONField(
        default=dict, blank=True, help_text="Addresses that differ from the provider's own, by name."
    )
    services = models.JSONField(default=list, blank=True, help_text="What it is registered for; empty: everything.")
    sandbox = models.BooleanField(default=False, editable=False)
    active = models.BooleanField(default=True)
    trouble = models.CharField(max_length=300, blank=True, editable=False, help_text="Why its provider refuses it.")
    trouble_code = models.CharField(max_length=100, blank=True, editable=False)
    trouble_since = models.DateTimeField(null=True, editable=False)
    try_again_at = models.DateTimeField(null=True, editable=False)
    told_at = models.DateTimeField(null=True, editable=False, help_text="When administrators were told by mail.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # "Check this setup": asked for by a person, carried out by a worker, kept until it is asked for again.
    check_asked_at = models.DateTimeField(null=True, editable=False)
    check_began_at = models.DateTimeField(null=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    findings = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = "OAuth app"
        constraints = [
            models.UniqueConstraint(
                fields=["provider"], condition=models.Q(active=True), name="one_active_oauth_app_per_provider"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.provider} {self.client_id}"

    @property
    def offered_services(self) -> tuple[Service, ...]:
        """What a person may grant when connecting with this app."""
        offered = registry[self.provider].offered_services
        return tuple(s for s in offered if s.value in self.services) or offered

    @property
    def being_checked(self) -> bool:
        """Whether a check was asked for and has not ended."""
        asked = self.check_asked_at
        return asked is not None and (self.checked_at is None or self.checked_at < asked)

    @property
    def provider_spec(self) -> Provider:
        return registry[self.provider]

    def resolved_endpoints(self) -> dict[str, str]:
        """Every endpoint by name: the provider's own, then the configuration's where there is none, then this row's,
        then ``OSMEN_<PROVIDER>_<NAME>_URL``.
        """
        resolved = {**registry[self.provider].endpoints, **self.endpoints}
        for name, configured in settings.OSMEN_PUSH_NAMES.get(self.provider, {}).items():
            resolved[name] = resolved.get(name) or configured
        for name in resolved:
            override = os.environ.get(f"OSMEN_{self.provider}_{name}_URL".upper())
            if override:
                resolved[name] = override
        return {name: address_of(name, resolved, self.tenant) for name in resolved}

    def credentials(self) -> AppCredentials:
        """What the provider's OAuth client needs. Raises ``MisconfiguredApp`` where the secret cannot be read."""
        secret = self._opened("client_secret")
        return AppCredentials(self.client_id, secret, self.resolved_endpoints(), self.tenant)

    def subscription(self) -> Subscription:
        """Where the provider keeps what it has to tell. Raises ``MisconfiguredApp`` where its key cannot be read."""
        return Subscription(self.resolved_endpoints(), self._opened("pull_key"))

    def _opened(self, name: str) -> str:
        try:
            return open_sealed(self, name)
        except KeyringError:
            raise MisconfiguredApp(
                "The secrets of this installation's OAuth app cannot be read with the present keys.",
                code="key_unavailable",
            ) from None
