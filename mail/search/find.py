"""Asks the index: the newest messages of a scope in which everything holds that a query asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from mail.models import Message
from mail.search import index
from mail.search.query import Part, Query, Term
from mail.search.scope import Scope

_COLUMN = {Part.SUBJECT: 1, Part.SENDER: 2, Part.RECIPIENTS: 3}
_IN_FOLDER = "EXISTS (SELECT 1 FROM mail_messagefolder f WHERE f.message_id = m.id AND f.folder_id IN ({marks}))"
TOP = (1 << 63) - 1
Condition = tuple[str, Sequence[Any]]


def newest(query: Query, scope: Scope, limit: int, before: int = TOP) -> list[int]:
    """Places of matching messages, newest first, below ``before``; nothing for a query that asks nothing. One query."""
    return _places(query, scope, [(f"{_place()} < %s", [before])], limit)


def among(places: Sequence[int], query: Query, scope: Scope) -> list[int]:
    """Those of the places whose message matches. At most one query."""
    return _places(query, scope, [_among(_place(), places)], len(places)) if places else []


def messages(query: Query, scope: Scope, limit: int) -> list[int]:
    """The ids of the newest matching messages, newest first. One query."""
    return [index.message_at(place) for place in newest(query, scope, limit)]


def _places(query: Query, scope: Scope, conditions: list[Condition], limit: int) -> list[int]:
    if query.empty or scope.nowhere:
        return []
    conditions += [*_words(query.terms), *_in(scope), *((f"m.{name} = %s", [value]) for name, value in query.flags)]
    # The order of the tables is said to SQLite, which would look at every message first.
    statement = (
        f"SELECT {_place()} FROM mail_words CROSS JOIN mail_message m"
        f" WHERE m.id = {_place()} & {index.ID_MASK} AND m.detached_at IS NULL"
        f" AND {' AND '.join(said for said, _ in conditions)} ORDER BY {_place()} DESC LIMIT %s"
    )
    given = [value for _, values in conditions for value in values]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, limit])
        return [place for (place,) in cursor.fetchall()]


def _in(scope: Scope) -> Iterable[Condition]:
    column = Message._meta.get_field("connection")
    yield _among("m.connection_id", [column.get_db_prep_value(pk, connection) for pk in scope.accounts])
    for folders in scope.inside:
        yield _IN_FOLDER.format(marks=_marks(folders)), list(folders)
    if scope.outside:
        yield f"NOT {_IN_FOLDER.format(marks=_marks(scope.outside))}", list(scope.outside)
    if scope.since:
        yield f"{_place()} >= %s", [index.place(scope.since, 0)]
    if scope.until:
        yield f"{_place()} < %s", [index.place(scope.until, 0)]


def _words(terms: Sequence[Term]) -> Iterable[Condition]:
    if not terms:
        return
    wanted, unwanted = [t for t in terms if t.wanted], [t for t in terms if not t.wanted]
    if connection.vendor == "postgresql":
        yield "words @@ %s::tsquery", [" & ".join([*map(_tsquery, wanted), *(f"!{_tsquery(t)}" for t in unwanted)])]
        return
    without = " OR ".join(map(_match, unwanted))
    if not wanted:
        # FTS5 can only take away from what it has found.
        yield "mail_words.rowid NOT IN (SELECT rowid FROM mail_words WHERE mail_words MATCH %s)", [without]
        return
    match = " AND ".join(map(_match, wanted))
    yield "mail_words MATCH %s", [f"({match}) NOT ({without})" if unwanted else match]


def _match(term: Term) -> str:
    """In FTS5's language. Words hold nothing that ends a quotation."""
    column = f"{index.COLUMNS[_COLUMN[term.part]]} : " if term.part in _COLUMN else ""
    return f'{column}"{" ".join(term.words)}"{" *" if term.begins else ""}'


def _tsquery(term: Term) -> str:
    """In PostgreSQL's. Words hold nothing but letters and digits, which need no quotation."""
    *words, last = term.words
    weight = index.WEIGHTS[_COLUMN[term.part]] if term.part in _COLUMN else ""
    marks = weight + ("*" if term.begins else "")
    side_by_side = [f"{word}:{weight}" if weight else word for word in words] + [f"{last}:{marks}" if marks else last]
    return f"({' <-> '.join(side_by_side)})"


def _place() -> str:
    return "mail_words.place" if connection.vendor == "postgresql" else "mail_words.rowid"


def _among(column: str, values: Sequence[Any]) -> Condition:
    return f"{column} IN ({_marks(values)})", values


def _marks(values: Iterable[object]) -> str:
    return ", ".join("%s" for _ in values)
