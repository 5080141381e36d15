"""Turns a page of Graph's events into records, fetching what the page does not say.

One reader serves one run of a sync, and fetches each series once in it. Links, stages and cursors are left to
``calendar``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from integrations.errors import PermanentFailure
from integrations.providers.microsoft import calendar_event as mapping
from integrations.providers.microsoft.graph import NEXT, Graph, Json, path, with_query
from integrations.records import EventKind, EventRecord

_EXCEPTIONS = "exceptionOccurrences"
_WHOLE = {"$select": mapping.MASTER_SELECT, "$expand": _EXCEPTIONS}


class Reader:
    """Reads pages for the account with the address ``me``."""

    def __init__(self, graph: Graph, me: str) -> None:
        self._graph = graph
        self._me = me
        self._series: dict[str, Json | None] = {}

    def read(self, items: Sequence[Json]) -> tuple[tuple[EventRecord, ...], tuple[str, ...]]:
        """A page's records, masters before what is theirs, and removed ids. The last of a repeated item counts."""
        latest = {item["id"]: item for item in items}
        removed = tuple(i for i, item in latest.items() if "@removed" in item)
        present = self._completed([item for item in latest.values() if "@removed" not in item])
        masters = [i["id"] for i in present if mapping.kind(i) is EventKind.MASTER]
        parents = [i["seriesMasterId"] for i in present if i.get("seriesMasterId")]
        records = self._new_series([*masters, *parents])
        for item in present:
            kind, master = mapping.kind(item), self._series.get(item.get("seriesMasterId") or "")
            if kind is EventKind.OCCURRENCE and master:
                records.append(mapping.occurrence(item, master))
            elif kind in (EventKind.SINGLE, EventKind.EXCEPTION):
                records.append(mapping.event(item, self._me))
        return tuple(records), removed

    def _completed(self, items: Sequence[Json]) -> list[Json]:
        """The items, those that say too little replaced by what they are now; without those that are gone by now."""
        fetched = self._fetch([i["id"] for i in items if not mapping.is_enough(i)])
        completed = (fetched.get(i["id"], i) for i in items)
        return [i for i in completed if i]

    def _new_series(self, wanted: Iterable[str]) -> list[EventRecord]:
        """Masters, with their exceptions, that this run has not told yet."""
        fresh = [i for i in dict.fromkeys(wanted) if i not in self._series]
        found = self._fetch(fresh)
        self._series |= found
        return [record for item in found.values() if item for record in mapping.series(item, self._me)]

    def _fetch(self, ids: Sequence[str]) -> dict[str, Json | None]:
        """Events as they are now, by id; None for one that is gone.

        Where Graph refuses to tell a series' exceptions, the event alone is better than none.
        """
        found = dict(zip(ids, self._graph.get_many([with_query(_event(i), _WHOLE) for i in ids]), strict=True))
        refused = [i for i, answer in found.items() if isinstance(answer, PermanentFailure)]
        found |= dict(zip(refused, self._graph.get_many([_event(i) for i in refused]), strict=True))
        return {i: self._with_exceptions(a) if isinstance(a, dict) else None for i, a in found.items()}

    def _with_exceptions(self, item: Json) -> Json:
        """A series with the further pages of its exceptions, where it has some."""
        if link := item.get(f"{_EXCEPTIONS}{NEXT}"):
            further = [e for page in self._graph.pages(link) for e in page]
            return {**item, _EXCEPTIONS: [*item.get(_EXCEPTIONS, ()), *further]}
        return item


def _event(identifier: str) -> str:
    return path("me", "events", identifier)
