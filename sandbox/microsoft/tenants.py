"""What is for work and school accounts only: personal ones, which share a tenant, are refused."""

from __future__ import annotations

from sandbox.microsoft.calls import Call
from sandbox.microsoft.errors import GraphError
from sandbox.oauth.microsoft.tenants import PERSONAL


def refuse_personal(call: Call) -> None:
    """Refuse a personal account (the code from memory; the permission tables say "Not supported")."""
    if call.account.tenant == PERSONAL:
        raise GraphError(403, "ErrorAccessDenied", "This operation is not supported for personal Microsoft accounts.")
