"""The result of a conversion, and the reading of a source by which its report comes about.

Whatever a conversion does not take from its source is lost by that very fact and is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Converted:
    """The other form. ``lost`` names the fields of the source, with dots for what is inside of others, that it has no
    room for; ``left`` those that belong to the original alone, such as its id.
    """

    value: Json
    lost: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Source:
    """A vendor's object that is being read. Empty fields say nothing and cannot be lost."""

    def __init__(self, given: Mapping[str, Any], own: Iterable[str]) -> None:
        self._given = {name: value for name, value in given.items() if value not in (None, "", [], {})}
        self._untaken = set(self._given)
        self._own = frozenset(own)
        self._lost: set[str] = set()

    def take(self, name: str, default: Any = None) -> Any:
        """A field's value; it counts as carried over, unless ``lose`` says otherwise."""
        self._untaken.discard(name)
        return self._given.get(name, default)

    def lose(self, name: str) -> None:
        """The other form has no room for this."""
        self._lost.add(name)

    def lose_rest(self, inside: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
        """Of the object in the field ``inside`` only ``known`` is carried over."""
        known = frozenset(known)
        for name, value in given.items():
            if name not in known and value not in (None, "", [], {}, False):
                self.lose(f"{inside}.{name}")

    def converted(self, value: Json) -> Converted:
        """The result, with everything in the report that was not taken."""
        left = {name for name in self._untaken if name in self._own or name.startswith("@odata")}
        lost = self._lost | (self._untaken - left)
        return Converted(value, tuple(sorted(lost)), tuple(sorted(left)))
