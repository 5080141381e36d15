"""A person's browser that remembers what no page should do: ask other hosts, complain, fail."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from tests.browsing import Theme, violations


class Surfer:
    """One person's browser window, in Paris."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.context = browser.new_context(
            base_url=address, viewport={"width": 1280, "height": 860}, locale="en-GB", timezone_id="Europe/Paris"
        )
        self.context.set_default_timeout(15_000)
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page: Page = self.context.new_page()

    def goes(self, place: str) -> None:
        """Follow a link of the rail."""
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=place).click()

    def axe(self, theme: Theme) -> list[str]:
        """What axe-core has against the page as it is, in a theme."""
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        return [f"{theme}: {violation}" for violation in violations(self.page)]

    def _asked(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob", "about"):
            self.hosts.add(url.hostname or request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} from {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} at {message.location.get('url')}")
