"""The encrypted field: what is stored, what is refused, and what never comes out."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import transaction
from pytest_django.fixtures import Settings

from integrations.models import OAuthApp
from integrations.vault import keyring
from integrations.vault.fields import Plain, open_sealed

SECRET = "a secret that nobody may read"


@pytest.fixture
def app(db: None) -> OAuthApp:
    return OAuthApp.objects.create(provider="google", client_id="client", client_secret=Plain(SECRET))


def test_a_secret_comes_back_only_through_the_vault(app: OAuthApp) -> None:
    stored = OAuthApp.objects.get(pk=app.pk)
    assert open_sealed(stored, "client_secret") == SECRET
    assert SECRET not in repr(stored.__dict__)
    assert SECRET.encode() not in stored.client_secret.ciphertext
    assert stored.client_secret_key == stored.client_secret.key_id == keyring.primary_key_id()


def test_a_text_cannot_be_stored_by_mistake(app: OAuthApp) -> None:
    app.client_secret = SECRET
    with pytest.raises(FieldError), transaction.atomic():
        app.save()


def test_a_ciphertext_copied_to_another_row_is_refused(app: OAuthApp) -> None:
    thief = OAuthApp.objects.create(provider="microsoft", client_id="client")
    OAuthApp.objects.filter(pk=thief.pk).update(client_secret=app.client_secret)
    with pytest.raises(keyring.KeyUnavailable):
        open_sealed(OAuthApp.objects.get(pk=thief.pk), "client_secret")


def test_a_field_can_only_be_asked_whether_it_is_empty(app: OAuthApp) -> None:
    assert OAuthApp.objects.filter(client_secret__isnull=False).count() == 1
    with pytest.raises(FieldError):
        OAuthApp.objects.filter(client_secret=app.client_secret).count()


def test_a_dump_holds_the_ciphertext_and_loads_again(app: OAuthApp) -> None:
    dump = io.StringIO()
    call_command("dumpdata", "integrations.oauthapp", stdout=dump)
    assert SECRET not in dump.getvalue()
    assert json.loads(dump.getvalue())[0]["fields"]["client_secret"]
    pk = app.pk
    app.delete()
    for loaded in serializers.deserialize("json", dump.getvalue()):
        loaded.save()
    assert open_sealed(OAuthApp.objects.get(pk=pk), "client_secret") == SECRET


def test_a_wrong_key_is_said_and_gives_no_value(app: OAuthApp, tmp_path: Path, settings: Settings) -> None:
    other = tmp_path / "other.json"
    keyring.create(other)
    mine = settings.OSMEN_KEYSET
    settings.OSMEN_KEYSET = other.read_text()
    keyring.reload()
    try:
        with pytest.raises(keyring.KeyUnavailable, match="present keys"):
            open_sealed(OAuthApp.objects.get(pk=app.pk), "client_secret")
    finally:
        settings.OSMEN_KEYSET = mine
        keyring.reload()
