"""The People page: a list, and beside it a card or a form. One address for each list and each person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from contacts.queries import card as cards
from contacts.queries import people as lists
from integrations.models import Connection


def user_of(request: HttpRequest) -> User:
    """The signed-in user; views that call it require one."""
    return cast(User, request.user)


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the list is shown."""

    query: str
    account: UUID | None
    accounts: dict[UUID, Connection]

    @property
    def suffix(self) -> str:
        """The selection as it goes behind an address."""
        chosen = {"q": self.query, "account": str(self.account or "")}
        found = urlencode({name: value for name, value in chosen.items() if value})
        return f"?{found}" if found else ""

    @property
    def joined(self) -> str:
        """The beginning of an address of the list that takes more parameters."""
        return f"/people/{self.suffix}{'&' if self.suffix else '?'}"


def selection(request: HttpRequest) -> Selection:
    """One query. An account that is not the reader's narrows nothing."""
    accounts = lists.accounts_of(user_of(request))
    try:
        account = UUID(request.GET.get("account", ""))
    except ValueError:
        account = None
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    return Selection(query, account if account in accounts else None, accounts)


@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The list; with ``part`` only the list itself or its further rows, for one that is typed or scrolled."""
    chosen = selection(request)
    part = request.GET.get("part", "")
    if part == "rows":
        found = lists.people(user_of(request), chosen.accounts, chosen.query, chosen.account)
        listing = lists.page(found, chosen.accounts, request.GET.get("after", ""))
        return render(request, "contacts/rows.html", {"chosen": chosen, "listing": listing})
    context = whole(request, chosen, request.GET.get("after", ""))
    if part != "list":
        return render(request, "contacts/people.html", context)
    response = render(request, "contacts/list.html", context)
    if urlsplit(request.headers.get("HX-Current-URL", "")).path == reverse("people"):
        response["HX-Replace-Url"] = f"{reverse('people')}{chosen.suffix}"
    return response


@login_required
@require_safe
def person(request: HttpRequest, contact_id: int) -> HttpResponse:
    """A card beside the list; alone when it is asked for to be put there."""
    user = user_of(request)
    chosen = selection(request)
    card = cards.card(user, cards.own_contact(user, contact_id))
    context = {"chosen": chosen, "card": card}
    if request.headers.get("HX-Target") == "person":
        return render(request, "contacts/card.html", context)
    return render(request, "contacts/people.html", whole(request, chosen, opened=contact_id) | context)


def whole(request: HttpRequest, chosen: Selection, after: str = "", *, opened: int = 0) -> dict[str, Any]:
    """What the page shows besides the person."""
    found = lists.people(user_of(request), chosen.accounts, chosen.query, chosen.account)
    return {
        "chosen": chosen,
        "listing": lists.page(found, chosen.accounts, after),
        "count": found.count(),
        "arriving": lists.arriving(chosen.accounts),
        "off": lists.off(chosen.accounts),
        "refused": cards.refused_of(user_of(request)),
        "opened": opened,
    }
