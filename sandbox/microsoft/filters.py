"""$filter and $orderby read into a tree, and the rule that binds the two for mail.

The part of OData that Outlook's resources accept: and, or, not, the six comparisons, ``in``, startswith, endswith,
contains, and ``collection/any(x:x eq 'v')``. Evaluating the tree is left to ``where`` (SQL) and ``matching`` (values).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.microsoft.errors import GraphError, bad_request

Literal = str | bool | int | None


@dataclass(frozen=True, slots=True)
class Compare:
    """``path operator value``; operator is eq, ne, gt, ge, lt, le, startswith, endswith, contains or any."""

    path: str
    operator: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Both:
    """``left and right`` or, with ``either``, ``left or right``."""

    left: Node
    right: Node
    either: bool


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node


Node = Compare | Both | Not

_TOKEN = re.compile(
    r"\s*(?:(?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)|(?P<number>-?\d+)(?![\w-])|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<name>[A-Za-z_][\w./]*)|(?P<mark>[(),:]))"
)
_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise _invalid()
            kind = match.lastgroup or ""
            self.tokens.append((kind, match.group(kind)))
            position = match.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def take(self, expected: str = "") -> str:
        kind, text = self.peek()
        if not kind or (expected and text != expected):
            raise _invalid()
        self.at += 1
        return text

    def either(self) -> Node:
        left = self.both()
        while self.peek() == ("name", "or"):
            self.take()
            left = Both(left, self.both(), True)
        return left

    def both(self) -> Node:
        left = self.single()
        while self.peek() == ("name", "and"):
            self.take()
            left = Both(left, self.single(), False)
        return left

    def single(self) -> Node:
        kind, text = self.peek()
        if text == "(" and kind == "mark":
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        if kind != "name":
            raise _invalid()
        self.take()
        if text == "not":
            return Not(self.single())
        if text in ("startswith", "endswith", "contains") and self.peek()[1] == "(":
            self.take("(")
            path = self.take()
            self.take(",")
            value = self.literal()
            self.take(")")
            return Compare(path, text, value)
        if text.endswith("/any"):
            return self.lambda_(text.removesuffix("/any"))
        operator = self.take()
        if operator == "in":
            return self.one_of(text)
        if operator not in _COMPARISONS:
            raise _invalid()
        return Compare(text, operator, self.literal())

    def one_of(self, path: str) -> Node:
        self.take("(")
        node: Node = Compare(path, "eq", self.literal())
        while self.peek()[1] == ",":
            self.take()
            node = Both(node, Compare(path, "eq", self.literal()), True)
        self.take(")")
        return node

    def lambda_(self, path: str) -> Node:
        self.take("(")
        name = self.take()
        self.take(":")
        inner = self.take()
        if inner.partition("/")[0] != name or self.take() != "eq":
            raise _invalid()
        value = self.literal()
        self.take(")")
        return Compare(path + inner[len(name) :], "any", value)

    def literal(self) -> Literal:
        kind, text = self.peek()
        self.take()
        if kind == "text":
            return text.replace("''", "'")
        if kind == "time":
            return text
        if kind == "number":
            return int(text)
        if kind == "name" and text in ("true", "false", "null"):
            return None if text == "null" else text == "true"
        raise _invalid()


def _invalid() -> GraphError:
    return bad_request("Invalid filter clause.", "ErrorInvalidUrlQueryFilter")


def read(text: str) -> Node:
    """The tree of a $filter. Refuses what is not well formed."""
    reader = _Reader(text)
    node = reader.either()
    if reader.peek()[0]:
        raise _invalid()
    return node


def paths(node: Node) -> list[str]:
    """The properties a filter names, in their order."""
    if isinstance(node, Compare):
        return [node.path]
    if isinstance(node, Not):
        return paths(node.inner)
    return paths(node.left) + paths(node.right)


def order(text: str) -> list[tuple[str, bool]]:
    """$orderby as (path, descending)."""
    found = []
    for part in text.split(","):
        words = part.split()
        if len(words) not in (1, 2) or (len(words) == 2 and words[1] not in ("asc", "desc")):
            raise bad_request(f"Invalid orderby clause '{part.strip()}'.", "ErrorInvalidUrlQuery")
        found.append((words[0], words[-1] == "desc"))
    return found


def agree(node: Node | None, ordering: list[tuple[str, bool]]) -> None:
    """Outlook's rule: properties of $orderby come in $filter too, first and in the same order ("List messages")."""
    if node is None or not ordering:
        return
    named = list(dict.fromkeys(paths(node)))
    if [path for path, _ in ordering] != named[: len(ordering)]:
        raise bad_request("The restriction or sort order is too complex for this operation.", "InefficientFilter")
