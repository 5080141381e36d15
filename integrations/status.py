"""The state of a user's integrations as one JSON value: what the API, the Python layer and the commands all say.

Nothing here touches the network; a real probe is ``layers.probes``. Never a token, never a cursor.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from integrations import queries
from integrations.models import Connection, OAuthApp
from integrations.models.connection import State
from integrations.providers.base import registry
from integrations.sync.freshness import Percentiles

_REMEDIES = {
    State.RECONNECT: "Reconnect it on the Integrations page, or with: connections reconnect",
    State.UNREADABLE: "Restore the key that is missing from the key ring (keys list), or reconnect it",
    State.PAUSED: "Resume it on the Integrations page, or with: connections resume",
}


def status_of(user_id: UUID) -> dict[str, Any]:
    """Providers, connections, services: configured, connected, permissions, freshness, errors and remedies."""
    apps = {app.provider: app for app in OAuthApp.objects.filter(active=True)}
    connections = [_connection(s, s.connection.provider in apps) for s in queries.status_of_user(user_id)]
    return {
        "providers": {spec.id: _provider(spec.id, apps.get(spec.id), connections) for spec in registry},
        "connections": connections,
    }


def _provider(provider_id: str, app: OAuthApp | None, connections: list[dict[str, Any]]) -> dict[str, Any]:
    mine = [c for c in connections if c["provider"] == provider_id]
    return {
        "configured": app is not None,
        "sandbox": bool(app and app.sandbox),
        "trouble": (app.trouble or None) if app else None,
        "connected": sum(c["state"] == State.ACTIVE for c in mine),
        "accounts": [c["account"] for c in mine],
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _collection(status: queries.CollectionStatus) -> dict[str, Any]:
    row = status.row
    return {
        "id": row.provider_id,
        "name": row.name,
        "phase": row.phase,
        "running": status.running,
        "count": status.count,
        "succeeded_at": _moment(row.succeeded_at),
        "due_at": _moment(row.due_at),
        "error": row.last_error or None,
    }


def _service(connection: Connection, status: queries.ServiceStatus, configured: bool) -> dict[str, Any]:
    granted = {scope.removeprefix(connection.provider_spec.scope_prefix) for scope in connection.granted_scopes}
    needed = [p.scope for p in connection.provider_spec.permissions if p.service is status.service]
    return {
        "service": status.service.value,
        "state": status.state,
        "configured": configured,
        "connected": connection.state == State.ACTIVE and status.state not in ("off", "missing"),
        "scopes": [scope for scope in needed if scope in granted],
        "last_success": _moment(status.succeeded_at),
        "fresh_at": _moment(status.fresh_at),
        "freshness": _freshness(status.freshness),
        "count": status.count,
        "progress": {"walked": status.walked, "total": status.total},
        "missing_permissions": [permission.scope for permission in status.missing],
        "error": status.error or None,
        "error_class": status.error_class or None,
        "remedy": status.remedy or None,
        "collections": [_collection(c) for c in status.collections],
    }


def _freshness(measured: Percentiles | None) -> dict[str, Any] | None:
    """How long after a change it was here, in seconds, over the last day."""
    if measured is None:
        return None
    median, p95, exact = measured
    return {"median": median, "p95": p95, "exact": exact}


def _connection(status: queries.ConnectionStatus, configured: bool) -> dict[str, Any]:
    row = status.connection
    services = [_service(row, s, configured) for s in status.services]
    counts = {s.service.value: s.count for s in status.services}
    return {
        "id": str(row.pk),
        "provider": row.provider,
        "account": row.email,
        "primary": row.primary,
        "sandbox": row.app.sandbox,
        "state": row.state,
        "reason": row.state_reason or None,
        "remedy": _REMEDIES.get(State(row.state)),
        "since": _moment(row.state_since),
        "permissions": sorted(row.granted_scopes),
        "services": services,
        "messages": counts.get("mail", 0),
        "events": counts.get("calendar", 0),
        "contacts": counts.get("contacts", 0),
        "changes": {"waiting": status.waiting_changes, "refused": status.refused_changes},
    }
