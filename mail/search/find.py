"""Asks the index: the newest messages of some accounts that hold every term of a query."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from mail.models import Message
from mail.search import index
from mail.search.words import Term, terms

_SQLITE = """
    SELECT mail_words.rowid FROM mail_words CROSS JOIN mail_message m ON m.id = mail_words.rowid & 1073741823
    WHERE mail_words MATCH %s AND mail_words.rowid < %s AND m.connection_id IN ({accounts}) AND m.detached_at IS NULL
    ORDER BY mail_words.rowid DESC LIMIT %s
"""
_POSTGRES = """
    SELECT w.place FROM mail_words w JOIN mail_message m ON m.id = w.place & 1073741823
    WHERE w.words @@ %s::tsquery AND w.place < %s AND m.connection_id IN ({accounts}) AND m.detached_at IS NULL
    ORDER BY w.place DESC LIMIT %s
"""
_SQLITE_AMONG = "SELECT rowid FROM mail_words WHERE mail_words MATCH %s AND rowid IN ({places})"
_POSTGRES_AMONG = "SELECT place FROM mail_words WHERE words @@ %s::tsquery AND place IN ({places})"
TOP = (1 << 63) - 1


def newest(accounts: Sequence[UUID], query: str, limit: int, before: int = TOP) -> list[int]:
    """Places of matching messages, newest first, below ``before``; nothing for a query without a word. One query."""
    sought = terms(query)
    if not sought or not accounts:
        return []
    postgres = connection.vendor == "postgresql"
    column = Message._meta.get_field("connection")
    ids = [column.get_db_prep_value(pk, connection) for pk in accounts]
    statement = (_POSTGRES if postgres else _SQLITE).format(accounts=", ".join(["%s"] * len(ids)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [_asked(sought), before, *ids, limit])
        return [place for (place,) in cursor.fetchall()]


def among(places: Sequence[int], query: str) -> list[int]:
    """Those of the places whose message matches. At most one query."""
    sought = terms(query)
    if not sought or not places:
        return []
    statement = _POSTGRES_AMONG if connection.vendor == "postgresql" else _SQLITE_AMONG
    with connection.cursor() as cursor:
        cursor.execute(statement.format(places=", ".join(["%s"] * len(places))), [_asked(sought), *places])
        return [place for (place,) in cursor.fetchall()]


def messages(accounts: Sequence[UUID], query: str, limit: int) -> list[int]:
    """The ids of the newest matching messages, newest first. One query."""
    return [index.message_at(place) for place in newest(accounts, query, limit)]


def _asked(sought: Sequence[Term]) -> str:
    if connection.vendor == "postgresql":
        return " & ".join(map(_tsquery, sought))
    return " AND ".join(map(_match, sought))


def _match(term: Term) -> str:
    """In FTS5's language. Words hold nothing that ends a quotation."""
    return f'{"subject : " if term.in_subject else ""}"{" ".join(term.words)}"{" *" if term.begins else ""}'


def _tsquery(term: Term) -> str:
    """In PostgreSQL's. Words hold nothing but letters and digits, which need no quotation."""
    *words, last = term.words
    weight = index.SUBJECT_WEIGHT if term.in_subject else ""
    marks = weight + ("*" if term.begins else "")
    side_by_side = [f"{word}:{weight}" if weight else word for word in words] + [f"{last}:{marks}" if marks else last]
    return f"({' <-> '.join(side_by_side)})"
