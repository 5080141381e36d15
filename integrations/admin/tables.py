"""Tables to look at: connections, collections, edits. And what all read-only tables have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from accounts.generics import ModelAdmin
from integrations.models import Change, Collection, Connection
from integrations.models.ledger import Happening
from integrations.vault import ledger


class ReadOnlyAdmin(ModelAdmin):
    """Look, but do not touch: these rows belong to the engine."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WatchedAdmin(ReadOnlyAdmin):
    """Whoever opens a row of these is written into that connection's ledger."""

    def connection_of(self, row: Any) -> Connection:
        """The connection that a row is about; most name it."""
        connection: Connection = row.connection
        return connection

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None:
            actor = request.user.get_username()
            what = self.model._meta.verbose_name
            ledger.record(self.connection_of(row), Happening.VIEWED, actor=actor, detail=f"The {what}.")
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Connection)
class ConnectionAdmin(WatchedAdmin):
    list_display = ("email", "provider", "user", "state", "state_since", "created_at")
    list_filter = ("provider", "state")
    list_select_related = ("user",)
    search_fields = ("email", "user__email")

    def connection_of(self, row: Any) -> Connection:
        assert isinstance(row, Connection)
        return row


@admin.register(Collection)
class CollectionAdmin(ReadOnlyAdmin):
    list_display = ("name", "service", "connection", "phase", "due_at", "succeeded_at", "attempts", "last_error")
    list_filter = ("service", "phase", "enabled")
    list_select_related = ("connection",)
    exclude = ("cursor",)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ("number", "connection", "operation", "state", "attempts", "created_at", "finished_at", "error")
    list_filter = ("state", "operation")
    list_select_related = ("connection",)
