"""Adding, changing and deleting people, and settling what a provider refused. Forms work without scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from contacts import actions, draft, words
from contacts.draft import Draft
from contacts.models import Contact
from contacts.queries.card import own_contact
from contacts.views.page import Selection, selection, user_of, whole
from integrations.models import Connection


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new person in one of the accounts."""
    chosen = selection(request)
    if not chosen.accounts:
        raise Http404
    if request.method != "POST":
        return _form(request, chosen, draft.empty(), None)
    connection = _account(chosen, request.POST.get("connection", ""))
    made = draft.read(request.POST)
    if made.errors:
        return _form(request, chosen, made, None, connection)
    return _to(actions.create(connection, made.fields), chosen)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Change a person. Only fields that the editor changed are sent."""
    chosen = selection(request)
    contact = _editable(request, contact_id)
    if request.method != "POST":
        return _form(request, chosen, draft.of_contact(contact), contact)
    was = draft.unseal(request.POST.get("was", ""))
    made = draft.read(request.POST)
    if was is None:
        made.errors["given_name"] = "This form is too old. Check what it says and save again."
    if made.errors or was is None:
        return _form(request, chosen, made, contact)
    actions.update(contact, made.fields, was)
    return _to(contact, chosen)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Ask, then delete a person here and at the provider."""
    chosen = selection(request)
    contact = _editable(request, contact_id)
    if request.method != "POST":
        context = whole(request, chosen, opened=contact.pk) | {"leaving": contact}
        return render(request, "contacts/people.html", context)
    actions.delete(contact)
    messages.success(request, f"{contact.name or 'The person'} is deleted.")
    return HttpResponseRedirect(f"{reverse('people')}{chosen.suffix}")


@login_required
@require_POST
def settle(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Retry or discard a refused edit."""
    actions.settle_refused(user_of(request), change_id, again=request.POST.get("do") == "retry")
    opened = request.POST.get("open", "")
    shown = Contact.objects.filter(user=user_of(request), leaving=False)
    found = shown.filter(pk=int(opened)).first() if opened.isdecimal() and len(opened) < 19 else None
    chosen = selection(request)
    return _to(found, chosen) if found else HttpResponseRedirect(f"{reverse('people')}{chosen.suffix}")


@login_required
@require_POST
def apart(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show somebody on a card of their own, or with the same person in other address books again."""
    contact = own_contact(user_of(request), contact_id)
    actions.set_apart(contact, apart=request.POST.get("do") == "separate")
    return _to(contact, selection(request))


def _editable(request: HttpRequest, contact_id: int) -> Contact:
    contact = own_contact(user_of(request), contact_id)
    if contact.read_only:
        raise Http404
    return contact


def _account(chosen: Selection, text: str) -> Connection:
    found = next((c for pk, c in chosen.accounts.items() if str(pk) == text), None)
    if found is None:
        raise Http404
    return found


def _to(contact: Contact, chosen: Selection) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('person', args=[contact.pk])}{chosen.suffix}")


def _form(
    request: HttpRequest,
    chosen: Selection,
    made: Draft,
    contact: Contact | None,
    connection: Connection | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": made,
        "lists": [_rows(made, name, contact) for name in draft.LABELS],
        "months": [(str(n), name) for n, name in enumerate(words.MONTHS, 1)],
        "contact": contact,
        "was": draft.seal(contact) if contact else "",
        "into": connection or chosen.accounts.get(chosen.account) if chosen.account else connection,
        "chosen": chosen,
    }
    if request.headers.get("HX-Target") == "person":
        return render(request, "contacts/form.html", context)
    context |= whole(request, chosen, opened=contact.pk if contact else 0)
    return render(request, "contacts/people.html", context, status=422 if made.errors else 200)


def _rows(made: Draft, name: str, contact: Contact | None) -> dict[str, Any]:
    """A list's rows and one more to fill in, each with the labels that it may have."""
    pairs: list[list[str]] = made.fields[name]
    # An address book that labels none of its addresses has no labels for them.
    labelled = not (name == "emails" and contact and pairs and not any(label for _, label in pairs))
    rows = [(value, label) for value, label in pairs] + [("", draft.LABELS[name][0])]
    known = draft.LABELS[name]
    return {
        "name": name,
        "title": "E-mail" if name == "emails" else "Phone",
        "type": "email" if name == "emails" else "tel",
        "labelled": labelled,
        "error": made.errors.get(name, ""),
        "rows": [{"value": v, "label": at, "labels": known if at in known else (at, *known)} for v, at in rows],
    }
