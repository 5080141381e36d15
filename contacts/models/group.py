"""A group or folder of an address book."""

from __future__ import annotations

from django.db import models

from integrations.models import Connection


class Group(models.Model):
    """A contact group (Google) or contact folder (Microsoft). ``system``: made by the provider."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="contact_groups")
    provider_id = models.CharField(max_length=512)
    name = models.CharField(max_length=255)
    system = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["connection", "provider_id"], name="one_row_per_contact_group")]

    def __str__(self) -> str:
        return self.name
