"""Chromium for every test that looks at a page: its start, a window signed in to a live server, and axe-core."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User

CHROMIUM = os.environ.get("OSMEN_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html).join(" ")}`)"""
Theme = Literal["light", "dark"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that does nothing of its own accord."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def violations(page: Page) -> list[str]:
    """What axe-core has against the page as it is."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(VIOLATIONS)
    return [f"{page.url}: {violation}" for violation in found]


class SignedIn:
    """Opens pages of a live server for a user, and keeps what they complain of in the console."""

    def __init__(self, browser: Browser, address: str, user: User) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._address = address
        self._contexts: list[BrowserContext] = []
        client = Client()
        client.force_login(user)
        self._cookie = client.cookies[settings.SESSION_COOKIE_NAME].value

    def __call__(self, path: str, width: int = 1440, theme: Theme = "light") -> Page:
        """A page in a window of its own."""
        context = self._browser.new_context(
            viewport={"width": width, "height": 860}, color_scheme=theme, base_url=self._address
        )
        self._contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": self._cookie, "url": self._address}])
        page = context.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path)
        return page

    def __enter__(self) -> SignedIn:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Whatever a page complained of fails what was tried, unless that failed by itself."""
        for context in self._contexts:
            context.close()
        assert kind is not None or not self.complaints, self.complaints
