"""Every operation of Graph's contract, called once: it succeeds as the contract says, or docs/sandbox.md says why not.

The operations are counted from the contract, so one that nothing calls fails here. How each is refused is in
``test_every_refusal``.
"""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.app import create_app
from sandbox.strict.book import judges
from tests.sandbox.graph_calls import SCRIPTS, Caller, world
from tests.sandbox.graph_schema import CONTRACT, needs_contract, successes

DOCS = Path(__file__).resolve().parents[2] / "docs" / "sandbox.md"


def _left_out() -> set[str]:
    """The operations that "What is left out" names, each in a row that says why."""
    table = DOCS.read_text("utf-8").partition("## What is left out")[2]
    rows = re.findall(r"^\| (.+) \| .+ \|$", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`((?:GET|POST|PATCH|PUT|DELETE) [^`]+)`", row)}


@needs_contract
def test_every_operation_succeeds_as_the_contract_says() -> None:
    called: set[str] = set()
    for script in SCRIPTS:
        call = Caller(world())
        call.g.app = create_app(call.g.store, judges(CONTRACT))
        script(call)
        assert call.g.app.state.violations.entries == [], script.__name__
        called |= call.called
    stated, left_out = set(successes()), _left_out()
    assert left_out <= stated
    assert sorted(stated - called) == sorted(left_out)


@needs_contract
def test_what_is_left_out_is_refused() -> None:
    call = world()
    for name in _left_out():
        method, _, path = name.partition(" ")
        refused = call.call(method, path.replace("{}", "nothing"), body=None if method == "GET" else {})
        assert refused.status in (400, 404, 405), name  # and says so as the contract does: ``call`` looks
