"""docs/sandbox.md names a test for every rule; each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.control.catalogue import DRILLS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "sandbox.md").read_text("utf-8")


def test_every_rule_has_a_source_and_a_test_that_exists() -> None:
    rows = [line.strip("|").split("|") for line in TEXT.splitlines() if re.search(r"\| `test_\w+` \|$", line)]
    assert len(rows) > 40
    there = set(re.findall(r"^def (test_\w+)\(", "".join(p.read_text("utf-8") for p in _tests()), re.MULTILINE))
    for rule, source, test in rows:
        assert rule.strip() and source.strip()
        assert test.strip(" `") in there, test


def _tests() -> list[Path]:
    return sorted((ROOT / "tests" / "sandbox").glob("test_*.py"))


def test_every_control_call_and_drill_that_is_told_of_exists() -> None:
    from sandbox.control import routes

    served = {getattr(route, "path", "") for route in routes()}
    for path in re.findall(r"`(?:GET|POST)?[`, ]*(?:POST|DELETE)? ?(/_sandbox/[a-z-]*)", TEXT):
        assert path in served, path
    for name in re.findall(r"/_sandbox/drills/([a-z-]+)", TEXT):
        assert name in DRILLS
