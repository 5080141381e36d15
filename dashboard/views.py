"""Welcome or Today, and the integrations page. They read; what a person does there is in ``integrations.views``.

Parts that change by themselves are asked for again by the page; an answer that would change nothing is empty (204).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.clock import Clock
from accounts.forms import SignupForm
from accounts.models import User
from dashboard.access import troubles
from dashboard.arrival import arrival, beginning
from dashboard.cards import Card, card, colours
from dashboard.day import day_of
from dashboard.words import items, listed
from integrations import queries
from integrations.advice import leaving, troubled_apps

BUSY_SECONDS, QUIET_SECONDS = 2, 30


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _clock(user: User) -> Clock:
    return Clock.of(user, timezone.now())


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Welcome for whoever is not signed in or has nothing connected yet; Today for everybody else."""
    if not request.user.is_authenticated:
        return render(request, "dashboard/welcome.html", {"form": SignupForm()})
    user = _user(request)
    statuses = queries.status_of_user(user.pk, whole=False)
    if not statuses:
        return render(request, "dashboard/welcome.html")
    if beginning(statuses):
        return render(request, "dashboard/welcome.html", _marked({"arrival": arrival(user, _clock(user))}))
    return render(request, "dashboard/today.html", _today(user, statuses))


@login_required
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What of Today changes by itself."""
    user = _user(request)
    return _unless_same(
        request, "dashboard/today_part.html", _today(user, queries.status_of_user(user.pk, whole=False))
    )


def _today(user: User, statuses: list[queries.ConnectionStatus]) -> dict[str, Any]:
    return _marked({"day": day_of(user, _clock(user), statuses, queries.refused_of_user(user.pk))})


@login_required
@require_GET
def arriving(request: HttpRequest) -> HttpResponse:
    """The third step of Welcome: what has arrived so far."""
    user = _user(request)
    return _unless_same(request, "dashboard/arriving.html", _marked({"arrival": arrival(user, _clock(user))}))


@never_cache
@login_required
@require_GET
def integrations(request: HttpRequest) -> HttpResponse:
    """One card per connected account."""
    user = _user(request)
    return render(request, "dashboard/integrations.html", _cards(user) | {"colours": colours()})


@login_required
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """The parts of the cards that change by themselves; the whole page where a card came, went or has other buttons."""
    context = _cards(_user(request))
    if request.GET.get("shape") != context["shape"]:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _unless_same(request, "dashboard/live.html", context)


def _cards(user: User) -> dict[str, Any]:
    clock = _clock(user)
    refused = queries.refused_of_user(user.pk)
    statuses = queries.status_of_user(user.pk, exact=False)
    cards: list[Card] = [card(status, refused, clock) for status in statuses]
    needing = sum(c.ended for c in cards)
    context = {
        "cards": cards,
        "needing": needing,
        "several": sum(not c.leaving for c in cards) > 1,
        "unsent": sum(s.waiting_changes + s.refused_changes for s in statuses),
        "troubles": troubles(troubled_apps(user), clock),
        "seconds": BUSY_SECONDS if any(c.busy for c in cards) else QUIET_SECONDS,
        "shape": sha256(
            repr(
                [(c.id, c.state, c.primary, c.permissions, [p.id for g in c.groups for p in g.parts]) for c in cards]
            ).encode()
        ).hexdigest()[:12],
    }
    return _marked(context)


@login_required
@require_GET
def leave(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Asks before a connection goes: what is revoked, what is removed here, what stays at the provider."""
    user = _user(request)
    own = queries.own_connection(user.pk, str(connection_id))
    status = next(s for s in queries.status_of_user(user.pk) if s.connection == own)
    if card(status, (), _clock(user)).leaving:
        return redirect("integrations")
    kept = listed([items(s.service, s.count) for s in status.services if s.count])
    unsent = status.waiting_changes + status.refused_changes
    context = {
        "connection": own,
        "spec": own.provider_spec,
        "kept": kept,
        "unsent": unsent,
        "leaving": leaving(own),
    }
    return render(request, "dashboard/leave.html", context)


def _marked(context: dict[str, Any]) -> dict[str, Any]:
    """With a short text that is another one whenever the content is."""
    return {**context, "mark": sha256(repr(context).encode()).hexdigest()[:16]}


def _unless_same(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The part, or nothing where the page shows just that."""
    if request.GET.get("mark") == context["mark"]:
        return HttpResponse(status=204)
    return render(request, template, context)
