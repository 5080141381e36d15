"""The mail app: registers its store with the sync engine, and its reader with the Python layer."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class MailConfig(AppConfig):
    name = "mail"

    def ready(self) -> None:
        from integrations.layers import readers
        from integrations.records import Service
        from integrations.sync.stores import register
        from mail.reader import MailReader
        from mail.store import MailStore

        register(Service.MAIL, MailStore())
        readers.register(Service.MAIL, MailReader())
        post_migrate.connect(_mend_index, sender=self)


def _mend_index(using: str, **_: Any) -> None:
    """A migration that remakes a table on SQLite loses its trigger."""
    from mail.search import schema

    if "mail_message" in connections[using].introspection.table_names():
        schema.make(connections[using])
