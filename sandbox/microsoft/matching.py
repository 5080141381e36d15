"""A $filter tree held against an item as it is shown, and $orderby over a list of such items that fits in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.microsoft.errors import bad_request
from sandbox.microsoft.filters import Both, Compare, Node, Not
from sandbox.microsoft.odata import Entity
from sandbox.microsoft.where import moment


def known(paths: Iterable[str], entity: Entity) -> None:
    """Refuse a property that the type does not have."""
    for path in paths:
        if path.partition("/")[0] not in entity.properties:
            raise bad_request(
                f"Could not find a property named '{path}' on type 'microsoft.graph.{entity.name}'.",
                "ErrorInvalidUrlQueryFilter",
            )


def value(item: Any, path: str) -> Any:
    """What is at a path such as ``start/dateTime``."""
    for name in path.split("/"):
        item = item.get(name) if isinstance(item, dict) else None
    return item


def holds(node: Node, item: dict[str, Any]) -> bool:
    """Whether the filter holds for the item."""
    if isinstance(node, Not):
        return not holds(node.inner, item)
    if isinstance(node, Both):
        left = holds(node.left, item)
        return (left or holds(node.right, item)) if node.either else (left and holds(node.right, item))
    return _compare(node, item)


def _compare(node: Compare, item: dict[str, Any]) -> bool:
    wanted: Any = node.value
    if node.operator == "any":
        base, _, rest = node.path.partition("/")
        return any(_fold(value(one, rest) if rest else one) == _fold(wanted) for one in item.get(base) or [])
    found = value(item, node.path)
    if node.operator in ("eq", "ne"):
        if isinstance(found, str) and isinstance(wanted, str) and _dated(found) and _dated(wanted):
            found, wanted = _sortable(found), _sortable(wanted)
        return bool(_fold(found) == _fold(wanted)) == (node.operator == "eq")
    if found is None or wanted is None:
        return False
    if node.operator in ("startswith", "endswith", "contains"):
        inside, part = str(found).casefold(), str(wanted).casefold()
        texts = {"startswith": inside.startswith(part), "endswith": inside.endswith(part), "contains": part in inside}
        return texts[node.operator]
    left, right = _sortable(found), _sortable(wanted)
    found = {"gt": left > right, "ge": left >= right, "lt": left < right, "le": left <= right}[node.operator]
    return bool(found)


def _fold(one: Any) -> Any:
    return one.casefold() if isinstance(one, str) else one


def _dated(text: str) -> bool:
    return len(text) >= 10 and text[:4].isdigit() and text[4:5] == "-" and text[7:8] == "-"


def _sortable(one: Any) -> Any:
    return moment(one) if isinstance(one, str) and _dated(one) else _fold(one)


def ordered(items: list[dict[str, Any]], order: list[tuple[str, bool]]) -> list[dict[str, Any]]:
    """The items sorted by $orderby; those without the property come first."""
    for path, down in reversed(order):
        items = sorted(items, key=lambda item: _key(value(item, path)), reverse=down)
    return items


def _key(found: Any) -> tuple[bool, Any]:
    return (False, "") if found is None else (True, _sortable(found) if isinstance(found, str) else str(found))
