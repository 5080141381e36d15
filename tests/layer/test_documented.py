"""The pages on the Python layer and the command line name everything there is, and nothing that is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import integrations.convert
from integrations.layer import IntegrationLayer
from integrations.layers.calendar_manager import CalendarManager
from integrations.providers.base import registry

DOCS = Path(__file__).resolve().parents[2] / "docs"
PYTHON, SHELL = ((DOCS / name).read_text("utf-8") for name in ("python-layer.md", "command-line.md"))
COMMANDS = (
    "setup",
    "setup_oauth",
    "complete_oauth",
    "connections",
    "sync",
    "integration_test",
    "doctor",
    "backup",
    "keys",
    "ledger",
)


def methods(of: object) -> set[str]:
    return {name for name in dir(of) if not name.startswith("_") and callable(getattr(of, name))}


def test_every_method_is_named() -> None:
    clients = [client for spec in registry for client in spec.live.values()]
    named = set(re.findall(r"`(?:layer\.)?(\w+)(?:\(\))?`", PYTHON))
    for of in (*clients, CalendarManager, IntegrationLayer):
        assert methods(of) - named - {"live"} == set(), of
    assert set(integrations.convert.__all__) - {"Converted"} <= named


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_named(name: str) -> None:
    """Its flags are on the page that is written from its help (``tests/quality``)."""
    assert f"`{name}" in SHELL
