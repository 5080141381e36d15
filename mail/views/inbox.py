"""The inbox: mailboxes, a list, a conversation. One address for each list and each conversation, whole or in part."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mail.models import Thread
from mail.queries import conversation, letters, progress, threads
from mail.queries.conversation import Conversation
from mail.queries.threads import MOST, PAGE, Listing
from mail.views import sidebar
from mail.views.state import State, number, read


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """A list; with ``part`` only what follows ``before``, for a list that is scrolled, or what a search changes."""
    state = read(request)
    before = request.GET.get("before", "")
    listing = state.page(before=before)
    part = request.GET.get("part")
    if part == "rows":
        return render(request, "mail/rows.html", {"state": state, "listing": listing})
    context = whole(state, listing, number(request.GET.get("open"))) | {"later": bool(before)}
    if part != "list":
        return render(request, "mail/inbox.html", context)
    response = render(request, "mail/searched.html", context)
    if urlsplit(request.headers.get("HX-Current-URL", "")).path == reverse("mail-inbox"):
        response["HX-Replace-Url"] = state.list_path
    return response


@login_required
@require_safe
def thread(request: HttpRequest, thread_id: int) -> HttpResponse:
    """A conversation beside its list; alone when it is asked for to be put there."""
    state = read(request)
    found = open_conversation(state, thread_id)
    context = {"state": state, "conversation": found, "refused": progress.refused(state.user, thread_id)}
    context["filing"] = sidebar.filing(state, found)
    if request.headers.get("HX-Target") == "conversation":
        return render(request, "mail/conversation_part.html", context)
    listing = state.page()
    return render(request, "mail/inbox.html", whole(state, listing, thread_id) | context)


@login_required
@require_safe
def refresh(request: HttpRequest) -> HttpResponse:
    """What changed since version ``v``: nothing (204), or the list with as many rows as it had."""
    state = read(request)
    if request.GET.get("v") == state.version:
        return HttpResponse(status=204)
    return render(request, "mail/changes.html", changes(request, state))


def open_conversation(state: State, thread_id: int) -> Conversation:
    """Raises ``Http404`` for what is not the user's, or is being removed."""
    found: Thread | None = threads.own_thread(state.user, thread_id)
    if found is None or found.connection_id not in state.mailboxes.accounts:
        raise Http404
    return conversation.read(found, state.mailboxes.accounts[found.connection_id].connection, state.clock)


def whole(state: State, listing: Listing, opened: int = 0) -> dict[str, Any]:
    """What the page shows besides the conversation."""
    return {
        "state": state,
        "listing": listing,
        "boxes": sidebar.boxes(state),
        "accounts": sidebar.accounts(state),
        "places": sidebar.all_filing(state),
        "refused": progress.refused(state.user),
        "apart": letters.apart(state.user),
        "opened": opened,
    }


def changes(request: HttpRequest, state: State) -> dict[str, Any]:
    """What a page that is open needs to catch up. It says how many rows it has and which conversation is open."""
    said = request.POST if request.method == "POST" else request.GET
    size = min(max(number(said.get("n")), PAGE), MOST)
    listing = state.page(size=size)
    return whole(state, listing, number(said.get("open")))
