"""Archive, star, read and the rest; undo; and what to do about an edit that a provider refused. All by POST."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.models import User
from mail import actions
from mail.actions import Done, Filed
from mail.plans import Action
from mail.queries import progress, threads
from mail.views import sidebar
from mail.views.inbox import changes, open_conversation
from mail.views.state import State, number, read, user_of

_WORDS = {
    Action.ARCHIVE: "archived",
    Action.INBOX: "moved to the inbox",
    Action.TRASH: "moved to trash",
    Action.READ: "marked read",
    Action.UNREAD: "marked unread",
    Action.STAR: "starred",
    Action.UNSTAR: "no longer starred",
}
# After these the conversation is done with, and its list is shown again.
_CLOSING = {Action.ARCHIVE, Action.INBOX, Action.TRASH, Action.UNREAD}
_FILING: dict[str, Callable[[User, list[int], int], Filed]] = {
    "move": actions.move,
    "label": actions.put_under,
    "unlabel": partial(actions.put_under, off=True),
}
_FILED = {"move": "moved to", "label": "put under", "unlabel": "taken off"}
_MOST_UNDONE = 2000


@login_required
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do ``do`` to the conversations ``t``. ``quiet``: nobody asked in so many words (opening marks as read)."""
    ids = [n for n in map(number, request.POST.getlist("t")) if n]
    user, do = user_of(request), request.POST.get("do", "")
    if do == "label":
        return _label(request, user, ids)
    if do.partition(":")[0] in _FILING:
        return _file(request, user, ids, do)
    try:
        action = Action(do)
    except ValueError:
        return HttpResponseBadRequest("There is no such action.")
    done = actions.perform(user, action, ids)
    if done.threads and not request.POST.get("quiet"):
        _say(request, _WORDS[action], done, ids)
    opened = number(request.POST.get("open"))
    closing = action in _CLOSING and opened in ids
    return _answer(request, opened, closing=closing)


@login_required
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the edits named by ``c``."""
    if actions.undo(user_of(request), _numbers(request.GET.get("c", ""))):
        messages.success(request, "Undone")
    return _answer(request, number(request.POST.get("open")))


@login_required
@require_POST
def settle(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Retry or discard a refused edit."""
    again = request.POST.get("do") == "retry"
    actions.settle_refused(user_of(request), change_id, again=again)
    messages.success(request, "Sent again" if again else "Discarded")
    return _answer(request, number(request.POST.get("open")))


def _label(request: HttpRequest, user: User, ids: list[int]) -> HttpResponse:
    """Put one conversation under exactly the labels ``l``."""
    thread = threads.own_thread(user, ids[0]) if len(ids) == 1 else None
    if thread is None:
        raise Http404
    done = actions.label(thread, {n for n in map(number, request.POST.getlist("l")) if n})
    if done.threads:
        _say(request, "labelled anew", done, ids)
    return _answer(request, number(request.POST.get("open")))


def _file(request: HttpRequest, user: User, ids: list[int], do: str) -> HttpResponse:
    """Move conversations to the folder that ``do`` names, put them under its label, or take them off it."""
    kind, _, named = do.partition(":")
    filed = _FILING[kind](user, ids, number(named))
    more = f"; {filed.elsewhere} of another account stayed" if filed.elsewhere else ""
    if filed.done.threads:
        _say(request, f"{_FILED[kind]} {filed.folder}{more}", filed.done, ids if not more else [])
    elif more:
        messages.info(request, f"Nothing here is of the account that {filed.folder} belongs to")
    opened = number(request.POST.get("open"))
    return _answer(request, opened, closing=kind == "move" and opened in ids)


def _say(request: HttpRequest, words: str, done: Done, ids: list[int]) -> None:
    what = f"{done.threads} conversations" if done.threads > 1 else _subject(request, ids)
    query = request.GET.urlencode()
    address = f"/inbox/undo/?c={_compact(done.changes)}{'&' + query if query else ''}"
    messages.success(request, f"{what} {words}", extra_tags=f"undo:{address}")


def _subject(request: HttpRequest, ids: list[int]) -> str:
    found = threads.own_thread(user_of(request), ids[0]) if len(ids) == 1 else None
    subject = found.subject if found else ""
    return f"“{subject[:50]}{'…' if len(subject) > 50 else ''}”" if subject else "1 conversation"


def _compact(numbers: list[int]) -> str:
    """4-9.12 for 4 to 9 and 12: an address for many edits, which mostly follow one another."""
    parts: list[list[int]] = []
    for n in sorted(numbers):
        if parts and parts[-1][1] == n - 1:
            parts[-1][1] = n
        else:
            parts.append([n, n])
    return ".".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split("."):
        first, _, last = part.partition("-")
        a, b = number(first), number(last or first)
        found += range(a, min(b + 1, a + _MOST_UNDONE)) if a else ()
    return found[:_MOST_UNDONE]


def _answer(request: HttpRequest, opened: int, *, closing: bool = False) -> HttpResponse:
    """With scripts the parts that changed; without, the page that comes next."""
    state = read(request)
    if not request.headers.get("HX-Request"):
        stays = opened and not closing
        return HttpResponseRedirect(f"/inbox/{opened}/{state.suffix}" if stays else state.list_path)
    context = changes(request, state)
    if closing:
        context["opened"] = 0
        context["closed"] = True
    elif opened and _is_here(state, opened):
        context["conversation"] = open_conversation(state, opened)
        context["filing"] = sidebar.filing(state, context["conversation"])
        context["refused_here"] = progress.refused(state.user, opened)
    response = render(request, "mail/changes.html", context)
    if closing:
        response["HX-Push-Url"] = state.list_path
    return response


def _is_here(state: State, thread_id: int) -> bool:
    return threads.own_thread(state.user, thread_id) is not None
