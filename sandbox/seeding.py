"""Fills the sandbox: with the built-in world, a corpus, or nothing, and does it again on a reset.

What is in a world is left to ``sandbox.world``; how a vendor keeps it, to the vendor.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from sandbox import accounts, faults, quotas
from sandbox.oauth import tokens
from sandbox.push import queue
from sandbox.seeds import LeftOut, SeedAccount
from sandbox.store import Store
from sandbox.vendors import VENDORS

BUILT_IN = "built-in"
SCHEMA = "CREATE TABLE IF NOT EXISTS left_out (id INTEGER PRIMARY KEY, what TEXT NOT NULL, why TEXT NOT NULL);"


def fill(store: Store, seeds: Iterable[SeedAccount]) -> LeftOut:
    """Give every account to its vendor; answers what the vendors could not take."""
    left_out = LeftOut()
    with store.write():
        for seed in seeds:
            left_out.entries.extend(VENDORS[seed.provider].load(store, seed).entries)
    return left_out


def _origins(store: Store) -> list[str] | None:
    """What the world was made of, in order; None before the first start."""
    text = store.setting("origins")
    origins: list[str] | None = None if text is None else json.loads(text)
    return origins


def _fill_from(store: Store, origin: str) -> None:
    left_out = LeftOut()
    if origin == BUILT_IN:
        from sandbox.world import world  # here, so that a home which has its world starts without building it

        seeds = world(store.now())
    else:
        from sandbox.world.corpus import corpus

        seeds, left_out = corpus(Path(origin), store.now())
    left_out.entries.extend(fill(store, seeds).entries)
    with store.write() as db:
        db.executemany("INSERT INTO left_out (what, why) VALUES (?, ?)", left_out.entries)


def begin(store: Store, *, folder: Path | None = None, empty: bool = False) -> bool:
    """Fill a new home with the built-in world, the corpus in ``folder``, or nothing; answers whether it loaded any.

    A home that has a world keeps it; a corpus that is not in it yet is added. A kill leaves nothing half done.
    """
    store.ensure(SCHEMA)
    known = _origins(store)
    wanted = str(folder.resolve()) if folder is not None else BUILT_IN if known is None and not empty else None
    new = [wanted] if wanted is not None and wanted not in (known or []) else []
    with store.write():
        for origin in new:
            _fill_from(store, origin)
        store.set("origins", json.dumps((known or []) + new))
    return bool(new)


def reset(store: Store) -> None:
    """Bring the world back to its beginning: grants, faults and changes are gone, values given out stay listed."""
    origins = _origins(store) or []
    with store.write() as db:
        tokens.revoke_all(store)
        faults.clear(store)
        queue.clear(store)
        quotas.clear(store)
        for vendor in VENDORS.values():
            vendor.clear(store)
        accounts.clear(store)
        db.execute("DELETE FROM left_out")
        store.set_clock_back()
        for origin in origins:
            _fill_from(store, origin)


def left_out(store: Store) -> list[dict[str, str]]:
    """What could not be loaded, and why."""
    return [
        {"what": row["what"], "why": row["why"]} for row in store.rows("SELECT what, why FROM left_out ORDER BY id")
    ]
