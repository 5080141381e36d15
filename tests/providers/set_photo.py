"""Giving somebody another photo at a vendor, as another app would."""

from __future__ import annotations

import base64

from integrations.providers.base import Provider, Session
from integrations.providers.http import Request, send


def set_photo(provider: Provider, session: Session, contact_id: str, content: bytes) -> None:
    """Set it by the vendor's API."""
    headers = {"Authorization": f"Bearer {session.access_token()}"}
    if provider.id == "google":
        root = session.endpoints["people"].rstrip("/")
        said = {"photoBytes": base64.urlsafe_b64encode(content).decode(), "personFields": "photos"}
        answer = send(Request.with_json("PATCH", f"{root}/v1/{contact_id}:updateContactPhoto", said, headers))
    else:
        address = f"{session.endpoints['graph'].rstrip('/')}/me/contacts/{contact_id}/photo/$value"
        answer = send(Request("PUT", address, headers=headers | {"Content-Type": "image/png"}, body=content))
    assert answer.ok, answer.text
