"""The help pages: built when they are missing or old, once, and never in the way of a start."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from osmen_launcher import manual
from osmen_launcher.console import Console, Steps


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Documents of one page, in place of the project's."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "conf.py").write_text("project = 'Almanac'\n")
    (folder / "index.rst").write_text("Welcome\n=======\n")
    monkeypatch.setattr(manual, "DOCS", folder)
    monkeypatch.setattr(manual, "MANUAL", folder / "_site")
    monkeypatch.setattr(manual, "STAMP", folder / "_site" / ".stamp")
    return folder


def build() -> str:
    said = io.StringIO()
    steps = Steps(Console(said), 1)
    steps.begin("Building the help pages")
    manual.ensure_manual(steps)
    steps.end()
    return said.getvalue()


def test_pages_are_built_once_and_anew_when_a_document_changed(docs: Path) -> None:
    assert not manual.installed()
    build()
    assert manual.installed() and "Welcome" in (docs / "_site" / "index.html").read_text("utf-8")
    assert "up to date" in build()
    (docs / "index.rst").write_text("Welcome back\n============\n")
    assert not manual.installed()
    build()
    assert "Welcome back" in (docs / "_site" / "index.html").read_text("utf-8")


def test_documents_that_cannot_be_built_do_not_stop_a_start(docs: Path) -> None:
    build()
    (docs / "conf.py").write_text("this is no Python\n")
    assert "left out: OsMEN could not build the help pages" in build()
    assert "Welcome" in (docs / "_site" / "index.html").read_text("utf-8") and not manual.installed()
