"""Folders and labels of a connection, and the number that grows with every change of its mail."""

from __future__ import annotations

from django.db import models

from integrations.models import Connection
from integrations.records import Role


class Folder(models.Model):
    """A mail folder (Microsoft) or label (Google). The store counts its ``threads``."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="folders", db_index=False)
    provider_id = models.CharField(max_length=512)
    name = models.CharField(max_length=255)
    role = models.CharField(max_length=12, choices=[(r.value, r.value.title()) for r in Role], default=Role.USER.value)
    parent_id = models.CharField(max_length=512, blank=True, help_text="The parent's provider id; empty at the top.")
    hidden = models.BooleanField(default=False)
    threads = models.IntegerField(default=0)
    unread = models.IntegerField(default=0)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["connection", "provider_id"], name="one_row_per_folder")]
        indexes = [models.Index(fields=["connection", "role"])]

    def __str__(self) -> str:
        return self.name


class MailVersion(models.Model):
    """Grows with every change of a connection's mail, so that a page learns cheaply whether to look again."""

    connection = models.OneToOneField(
        Connection, primary_key=True, on_delete=models.CASCADE, related_name="mail_version"
    )
    number = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.connection_id} at {self.number}"
