"""Writing: an answer below its conversation, a new message on a page of its own; and what becomes of letters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from integrations.models import Change, Connection
from integrations.outbox import queue
from integrations.records import Service
from mail import draft, letters
from mail.draft import Letter
from mail.models import Message, Thread
from mail.queries import conversation, threads
from mail.queries import letters as unsent
from mail.reading.html import as_text
from mail.views import sidebar
from mail.views.inbox import open_conversation, whole
from mail.views.state import State, number, read, user_of

Form = dict[str, Any]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, thread_id: int) -> HttpResponse:
    """An answer to a conversation, with ``all=1`` to everybody in it; or with ``forward=1`` a message of it, sent on.

    ``again`` names one that was not sent.
    """
    state = read(request)
    thread = _thread(state, thread_id)
    owner = state.mailboxes.accounts[thread.connection_id].connection
    answered = letters.to_answer(thread, owner.email, number(request.GET.get("m")))
    everybody = request.GET.get("all") == "1"
    before = _again(request)
    forwarded = _forwarded(request, thread, before)
    form: Form = {"thread": thread, "everybody": everybody, "again": before.id if before else "", "owner": owner}
    form["forwarded"] = forwarded
    if request.method != "POST":
        return _reply_form(request, state, form | {"letter": _begun(answered, forwarded, before, owner, everybody)})
    letter = draft.read(request.POST)
    if letter.errors:
        return _reply_form(request, state, form | {"letter": letter}, status=422)
    if letter.quote and not forwarded:
        letter.text = f"{letter.text.rstrip()}\n\n{draft.quoted(answered, _text(answered), state.clock)}"
    _send(request, owner, letter, None if forwarded else answered, before, forwarded)
    return _below(request, state, thread)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """A new message; ``again`` names one that was not sent."""
    state, before = read(request), _again(request)
    accounts = [a.connection for a in state.mailboxes.accounts.values() if Service.MAIL in a.connection.services]
    if not accounts:
        raise Http404
    form: Form = {"accounts": accounts, "again": before.id if before else "", "state": state}
    if request.method != "POST":
        begun = draft.again(before.payload) if before else Letter(to=request.GET.get("to", "")[: draft.LONGEST])
        sender = before.connection if before else state.selection.account
        return render(request, "mail/compose.html", form | {"letter": begun, "sender": sender})
    sender = next((c for c in accounts if str(c.pk) == request.POST.get("from")), None)
    if sender is None:
        raise Http404
    letter = draft.read(request.POST)
    if letter.errors:
        return render(request, "mail/compose.html", form | {"letter": letter, "sender": sender}, status=422)
    _send(request, sender, letter, None, before)
    return HttpResponseRedirect(state.list_path)


@login_required
@require_safe
def below(request: HttpRequest, thread_id: int) -> HttpResponse:
    """What stands below a conversation: messages that came since ``since``, and letters that are not sent yet."""
    state = read(request)
    return _below(request, state, _thread(state, thread_id))


@login_required
@require_POST
def settle(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Take a letter back (``hold``), send one that was not sent (``retry``), or throw it away (``discard``)."""
    user, do = user_of(request), request.POST.get("do", "hold")
    if do == "hold":
        held = letters.hold_back(user, change_id)
        messages.success(request, "Not sent") if held else messages.error(request, "It has been sent already.")
    else:
        change = letters.own(user, change_id)
        (queue.retry if do == "retry" else queue.discard)(change)
        messages.success(request, "Sent again" if do == "retry" else "Discarded")
    state = read(request)
    thread = threads.own_thread(user, number(request.POST.get("open")))
    if thread is not None:
        return _below(request, state, thread)
    if request.headers.get("HX-Request"):
        return render(request, "components/toasts_more.html")
    return HttpResponseRedirect(state.list_path)


def _thread(state: State, thread_id: int) -> Thread:
    found = threads.own_thread(state.user, thread_id)
    if found is None or found.connection_id not in state.mailboxes.accounts:
        raise Http404
    return found


def _forwarded(request: HttpRequest, thread: Thread, before: Change | None) -> Message | None:
    """The message to be sent on: the one named, else the newest. None for an answer."""
    whole = Message.objects.filter(thread=thread, detached_at=None, draft=False).order_by("-date", "-pk")
    if before and (named := before.payload.get("forward")):
        return whole.filter(provider_id=named).first()
    if request.GET.get("forward") != "1":
        return None
    return whole.filter(pk=number(request.GET.get("m"))).first() or whole.first()


def _begun(
    answered: Message, forwarded: Message | None, before: Change | None, owner: Connection, everybody: bool
) -> Letter:
    if before:
        return draft.again(before.payload)
    return draft.forward(forwarded) if forwarded else draft.answer(answered, owner.email, everybody=everybody)


def _again(request: HttpRequest) -> Change | None:
    text = request.GET.get("again", "")
    try:
        return letters.own(user_of(request), UUID(text)) if text else None
    except ValueError:
        raise Http404 from None


def _send(
    request: HttpRequest,
    sender: Connection,
    letter: Letter,
    answered: Message | None,
    before: Change | None,
    forwarded: Message | None = None,
) -> None:
    change = letters.send(sender, letter, answered, before.id if before else None, forwarded=forwarded)
    to = unsent.unsent(change).to
    messages.success(request, f"Sending to {to}", extra_tags=f"undo:{reverse('mail-letter', args=[change.id])}")


def _reply_form(request: HttpRequest, state: State, form: Form, status: int = 200) -> HttpResponse:
    context = form | {"state": state}
    if request.headers.get("HX-Request"):
        return render(request, "mail/reply_form.html", context)
    found = open_conversation(state, form["thread"].pk)
    listing = state.page()
    context |= whole(state, listing, form["thread"].pk) | {"conversation": found}
    context["filing"] = sidebar.filing(state, found)
    return render(request, "mail/inbox.html", context, status=status)


def _below(request: HttpRequest, state: State, thread: Thread) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{reverse('mail-thread', args=[thread.pk])}{state.suffix}#below")
    since = number(request.POST.get("since") or request.GET.get("since"))  # none said: all of them are there
    connection = state.mailboxes.accounts[thread.connection_id].connection
    found = conversation.read(thread, connection, state.clock)
    context = {
        "state": state,
        "conversation": found,
        "arrived": [m for m in found.messages if since and m.id > since],
        "since": since or found.last,
    }
    return render(request, "mail/below_part.html", context)


def _text(message: Message) -> str:
    body = getattr(message, "body", None)
    return (body.text or as_text(body.html)) if body else ""
