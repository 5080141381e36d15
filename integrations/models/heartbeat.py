"""Signs of life of the background processes; ``/healthz`` reads their age."""

from django.db import models


class Heartbeat(models.Model):
    """When a process of this name last said that it lives."""

    name = models.CharField(primary_key=True, max_length=32)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
