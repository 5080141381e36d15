"""The documentation is whole: it builds without a warning, no link in it is dead, what it says of settings is so."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from osmen_web import configuration, documents
from tests.browsing import SignedIn, Theme, violations

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages. A warning of Sphinx, such as a link into nowhere, is an error."""
    built = tmp_path_factory.mktemp("site")
    answer = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-E", DOCS, built],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0 and not answer.stderr, answer.stderr
    return built


def test_no_link_in_the_site_is_dead(site: Path) -> None:
    pages = {file: _Page(file) for file in site.rglob("*.html")}
    assert len(pages) > 15
    dead = []
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link == "/":  # another site's, or the app itself
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.is_file() or (parts.fragment and parts.fragment not in pages[target].ids):
                dead.append(f"{file.name}: {link}")
    assert not dead


def test_the_site_loads_nothing_from_elsewhere_and_has_no_inline_script_or_style(site: Path) -> None:
    for file in site.rglob("*.html"):
        page = _Page(file)
        assert not page.inline, (file.name, page.inline)
        assert not [one for one in page.loaded if urlsplit(one).netloc], file.name


def test_the_pages_work_in_a_browser_under_our_policy(
    site: Path, settings: Settings, browser: Browser, live_server: LiveServer
) -> None:
    settings.HELP_ROOT = site
    found: list[str] = []
    themes: tuple[Theme, ...] = ("light", "dark")
    with SignedIn(browser, live_server.url, User.objects.create_user("ada@osmen.example")) as opened:
        for theme in themes:
            page = opened("/help/", theme=theme)
            page.get_by_label("Search the help").fill("redirect_uri_mismatch")
            page.keyboard.press("Enter")
            page.get_by_role("link", name="Troubleshooting").last.click()
            page.get_by_role("heading", name="Connecting did not work").wait_for()
            found += violations(page)
            for name in ("Configuration", "Python layer", "Connect Google"):
                page.get_by_role("navigation", name="Help").get_by_role("link", name=name).click()
                page.get_by_role("heading", name=name, level=1).wait_for()
                found += violations(page)
        phone = opened("/help/self-hosting.html", width=390)
        phone.get_by_text("All pages").click()
        phone.get_by_role("link", name="Getting started").wait_for()
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        found += violations(phone)
    assert not found


def test_the_readme_and_the_changelog_link_to_what_exists() -> None:
    for name in ("README.md", "CHANGELOG.md"):
        for link in MARKDOWN_LINK.findall((ROOT / name).read_text("utf-8")):
            assert urlsplit(link).scheme or (ROOT / urlsplit(link).path).exists(), f"{name}: {link}"


@pytest.mark.parametrize("name", documents.pages())
def test_written_pages_are_current(name: str) -> None:
    message = f"docs/{name} is out of date. Run: python3 osmen.py document"
    assert (DOCS / name).read_text("utf-8") == documents.pages()[name], message


def test_every_variable_that_is_read_is_declared_and_every_declared_one_is_read() -> None:
    declared = {one.name for group in configuration.GROUPS.values() for one in group}
    alone = {one.name for one in vars(configuration).values() if isinstance(one, configuration.Variable)}
    assert alone == declared
    settings = (ROOT / "osmen_web" / "settings.py").read_text("utf-8")
    assert "os.environ" not in settings and "env." not in settings
    read = {getattr(configuration, word).name for word in re.findall(r"\bconf\.([A-Z_]+)\.read\(", settings)} | set(
        _environment_names()
    )
    assert read - declared == set() and declared - read == set()


def _environment_names() -> Iterator[str]:
    """Variables of ours that the launcher and the engine read on their own."""
    for room in ("osmen_launcher", "integrations"):
        for file in (ROOT / room).rglob("*.py"):
            text = file.read_text("utf-8")
            if "os.environ" in text and file.name != "suite.py":  # its own are for tests alone
                yield from re.findall(r'"(OSMEN_[A-Z_]*[A-Z])"', text)


def test_every_flag_of_every_command_says_what_it_is_for() -> None:
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", documents.pages()["commands.md"], re.MULTILINE)
    assert len(rows) > 50 and not [flag for flag, meaning in rows if not meaning.replace("(needed)", "").strip()]


def test_the_flags_of_up_are_documented() -> None:
    usage = subprocess.run([sys.executable, ROOT / "osmen.py", "up", "--help"], capture_output=True, text=True).stdout
    page = (DOCS / "getting-started.md").read_text("utf-8")
    flags = set(re.findall(r"--[a-z-]+", usage)) - {"--help"}
    assert len(flags) > 5 and not [flag for flag in flags if f"`{flag}" not in page]


class _Page(HTMLParser):
    """What a page links to, loads, names and has inline."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.inline: list[str] = []
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self.ids |= {facts["id"]} if "id" in facts else set()
        self.inline += [name for name in facts if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in facts):
            self.inline.append(tag)
        self.loaded += [facts["src"]] if "src" in facts else []
        self.loaded += [facts["href"]] if tag == "link" and "href" in facts else []
        self.links += [facts[name] for name in ("href", "src") if name in facts]
