"""Push tests: the sandbox knocks at a running OsMEN."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journey.conftest import ada, sandbox

__all__ = ["ada", "door", "sandbox"]


@pytest.fixture
def door(live_server: Any, settings: Any) -> str:
    """OsMEN's address, at which providers may knock."""
    settings.OSMEN_PUSH_URL = live_server.url
    return str(live_server.url)
