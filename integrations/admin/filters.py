"""What a list of grants, or of the ledger, can be narrowed down to, besides its columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from integrations.models import Grant
from integrations.providers.base import registry
from integrations.vault import keyring


class Provider(admin.SimpleListFilter):
    """By the provider's own name."""

    title, parameter_name = "provider", "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(spec.id, spec.name) for spec in registry]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(connection__provider=self.value()) if self.value() else queryset


class LedgerProvider(Provider):
    """The same for the ledger. Its rows outlive their connections: what a row itself says counts, and is sealed."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        names = {spec.id: spec.name for spec in registry}
        name = names.get(str(self.value()))
        return queryset.filter(account__startswith=f"{name} ") if name else queryset


class Filled(admin.AllValuesFieldListFilter):
    """By what a column holds. Where a row holds nothing there is nothing to call the link by."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        return (choice for choice in super().choices(changelist) if choice["display"] != "")


class YesNo(ABC, admin.SimpleListFilter):
    """A question with two answers."""

    @abstractmethod
    def asked(self) -> Q:
        """What is true of the rows for "Yes"."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Grant]) -> QuerySet[Grant]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(self.asked() if self.value() == "yes" else ~self.asked())


class Failing(YesNo):
    title, parameter_name = "failed renewals", "failing"

    def asked(self) -> Q:
        return Q(failures__gt=0)


class TimeLimited(YesNo):
    title, parameter_name = "limited grant", "limited"

    def asked(self) -> Q:
        return Q(refresh_expires_at__isnull=False)


class OldKey(YesNo):
    title, parameter_name = "old key", "old_key"

    def asked(self) -> Q:
        try:
            primary = keyring.primary_key_id()
        except keyring.KeyringError:
            return Q(pk__isnull=False)
        return ~Q(refresh_token_key=primary) | ~Q(access_token_key=primary)


FILTERS = (Failing, TimeLimited, OldKey)
