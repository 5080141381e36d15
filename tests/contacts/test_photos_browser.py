"""Photos in a browser: they come by themselves while somebody looks, in the list and on the card, and nothing is said
in the console.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page
from pytest_django.live_server_helper import LiveServer

from contacts.models import Contact
from tests.browsing import SignedIn, Theme, violations
from tests.contacts.test_journey import GOOGLE, ada, connected, sandbox
from tests.journey.person import Person

__all__ = ["ada", "sandbox"]
LOADED = "image => image.complete && image.naturalWidth === 128"


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, ada: Person, settings: Any, tmp_path: Path) -> Iterator[SignedIn]:
    """An address book at the sandbox, and a worker that is there at once."""
    settings.MEDIA_ROOT = tmp_path / "files"
    connected(ada, "google", GOOGLE)
    settings.CELERY_TASK_ALWAYS_EAGER = True
    with SignedIn(browser, live_server.url, ada.user) as pages:
        yield pages


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name).first


def shows(where: Locator) -> bool:
    """Waits for a photo."""
    image = where.locator(".avatar img").first
    image.wait_for()
    image.scroll_into_view_if_needed()
    return bool(image.evaluate(f"async image => {{ await image.decode(); return ({LOADED})(image) }}"))


def test_photos_come_while_somebody_looks(opened: SignedIn) -> None:
    page = opened("/people/")
    assert shows(line(page, "Nora Berg"))
    assert line(page, "Jonas Bakke").locator(".avatar").inner_text() == "JB"
    assert line(page, "Jonas Bakke").locator(".avatar img").count() == 0
    # Who is out of sight is not asked for.
    assert Contact.objects.filter(name="Tomasz Zieliński").exclude(photo_asked="").count() == 0
    line(page, "Greta Hoffmann").click()
    assert shows(page.locator("#person")) and page.url.count("/photo/") == 0


def test_axe_finds_nothing(opened: SignedIn) -> None:
    nora = Contact.objects.get(name="Nora Berg")
    looks: list[tuple[str, str, int, Theme]] = [("", "#people", 390, "dark"), (f"{nora.pk}/", "#person", 1440, "light")]
    for path, where, width, theme in looks:
        page = opened(f"/people/{path}", width, theme)
        assert shows(page.locator(where))
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width
