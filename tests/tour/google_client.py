"""What the tours by Google's own libraries share: Ada's credentials, a client of each API, a letter."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from typing import Any

import pytest
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document  # type: ignore[attr-defined]

from sandbox.google.contract import document
from tests.sandbox.conftest import FULL, Sandbox

ADA, EVA = "ada@gmail.example", "eva@gmail.example"
_MORE = (
    " https://www.googleapis.com/auth/contacts.other.readonly https://www.googleapis.com/auth/gmail.settings.sharing"
)
_MORE += " https://www.googleapis.com/auth/gmail.settings.basic"


def connected(sandbox: Sandbox, email: str) -> Credentials:
    """A person's credentials, as an app would have them after consent, renewed once."""
    body = sandbox.connect("google", email, FULL["google"] + _MORE)
    made = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=body["refresh_token"],
        token_uri=f"{sandbox.base}/google/token",
        client_id="sandbox-google",
        client_secret="sandbox-google-secret",
    )
    made.refresh(Request())  # type: ignore[no-untyped-call]
    return made


@pytest.fixture
def credentials(sandbox: Sandbox) -> Credentials:
    """Ada's."""
    sandbox.seed(accounts=[{"provider": "google", "email": email} for email in (ADA, EVA)])
    return connected(sandbox, ADA)


def service(sandbox: Sandbox, credentials: Credentials, name: str) -> Any:
    """One API's client, from the discovery document that the library ships."""
    return build_from_document(document(name) | {"rootUrl": f"{sandbox.base}/"}, credentials=credentials)


def letter(to: str, subject: str) -> EmailMessage:
    made = EmailMessage()
    made["To"], made["Subject"] = to, subject
    made.set_content("Hello\n")
    return made


def as_body(message: EmailMessage) -> dict[str, str]:
    return {"raw": base64.urlsafe_b64encode(message.as_bytes()).decode()}
