"""Walks Google's listings for the live clients: page after page, item by item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from integrations.providers.base import Session
from integrations.providers.google.api import call

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

Json = dict[str, Any]


def walk(session: Session, build: Callable[[dict[str, str]], HttpRequest], items: str) -> Iterator[Json]:
    """Every item of a listing. ``build`` makes the call for the page that its argument names (none for the first)."""
    page: dict[str, str] = {}
    while True:
        listed = call(session, build(page))
        yield from listed.get(items) or ()
        if not listed.get("nextPageToken"):
            return
        page = {"pageToken": str(listed["nextPageToken"])}


def first(items: Iterator[Json], most: int | None) -> list[Json]:
    """The first ``most`` items, or all of them."""
    return list(islice(items, most))
