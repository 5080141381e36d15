"""Reading OData's query options: $select, $expand, $top, $skip, $count, and writing a page with its @odata.nextLink.

"Use query parameters to customize responses" (learn.microsoft.com/graph/query-parameters). $filter and $orderby are
left to ``filters`` and their evaluators.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import bad_request

MAX_TOP = 1000
DEFAULT_TOP = 10


@dataclass(frozen=True, slots=True)
class Entity:
    """A type's properties; ``asked`` ones come only when selected, ``links`` are what $expand may name."""

    name: str
    properties: frozenset[str]
    asked: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()


@dataclass(slots=True)
class Expansion:
    """One item of $expand with its nested options."""

    name: str
    select: list[str] | None = None
    filter: str = ""


@dataclass(slots=True)
class Shape:
    """Which properties of each item are wanted."""

    entity: Entity
    select: list[str] | None = None
    expand: dict[str, Expansion] = field(default_factory=dict)

    def wants(self, name: str) -> bool:
        """Whether a property that comes only on request, or one that is dear to make, is needed."""
        return name in self.select if self.select is not None else name not in self.entity.asked

    def cut(self, item: dict[str, Any]) -> dict[str, Any]:
        """The item with the wanted properties only; id, annotations and what was expanded always stay."""
        if self.select is None:
            return {k: v for k, v in item.items() if k not in self.entity.asked or k in self.expand}
        keep = {"id", *self.select, *self.expand}
        return {k: v for k, v in item.items() if k in keep or "@" in k}


def check(call: Call, *allowed: str) -> None:
    """Refuse system query options that this operation does not know. Others are the caller's own and ignored."""
    for name in call.query:
        if name.startswith("$") and name not in allowed:
            raise bad_request(f"The query option '{name}' is not supported on this resource.", "ErrorInvalidUrlQuery")


def split(text: str, separator: str) -> list[str]:
    """``text`` at its separators outside parentheses and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for position, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == separator and not depth and not quoted:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]


def selection(text: str, entity: Entity) -> list[str]:
    """The names in a $select, each checked; of names of derived types (``microsoft.graph.x/name``) the last part."""
    names = []
    for part in split(text, ","):
        name = part.rpartition("/")[2] if part.startswith("microsoft.graph.") else part
        if name not in entity.properties and name not in entity.asked and name not in entity.links:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{part}' on type"
                f" 'microsoft.graph.{entity.name}'.",
                "RequestBroker--ParseUri",
            )
        names.append(name)
    if not names:
        raise bad_request("The $select query option is empty.", "RequestBroker--ParseUri")
    return names


def expansions(text: str, entity: Entity) -> dict[str, Expansion]:
    """The parts of a $expand by name."""
    found: dict[str, Expansion] = {}
    for part in split(text, ","):
        name, _, options = part.partition("(")
        short = name.rpartition("/")[2] if name.startswith("microsoft.graph.") else name
        if short not in entity.links:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type"
                f" 'microsoft.graph.{entity.name}'.",
                "RequestBroker--ParseUri",
            )
        expansion = Expansion(short)
        for option in split(options.removesuffix(")"), ";"):
            key, _, value = option.partition("=")
            if key == "$select":
                expansion.select = [p.rpartition("/")[2] for p in split(value, ",")]
            elif key == "$filter":
                expansion.filter = value
            elif key not in ("$top", "$expand"):
                raise bad_request(f"The option '{key}' is not supported inside $expand.", "RequestBroker--ParseUri")
        found[short] = expansion
    return found


def shape(call: Call, entity: Entity) -> Shape:
    """$select and $expand of a request."""
    made = Shape(entity)
    if "$select" in call.query:
        made.select = selection(call.query["$select"], entity)
    if "$expand" in call.query:
        made.expand = expansions(call.query["$expand"], entity)
    return made


def whole(call: Call, name: str, default: int, low: int, high: int | None = None) -> int:
    """A query option that is a whole number within bounds."""
    text = call.query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < low or (high is not None and int(text) > high):
        limits = f"between {low} and {high}" if high is not None else f"at least {low}"
        raise bad_request(
            f"Invalid value '{text}' for {name}: it must be a whole number {limits}.", "ErrorInvalidUrlQuery"
        )
    return int(text)


def top(call: Call, default: int = DEFAULT_TOP) -> int:
    """The page size: $top, else the preference odata.maxpagesize, else the default."""
    if "$top" in call.query:
        return whole(call, "$top", default, 1, MAX_TOP)
    wanted = call.preferences.get("odata.maxpagesize", "")
    if wanted.isascii() and wanted.isdigit() and int(wanted) > 0:
        call.applied.append(f"odata.maxpagesize={wanted}")
        return min(int(wanted), MAX_TOP)
    return default


def link(call: Call, path: str, query: dict[str, str]) -> str:
    """An absolute URL on the host that was asked."""
    text = urlencode(query, quote_via=quote, safe="$,()'/:")
    return f"{call.root}/{path}" + (f"?{text}" if text else "")


def page(
    call: Call, context: str, items: list[dict[str, Any]], *, more: bool, size: int, total: int | None = None
) -> Answer:
    """A page of a list that began at $skip; ``more`` says that another follows."""
    body: dict[str, Any] = {"@odata.context": call.context(context)}
    if total is not None and counts(call):
        body["@odata.count"] = total
    body["value"] = items
    if more:
        skip = whole(call, "$skip", 0, 0) + size
        body["@odata.nextLink"] = link(call, call.path, {**call.query, "$skip": str(skip)})
    return Answer(body=body)


def counts(call: Call) -> bool:
    """Whether $count=true."""
    value = call.query.get("$count", "false")
    if value not in ("true", "false"):
        raise bad_request(f"Invalid value '{value}' for $count.", "ErrorInvalidUrlQuery")
    return value == "true"


def listing(call: Call, context: str, rows: Iterable[dict[str, Any]], default: int = DEFAULT_TOP) -> Answer:
    """A page cut out of a list that is at hand."""
    everything = list(rows)
    size, skip = top(call, default), whole(call, "$skip", 0, 0)
    return page(
        call,
        context,
        everything[skip : skip + size],
        more=len(everything) > skip + size,
        size=size,
        total=len(everything),
    )
