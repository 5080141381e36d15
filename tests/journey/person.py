"""A person with a browser: signs up, presses Connect, walks through the provider's pages and comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from accounts.models import User
from integrations.models import Connection
from tests.journey import engine
from tests.providers.sandbox_process import SandboxProcess

PASSWORD = "correct horse battery"
# Those of the sandbox that have everything.
ACCOUNTS = {"google": "ada.moreau@gmail.example", "microsoft": "ada@nordlys.example"}


@dataclass
class Person:
    sandbox: SandboxProcess
    browser: Client
    user: User

    @classmethod
    def signs_up(cls, sandbox: SandboxProcess, email: str) -> Person:
        browser = Client(SERVER_NAME="localhost", SERVER_PORT="8000")
        answer = browser.post("/accounts/signup/", {"email": email, "password1": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return cls(sandbox, browser, User.objects.get(email=email))

    def leaves_for(self, provider: str, **form: Any) -> str:
        """Press Connect: the provider's address that the browser is sent to."""
        answer = self.browser.post(f"/accounts/{provider}/login/?process=connect", form)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def comes_back(self, url: str) -> Any:
        """Open the address that the provider sends the browser to."""
        parts = urlsplit(url)
        return self.browser.get(f"{parts.path}?{parts.query}")

    def connects(self, provider: str, account: str, *, without: tuple[str, ...] = (), **form: Any) -> Any:
        """The whole way there and back; the answer to the callback."""
        landed = self.sandbox.walk(self.leaves_for(provider, **form), account, without=without)
        return self.comes_back(landed)

    def connected(self, provider: str, account: str, **options: Any) -> Connection:
        """Connect and let the engine sync to the end."""
        answer = self.connects(provider, account, **options)
        assert answer.status_code == 302, answer.content.decode()
        engine.sync_everything()
        return Connection.objects.get(user=self.user, provider=provider, email=account)
