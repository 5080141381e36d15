"""``/setup/``: what an administrator does at a provider and here, step by step, and "Check this setup"."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations import app_setup, doctor, tasks
from integrations.models import OAuthApp
from integrations.providers.base import Provider, registry
from integrations.records import Service
from integrations.setup import page
from integrations.setup.access import administrators, at_times, once_more
from integrations.setup.forms import AppForm, PushForm


def _spec(provider_id: str) -> Provider:
    if provider_id not in registry:
        raise Http404
    return registry[provider_id]


@administrators
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every provider, and where this OsMEN is reached."""
    return render(request, "setup/overview.html", {"providers": page.providers(), "addresses": page.addresses()})


@administrators
@require_GET
def provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """One provider: how it is set up, what to click there, whether it works."""
    spec = _spec(provider_id)
    context = {"setup": page.provider(spec), "steps": page.steps(spec), "push": bool(page.push_steps(spec))}
    return render(request, "setup/provider.html", context)


@sensitive_post_parameters()
@administrators
@once_more
@at_times
@require_http_methods(["GET", "POST"])
def app(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take an app's credentials; it is used for new accounts from then on, and checked at once."""
    spec = _spec(provider_id)
    present = OAuthApp.objects.filter(provider=spec.id, active=True, sandbox=False).first()
    form = AppForm(spec, present, *((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid() and form.given is not None:
        with transaction.atomic():
            stored = app_setup.store(spec.id, form.given, services=map(Service, form.cleaned_data["services"]))
            _ask(stored)
        messages.success(request, f"Stored. New {spec.name} accounts are connected with this app.")
        return redirect("setup_provider", spec.id)
    context = {"form": form, "setup": page.provider(spec), "hint": spec.client_id_hint}
    return render(request, "setup/app.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters()
@administrators
@once_more
@at_times
@require_http_methods(["GET", "POST"])
def push(request: HttpRequest, provider_id: str) -> HttpResponse:
    """What makes a provider tell of changes."""
    spec = _spec(provider_id)
    present = OAuthApp.objects.filter(provider=spec.id, active=True).first()
    if spec.guide is None or not spec.guide.push_fields or present is None:
        raise Http404
    form = PushForm(spec.guide, present, *((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            app_setup.keep_push(present, form.names, form.new_key)
            _ask(present)
        messages.success(request, "Stored.")
        return redirect("setup_provider", spec.id)
    context: dict[str, Any] = {"form": form, "setup": page.provider(spec), "steps": page.push_steps(spec)}
    return render(
        request, "setup/push.html", context | {"addresses": page.addresses()}, status=400 if form.errors else 200
    )


@administrators
@at_times
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Ask for a check (POST); what the last one found, as a part of the page (GET)."""
    spec = _spec(provider_id)
    if request.method == "POST":
        with transaction.atomic():
            _ask(get_object_or_404(OAuthApp, provider=spec.id, active=True))
        return redirect(f"{request.path.removesuffix('check/')}#check")
    setup = page.provider(spec)
    if setup.checked and setup.checked.going_on and not setup.checked.late:
        return HttpResponse(status=204)
    return render(request, "setup/findings.html", {"setup": setup})


@administrators
@once_more
@at_times
@require_POST
def use(request: HttpRequest, provider_id: str, app_id: UUID) -> HttpResponse:
    """Connect new accounts with another app that is stored here."""
    chosen = get_object_or_404(OAuthApp, provider=_spec(provider_id).id, pk=app_id)
    app_setup.activate(chosen)
    messages.success(request, f"New accounts are connected with {chosen}. Those that are connected stay as they are.")
    return redirect("setup_provider", provider_id)


def _ask(row: OAuthApp) -> None:
    doctor.ask(row)
    transaction.on_commit(lambda: tasks.check_setup.delay(str(row.pk)))
