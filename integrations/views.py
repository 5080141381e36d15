"""What a person can do with a connection of theirs: sync, pause, resume, rename, prefer, disconnect; settle an edit.

Everything is a form that leads back to the integrations page; the work itself is done in the background.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from integrations import disconnect as removal
from integrations.layers.accounts import Accounts
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.models.connection import COLOURS, Reach, State
from integrations.outbox import queue
from integrations.queries import own_connection
from integrations.status_api import status
from integrations.sync import reach, schedule
from integrations.vault import lifecycle

__all__ = ["decide", "disconnect", "look", "mail_reach", "pause", "prefer", "resume", "status", "sync_now"]


def _own(request: HttpRequest, connection_id: UUID) -> Connection:
    assert request.user.is_authenticated
    return own_connection(request.user.pk, str(connection_id))


@login_required
@require_POST
@transaction.atomic
def sync_now(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Ask for everything of a connection at once."""
    connection = _own(request, connection_id)
    schedule.sync_now(connection)
    messages.info(request, f"Looking for news in {connection.display_name}.")
    return redirect("integrations")


@login_required
@require_POST
@transaction.atomic
def pause(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Stop syncing and sending; what is here stays readable."""
    lifecycle.pause(_own(request, connection_id))
    return redirect("integrations")


@login_required
@require_POST
@transaction.atomic
def resume(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Go on after a pause, at once."""
    connection = _own(request, connection_id)
    lifecycle.resume(connection)
    schedule.sync_now(connection)
    return redirect("integrations")


@login_required
@require_POST
@transaction.atomic
def disconnect(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """End a connection: revoke at the provider where that is possible, then remove its data here."""
    connection = _own(request, connection_id)
    removal.request_disconnect(connection)
    messages.info(request, f"{connection.display_name} is being removed.")
    return redirect("integrations")


@login_required
@require_POST
def look(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """What its owner calls a connection, and its colour."""
    connection = _own(request, connection_id)
    colour = request.POST.get("colour", connection.colour)
    connection.colour = colour if colour in COLOURS else connection.colour
    connection.label = request.POST.get("label", connection.label).strip()[:60]
    connection.save(update_fields=("colour", "label"))
    return redirect("integrations")


@login_required
@require_POST
def prefer(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Make a connection the account that is meant where none is named."""
    assert request.user.is_authenticated
    connection = _own(request, connection_id)
    if connection.state == State.DISCONNECTING:
        raise Http404
    Accounts(request.user).prefer(connection)
    messages.info(request, f"{connection.display_name} is your primary account.")
    return redirect("integrations")


@login_required
@require_POST
@transaction.atomic
def mail_reach(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """How far back the mail of a connection is kept."""
    connection = _own(request, connection_id)
    wanted = request.POST.get("reach", "")
    if wanted not in Reach.values:
        raise Http404
    if reach.choose(connection, Reach(wanted)):
        schedule.sync_now(connection)
        messages.info(request, f"Mail of {connection.display_name} is read again, that far back.")
    return redirect("integrations")


@login_required
@require_POST
@transaction.atomic
def decide(request: HttpRequest, change_id: UUID, decision: str) -> HttpResponse:
    """Retry or discard an edit that the provider refused, or try one now that waits."""
    assert request.user.is_authenticated
    ways = {
        "retry": (queue.retry, ChangeState.REFUSED),
        "discard": (queue.discard, ChangeState.REFUSED),
        "now": (queue.hurry, ChangeState.WAITING),
    }
    if decision not in ways:
        raise Http404
    settle, state = ways[decision]
    mine = Change.objects.filter(id=change_id, connection__user_id=request.user.pk, state=state)
    change = mine.select_related("connection").first()
    if change is None:
        raise Http404
    settle(change)
    return redirect("outbox" if request.POST.get("next") == "outbox" else "integrations")
