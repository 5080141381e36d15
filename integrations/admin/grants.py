"""Token inspection: what each connection's grant is and how it fares, and what an administrator may do about it.

Each action has a permission of its own, asks for confirmation and for the administrator's password or key once more,
and leaves a row in the ledger. Doing it is left to ``grant_actions``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html

from accounts.confirmation import once_more
from integrations.admin.filters import FILTERS, Provider
from integrations.admin.grant_actions import ACTIONS, Action
from integrations.admin.tables import WatchedAdmin
from integrations.models import Grant
from integrations.records import Service
from integrations.vault import keyring

MOST = 50
_UNITS = (("day", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0))


@admin.register(Grant)
class GrantAdmin(WatchedAdmin):
    list_display = (
        "account",
        "owner",
        "state",
        "expires",
        "grant_ends",
        "refreshed",
        "failures",
        "key",
        "missing",
    )
    list_filter = (Provider, "connection__state", *FILTERS)
    list_select_related = ("connection", "connection__user")
    search_fields = ("connection__email", "connection__user__email", "access_fingerprint", "refresh_fingerprint")
    fields = (
        "connection",
        "owner",
        "provider",
        "state",
        "why",
        "scopes",
        "missing",
        "access_fingerprint",
        "access_expires_at",
        "access_token_key",
        "refresh_fingerprint",
        "refresh_expires_at",
        "refresh_token_key",
        "version",
        "issued_at",
        "refreshed_at",
        "used_at",
        "failures",
        "last_error",
        "retry_at",
    )

    @admin.display(description="Owner", ordering="connection__user__email")
    def owner(self, grant: Grant) -> str:
        return grant.connection.user.email

    @admin.display(description="Account", ordering="connection__email")
    def account(self, grant: Grant) -> str:
        return format_html("{}<small>{}</small>", grant.connection.email, self.provider(grant))

    @admin.display(description="Provider")
    def provider(self, grant: Grant) -> str:
        return grant.connection.provider_spec.name

    @admin.display(description="State", ordering="connection__state")
    def state(self, grant: Grant) -> str:
        """In a list the words alone; why is on the grant's own page, and in the cell's title."""
        connection = grant.connection
        return format_html('<span title="{}">{}</span>', connection.state_reason, connection.get_state_display())

    @admin.display(description="Why")
    def why(self, grant: Grant) -> str:
        return grant.connection.state_reason

    @admin.display(description="Expires", ordering="access_expires_at")
    def expires(self, grant: Grant) -> str:
        return _away(grant.access_expires_at)

    @admin.display(description="Grant ends", ordering="refresh_expires_at")
    def grant_ends(self, grant: Grant) -> str:
        return _away(grant.refresh_expires_at)

    @admin.display(description="Renewed", ordering="refreshed_at")
    def refreshed(self, grant: Grant) -> str:
        return _away(grant.refreshed_at)

    @admin.display(description="Key", ordering="refresh_token_key")
    def key(self, grant: Grant) -> str:
        try:
            primary, known = keyring.primary_key_id(), keyring.key_ids()
        except keyring.KeyringError:
            return "no key ring"
        used = {key for key in (grant.access_token_key, grant.refresh_token_key) if key is not None}
        if used - known:
            return "missing"
        return "present" if used <= {primary} else "old"

    @admin.display(description="Scopes")
    def scopes(self, grant: Grant) -> str:
        return "\n".join(grant.connection.granted_scopes)

    @admin.display(description="Scopes missing")
    def missing(self, grant: Grant) -> str:
        connection = grant.connection
        granted = frozenset(connection.granted_scopes)
        chosen = map(Service, connection.chosen_services)
        spec = connection.provider_spec
        missing = {
            p.scope.removeprefix(spec.scope_prefix) for service in chosen for p in spec.missing(service, granted)
        }
        return ", ".join(sorted(scope.rpartition("/auth/")[2] for scope in missing))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        grant = kwargs.get("obj")
        if isinstance(grant, Grant):
            context["subtitle"] = grant.connection.email
            context["grant_actions"] = [(name, ACTIONS[name].title) for name in self.get_actions(request)]
        return super().render_change_form(request, context, *args, **kwargs)

    # What can be done ------------------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The actions that this person may take."""
        allowed = {name: action for name, action in ACTIONS.items() if request.user.has_perm(action.permission)}
        return {name: (self._chooser(name), name, action.title) for name, action in allowed.items()}

    def _chooser(self, name: str) -> Callable[..., HttpResponse]:
        def choose(admin_: GrantAdmin, request: HttpRequest, chosen: QuerySet[Grant]) -> HttpResponse:
            keys = [str(key) for key in chosen.values_list("pk", flat=True)[: MOST + 1]]
            if len(keys) > MOST:
                self.message_user(request, f"Choose at most {MOST} at once.", messages.WARNING)
                return redirect(request.get_full_path())
            address = reverse("admin:integrations_grant_act", args=(name,))
            return redirect(f"{address}?{urlencode({'ids': ','.join(keys)})}")

        return choose

    def get_urls(self) -> list[URLPattern]:
        mine = path("act/<slug:name>/", self.admin_site.admin_view(self.act), name="integrations_grant_act")
        return [mine, *super().get_urls()]

    @method_decorator(once_more)
    def act(self, request: HttpRequest, name: str) -> HttpResponse:
        """Asks, and on the answer does it."""
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        if not request.user.has_perm(action.permission):
            raise PermissionDenied
        try:
            keys = [UUID(key) for key in request.GET.get("ids", "").split(",")[:MOST]]
        except ValueError:
            raise Http404 from None
        chosen = list(Grant.objects.filter(pk__in=keys).select_related("connection", "connection__user"))
        if request.method == "POST":
            return self._do(request, action, chosen)
        context = {
            **self.admin_site.each_context(request),
            "title": action.title,
            "action": action,
            "grants": chosen,
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/integrations/grant/confirm.html", context)

    def _do(self, request: HttpRequest, action: Action, chosen: list[Grant]) -> HttpResponse:
        done = sum(action.run(grant, request.user.get_username()) for grant in chosen)
        self.message_user(request, f"{action.done}: {done} of {len(chosen)}.")
        return redirect("admin:integrations_grant_changelist")


def _away(moment: datetime | None) -> str:
    """How far off, short: "in 17 min", "5 days ago"; the moment itself in the cell's title."""
    if moment is None:
        return "–"
    seconds = (moment - timezone.now()).total_seconds()
    unit, length = next(((u, n) for u, n in _UNITS if abs(seconds) >= n), _UNITS[-1])
    number = int(abs(seconds) // length)
    said = f"{number} {unit}{'s' if unit == 'day' and number != 1 else ''}"
    words = f"in {said}" if seconds > 0 else f"{said} ago"
    return format_html('<span class="when" title="{}">{}</span>', f"{moment:%Y-%m-%d %H:%M:%S} UTC", words)
