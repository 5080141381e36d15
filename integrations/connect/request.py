"""What a person asks for when they press a button that leads to a provider, and how it survives the way there and back.

It travels in allauth's state, which is in the session and bound to one attempt: no token, no secret of the provider.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from integrations.models import Connection
from integrations.models.connection import Reach, State
from integrations.records import Service


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """``connects`` is False for a plain sign-in, which asks for identity alone. ``reconnect`` pins an account.

    ``reach`` is how far back its mail is wanted, a ``Reach``; empty leaves that as it is.
    """

    connects: bool
    services: frozenset[Service]
    nonce: str
    reconnect: Connection | None = None
    reach: str = ""

    def as_state(self) -> dict[str, Any]:
        return {
            "nonce": self.nonce,
            "services": sorted(self.services),
            "reconnect": str(self.reconnect.pk) if self.reconnect else "",
            "reach": self.reach,
        }


def from_form(request: HttpRequest, provider_id: str, offered: tuple[Service, ...]) -> ConnectRequest:
    """Read the button's form. Services that are not offered are ignored; none chosen means all.

    Nothing else of the request reaches the provider: scopes and parameters are ours alone.
    """
    connects = request.GET.get("process") == "connect" or request.POST.get("process") == "connect"
    user = request.user
    if not connects or not user.is_authenticated:
        return ConnectRequest(False, frozenset(), secrets.token_urlsafe(24))
    pinned = None
    wanted = request.POST.get("reconnect", "")
    if wanted:
        pinned = owned(user.pk, provider_id, wanted)
    if pinned is not None:
        services = frozenset(map(Service, pinned.chosen_services)) or frozenset(offered)
    else:
        chosen = set(request.POST.getlist("service"))
        services = frozenset(s for s in offered if s.value in chosen) or frozenset(offered)
    reach = request.POST.get("reach", "")
    return ConnectRequest(True, services, secrets.token_urlsafe(24), pinned, reach if reach in Reach.values else "")


def from_state(state: dict[str, Any], user_id: UUID | None, provider_id: str) -> ConnectRequest:
    """What was asked for, read back from the state of the attempt."""
    pinned = owned(user_id, provider_id, state["reconnect"]) if state.get("reconnect") else None
    services = frozenset(map(Service, state.get("services", ())))
    reach = str(state.get("reach", ""))
    return ConnectRequest(state.get("process") == "connect", services, state["nonce"], pinned, reach)


def owned(user_id: UUID | None, provider_id: str, connection_id: str) -> Connection | None:
    """The user's own connection of that id at that provider; None for anybody else's and for nonsense."""
    if user_id is None:
        return None
    try:
        return Connection.objects.exclude(state=State.DISCONNECTING).get(
            user_id=user_id, provider=provider_id, pk=connection_id
        )
    except (Connection.DoesNotExist, ValueError, TypeError):
        return None
