"""Runs the sandbox as the process that it is, and connects accounts by walking its OAuth pages over HTTP."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
import socket
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from integrations.providers.base import AppCredentials, Provider, Registry, Session
from integrations.providers.http import Request, Response, send
from tests import leaks, leash, strictness

ROOT = Path(__file__).resolve().parents[2]
# Where each vendor's own address begins, and where the sandbox has what is there.
MOVED = {
    "https://accounts.google.com/o/": "/google/o/",
    "https://oauth2.googleapis.com/": "/google/",
    "https://openidconnect.googleapis.com/": "/google/",
    "https://www.googleapis.com/oauth2/v3/": "/google/oauth2/v3/",
    "https://gmail.googleapis.com/": "/",
    "https://www.googleapis.com/calendar/": "/calendar/",
    "https://people.googleapis.com/": "/",
    "https://pubsub.googleapis.com/": "/",
    "https://login.microsoftonline.com": "/microsoft",
    "https://graph.microsoft.com/": "/",
}
_INPUT = re.compile(r'<input type="(hidden|checkbox)"[^>]*>')
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Connected:
    """An account that a person connected: the token endpoint's answer and what was asked."""

    provider: Provider
    app: AppCredentials
    email: str
    nonce: str
    answer: dict[str, Any]

    @property
    def session(self) -> Session:
        def access_token(refused: str | None = None) -> str:
            return str(self.answer["access_token"])

        return Session(access_token, self.app.endpoints, self.email)


class Sandbox:
    """A running sandbox at ``base``; the app that it sends browsers back to is at ``redirect_base``."""

    def __init__(self, base: str, redirect_base: str) -> None:
        self.base, self.redirect_base = base, redirect_base
        strictness.watch(base)

    def app(self, provider: Provider) -> AppCredentials:
        """The sandbox's OAuth app for a provider, every address at the sandbox."""
        endpoints = {name: self._moved(address) for name, address in provider.endpoints.items()}
        return AppCredentials(f"sandbox-{provider.id}", f"sandbox-{provider.id}-secret", endpoints)

    def state(self) -> list[dict[str, Any]]:
        """The accounts with their counts."""
        accounts: list[dict[str, Any]] = send(Request("GET", f"{self.base}/_sandbox/state")).json()["accounts"]
        return accounts

    def control(self, path: str, **call: Any) -> Any:
        """Call the control API, such as ``control("drills/add-mail", provider=…, email=…)``; answers its JSON."""
        answer = send(Request.with_json("POST", f"{self.base}/_sandbox/{path}", call))
        assert answer.ok, answer.text
        return answer.json()

    def messages(self, provider_id: str, email: str) -> list[dict[str, Any]]:
        """Ids and labels or folders of an account's messages, as the vendor's side has them."""
        params = {"account": email, "provider": provider_id}
        answer = send(Request("GET", f"{self.base}/_sandbox/messages", params=params)).json()
        found: list[dict[str, Any]] = answer["messages"] if isinstance(answer, dict) else answer
        return found

    def connect(
        self,
        provider_id: str,
        email: str | None = None,
        *,
        without: tuple[str, ...] = (),
        extra_scopes: tuple[str, ...] = (),
    ) -> Connected:
        """Connect an account (the first with mail by default), unticking the scopes in ``without``."""
        registry = Registry()
        registry.load((f"integrations.providers.{provider_id}.provider",))
        provider = registry[provider_id]
        app = self.app(provider)
        if email is None:
            email = next(a["email"] for a in self.state() if a["provider"] == provider_id and a["messages"])
        nonce, verifier, state = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        redirect_uri = f"{self.redirect_base}/accounts/{provider_id}/login/callback/"
        asked = {
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join((*provider.scopes_for(frozenset(provider.offered_services)), *extra_scopes)),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **provider.oauth.authorize_params(reconnect_email=None, offline=True),
        }
        landed = self._walk(f"{app.address('authorize')}?{urlencode(asked)}", redirect_uri, email, without)
        answered = parse_qs(urlsplit(landed).query)
        assert answered.get("state") == [state], landed
        fields = {
            "grant_type": "authorization_code",
            "code": answered["code"][0],
            "redirect_uri": redirect_uri,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "code_verifier": verifier,
        }
        tokens = send(Request.with_form("POST", app.address("token"), fields))
        assert tokens.ok, tokens.text
        return Connected(provider, app, email, nonce, tokens.json())

    def walk(self, url: str, email: str, *, without: tuple[str, ...] = (), until: str = "") -> str:
        """From an authorize address to where the vendor sends the browser back, as the person ``email``."""
        return self._walk(url, until or f"{self.redirect_base}/accounts/", email, without)

    def reset(self) -> None:
        """Back to the built-in world."""
        assert send(Request("POST", f"{self.base}/_sandbox/reset")).ok

    def drill(self, name: str, **fields: object) -> dict[str, Any]:
        """Press a drill."""
        answer = send(Request.with_json("POST", f"{self.base}/_sandbox/drills/{name}", fields))
        assert answer.ok, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def tokens(self) -> list[dict[str, Any]]:
        """Every token that the sandbox ever issued."""
        answer = send(Request("GET", f"{self.base}/_sandbox/tokens")).json()
        issued: list[dict[str, Any]] = answer["tokens"] if isinstance(answer, dict) else answer
        return issued

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """What was asked of the vendors after the call of that number, also inside batches."""
        found: list[dict[str, Any]] = send(
            Request("GET", f"{self.base}/_sandbox/calls", params={"since": str(since)})
        ).json()
        return found

    def _walk(self, url: str, until: str, email: str, without: tuple[str, ...]) -> str:
        """From page to page as a person would, to the address that the app gets its answer at."""
        cookies: dict[str, str] = {}
        request = Request("GET", url)
        for _ in range(12):
            if request.url.startswith(until):
                return request.url
            cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
            response = send(replace(request, headers={**request.headers, "Cookie": cookie}) if cookie else request)
            if pair := response.headers.get("set-cookie", "").partition(";")[0]:
                name, _, value = pair.partition("=")
                cookies[name] = value
            request = _next(request.url, response, email, without)
        raise AssertionError("the OAuth pages lead nowhere")

    def _moved(self, address: str) -> str:
        for old, new in MOVED.items():
            if address.startswith(old):
                return self.base + new + address.removeprefix(old)
        return address


class SandboxProcess(Sandbox):
    """A sandbox of its own on a free port."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        super().__init__(f"http://127.0.0.1:{port}", "http://localhost:8000")
        command = [*leash.command("sandbox"), "--port", str(port), "--home", str(home)]
        command += ["--redirect-base", self.redirect_base]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "ready" in line:
                return
        raise RuntimeError(f"the sandbox ended with {self._process.wait()}")

    def stop(self) -> None:
        leaks.remember(self.tokens())
        strictness.leave(self.base)
        self._process.terminate()
        self._process.wait(10)


def _next(url: str, response: Response, email: str, without: tuple[str, ...]) -> Request:
    if 300 <= response.status < 400:
        return Request("GET", urljoin(url, response.headers["location"]))
    page = response.text
    assert response.ok, page
    form = re.search(r"<form([^>]*)>(.*?)</form>", page, re.DOTALL)
    assert form is not None, page
    attributes = dict(_ATTRIBUTE.findall(form[1]))
    target = urljoin(url, html.unescape(attributes.get("action", "")))
    fields: list[tuple[str, str]] = []
    for found in _INPUT.finditer(form[2]):
        own = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(found[0])}
        if "disabled" not in found[0] and own["value"] not in without:
            fields.append((own["name"], own["value"]))
    if 'value="allow"' in form[2]:
        fields.append(("decision", "allow"))
    else:
        fields.append(("account", email))
    if attributes.get("method", "get") == "post":
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request("POST", target, headers=headers, body=urlencode(fields).encode())
    return Request("GET", f"{target}?{urlencode(fields)}")
