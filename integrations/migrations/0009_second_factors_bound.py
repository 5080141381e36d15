"""Secrets of second factors are bound to their rows: those that were bound to their key alone, or not encrypted, are now."""

import base64
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import migrations

NONCE = 12


def bind(apps: Any, schema_editor: Any) -> None:
    # Only where there is something to do: the vault's own tables are as they are now, not as they were here.
    from integrations.vault import second_factors

    Authenticator = apps.get_model("mfa", "Authenticator")
    for factor in Authenticator.objects.filter(type__in=second_factors.PLACES):
        place = second_factors.PLACES[factor.type]
        text = opened(factor.data.get(place, ""))
        if text:
            factor.data[place] = second_factors.seal(text)
            second_factors.bind(factor.data, factor.user_id, factor.type)
            factor.save(update_fields=["data"])


def opened(stored: str) -> str:
    """The text of a secret; empty for one that the present keys cannot read, which stays as it is."""
    from integrations.vault import secrets

    if not stored.startswith("osmen"):
        return stored
    prefix, key, encoded = stored.split(":")
    secret = secrets.readable(secrets.SECOND_FACTOR).get(UUID(key)) if prefix == "osmen1" else None
    if secret is None:
        return ""
    sealed = base64.b64decode(encoded)
    try:
        return AESGCM(secret.key).decrypt(sealed[:NONCE], sealed[NONCE:], f"osmen:second-factor:{key}".encode()).decode()
    except InvalidTag:
        return ""


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0008_kept"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(bind)]
