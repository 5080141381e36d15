"""The ledger across connections: filtered, searched, exported. Nobody changes it here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from itertools import islice

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from integrations.admin.filters import Filled, LedgerProvider
from integrations.admin.tables import ReadOnlyAdmin
from integrations.models import LedgerEntry
from integrations.vault import ledger_export


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ("when", "account", "row", "what", "detail", "code", "actor", "fingerprint")
    list_filter = (LedgerProvider, ("service", Filled), ("purpose", Filled), "what")
    search_fields = ("account", "actor", "code", "fingerprint", "connection_key")
    date_hierarchy = "at"
    actions = ("as_csv", "as_json", "heads")

    @admin.display(description="At (UTC)", ordering="at")
    def when(self, entry: LedgerEntry) -> str:
        """To the second: what came first matters here."""
        return f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="Row", ordering="number")
    def row(self, entry: LedgerEntry) -> int:
        return entry.number

    @admin.action(description="Export as CSV", permissions=["view"])
    def as_csv(self, request: HttpRequest, chosen: QuerySet[LedgerEntry]) -> HttpResponseBase:
        return _file(ledger_export.as_csv(_in_order(chosen)), "text/csv; charset=utf-8", "ledger.csv")

    @admin.action(description="Export as JSON", permissions=["view"])
    def as_json(self, request: HttpRequest, chosen: QuerySet[LedgerEntry]) -> HttpResponseBase:
        return _file(ledger_export.as_json(_in_order(chosen)), "application/jsonl", "ledger.jsonl")

    @admin.action(description="Export where all chains end, for “ledger verify --heads”", permissions=["view"])
    def heads(self, request: HttpRequest, chosen: QuerySet[LedgerEntry]) -> HttpResponseBase:
        return _file(ledger_export.heads(), "application/json", "ledger-heads.json")


def _in_order(chosen: QuerySet[LedgerEntry]) -> Iterator[LedgerEntry]:
    return chosen.order_by("connection_key", "number").iterator(chunk_size=1000)


def _file(lines: Iterator[str], kind: str, name: str) -> HttpResponseBase:
    """Sent as it is read, some hundred lines at a time."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    blocks = iter(lambda: "".join(islice(lines, 500)), "")
    return StreamingHttpResponse(blocks, content_type=kind, headers=headers)
