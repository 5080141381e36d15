"""A $filter tree as SQL over a table's columns, and $orderby likewise. What is which column is left to callers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.microsoft.clock import instant
from sandbox.microsoft.errors import bad_request
from sandbox.microsoft.filters import Both, Compare, Node, Not

_SQL = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


@dataclass(frozen=True, slots=True)
class Column:
    """An SQL expression and what it holds: 'text', 'bool', 'time', or 'list' (a JSON array)."""

    sql: str
    kind: str = "text"


def moment(text: str) -> str:
    """A literal of $filter as an instant of the tables."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"'{text}' is not a date with time.", "ErrorInvalidUrlQueryFilter") from None
    return instant(found if found.tzinfo else found.replace(tzinfo=UTC))


def column(columns: dict[str, Column], path: str, kind: str) -> Column:
    found = columns.get(path)
    if found is None:
        raise bad_request(
            f"Could not find a property named '{path}' on type 'microsoft.graph.{kind}'.", "ErrorInvalidUrlQueryFilter"
        )
    return found


def condition(node: Node, columns: dict[str, Column], kind: str) -> tuple[str, list[Any]]:
    """The tree as a condition with its parameters."""
    if isinstance(node, Not):
        sql, arguments = condition(node.inner, columns, kind)
        return f"NOT ({sql})", arguments
    if isinstance(node, Both):
        left, first = condition(node.left, columns, kind)
        right, second = condition(node.right, columns, kind)
        return f"({left} {'OR' if node.either else 'AND'} {right})", first + second
    return _comparison(node, column(columns, node.path, kind))


def _comparison(node: Compare, held: Column) -> tuple[str, list[Any]]:
    value: Any = node.value
    if node.operator == "any":
        return f"EXISTS (SELECT 1 FROM json_each({held.sql}) WHERE value = ? COLLATE NOCASE)", [value]
    if held.kind == "bool":
        if not isinstance(value, bool):
            raise bad_request("A boolean property is compared with true or false.", "ErrorInvalidUrlQueryFilter")
        return f"{held.sql} {_SQL[node.operator]} ?", [int(value)]
    if node.operator in ("startswith", "endswith", "contains"):
        pattern = str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        before, after = node.operator != "startswith", node.operator != "endswith"
        return f"{held.sql} LIKE ? ESCAPE '\\'", ["%" * before + pattern + "%" * after]
    if value is None:
        return f"{held.sql} {_SQL[node.operator]} ''", []
    if held.kind == "time":
        return f"{held.sql} {_SQL[node.operator]} ?", [moment(str(value))]
    return f"{held.sql} {_SQL[node.operator]} ? COLLATE NOCASE", [str(value)]


def ordering(order: list[tuple[str, bool]], columns: dict[str, Column], kind: str) -> str:
    """An ORDER BY list that ends in the row's id, so that pages never overlap."""
    parts = [f"{column(columns, path, kind).sql} {'DESC' if down else 'ASC'}" for path, down in order]
    return ", ".join([*parts, "id DESC" if order and order[0][1] else "id ASC"])
