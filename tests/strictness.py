"""Every sandbox of a test run is strict: requests that break the vendors' contracts fail the test that made them.

Graph's contract lies beside the checkout and not in it; where it is absent, only Google's is held to.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).resolve().parents[2] / "shared" / "providers" / "graph-v1.0-trimmed.json"
_watched: set[str] = set()
_kept: list[dict[str, Any]] = []


def switch_on() -> None:
    """Let every sandbox that is started from here on be strict."""
    os.environ["SANDBOX_STRICT"] = "1"
    if CONTRACT.exists():
        os.environ["SANDBOX_GRAPH_CONTRACT"] = str(CONTRACT)


def watch(base: str) -> None:
    """Read this sandbox's book after every test."""
    _watched.add(base)


def _ask(base: str) -> list[dict[str, Any]]:
    """Take what is in one sandbox's book out of it; empty where the sandbox is gone."""
    request = urllib.request.Request(f"{base}/_sandbox/violations", method="DELETE")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: list[dict[str, Any]] | None = json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        _watched.discard(base)
        return []
    return found or []


def leave(base: str) -> None:
    """Keep what is in the book of a sandbox that is about to end."""
    _kept.extend(_ask(base))
    _watched.discard(base)


def violations() -> list[dict[str, Any]]:
    """What was asked since the last time and broke a contract; also between tests, by workers that go on."""
    found = _kept + [entry for base in list(_watched) for entry in _ask(base)]
    _kept.clear()
    return found
