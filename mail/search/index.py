"""The words of messages, in the database's own full-text index: FTS5 on SQLite, a GIN index of tsvectors on PostgreSQL.

A message's ``place`` is its key there: the second it is dated and its id in one number, so that the newest matches come
first without looking at anything else. A trigger of the database removes the words of a message that goes (``schema``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

from django.db import connection

from mail.search.words import LONGEST_WORD, folded, words

ID_BITS = 30
ID_MASK = (1 << ID_BITS) - 1
_LAST_SECOND = (1 << 33) - 1
_FIRST = datetime.fromtimestamp(0, UTC)
# So that no word is beyond the 16,383rd, where PostgreSQL stops counting.
_MOST = (26_000, 1_000, 600, 3_400)  # of text, subject, sender and recipients
_BATCH = 400

COLUMNS = ("text", "subject", "sender", "recipients")
WEIGHTS = ("A", "B", "C", "D")
_NAMES = ", ".join(COLUMNS)


class Document(NamedTuple):
    """What can be found of a message."""

    message_id: int
    date: datetime
    text: str
    subject: str
    sender: str
    recipients: str


def place(date: datetime, message_id: int) -> int:
    """Where a message's words are kept. Dates before 1970 count as its first second."""
    since = date - _FIRST
    return min(max(since.days * 86_400 + since.seconds, 0), _LAST_SECOND) << ID_BITS | message_id


def message_at(place: int) -> int:
    """The message's id that is part of a place."""
    return place & ID_MASK


Row = tuple[int, str, str, str, str]


def _row(document: Document) -> Row:
    text, subject, sender, recipients = (folded(said)[:most] for said, most in zip(document[2:], _MOST, strict=True))
    return place(document.date, document.message_id), text, subject, sender, recipients


def put(documents: Iterable[Document], known: Mapping[int, datetime]) -> None:
    """Take up messages, inside the caller's transaction. ``known``: those that may be here already, with their dates
    until now.
    """
    rows = sorted(map(_row, documents))
    former = {place(date, message_id) for message_id, date in known.items()}
    if connection.vendor == "postgresql":
        _put_vectors(rows, former)
    else:
        _put_rows(rows, former)


def _put_rows(rows: Sequence[Row], former: set[int]) -> None:
    with connection.cursor() as cursor:
        if former:
            same = _unchanged(rows, former)
            cursor.executemany("DELETE FROM mail_words WHERE rowid = %s", [(at,) for at in former - same])
            rows = [row for row in rows if row[0] not in same]
        cursor.executemany(f"INSERT INTO mail_words (rowid, {_NAMES}) VALUES (%s, %s, %s, %s, %s)", rows)


def _unchanged(rows: Sequence[Row], former: set[int]) -> set[int]:
    """The places whose words are just these: a row that is written again costs as much as a new one."""
    present: set[Row] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(ordered := sorted(former)), _BATCH):
            some = ordered[start : start + _BATCH]
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(f"SELECT rowid, {_NAMES} FROM mail_words WHERE rowid IN ({marks})", some)
            present.update(cursor.fetchall())
    return {row[0] for row in rows if row in present}


def _put_vectors(rows: Sequence[Row], former: set[int]) -> None:
    places = [row[0] for row in rows]
    vectors = [_vector(row[1:]) for row in rows]
    with connection.cursor() as cursor:
        if gone := former - set(places):
            cursor.execute("DELETE FROM mail_words WHERE place = ANY(%s)", [list(gone)])
        cursor.execute(
            "INSERT INTO mail_words (place, words) SELECT * FROM unnest(%s::bigint[], %s::tsvector[])"
            " ON CONFLICT (place) DO UPDATE SET words = EXCLUDED.words WHERE mail_words.words <> EXCLUDED.words",
            [places, vectors],
        )


def _vector(fields: Sequence[str]) -> str:
    """A tsvector's text. Between two fields a position is left out, so that no phrase reaches over their border."""
    at = count(1)
    said = []
    for weight, text in zip(WEIGHTS, fields, strict=True):
        said += [f"{word}:{next(at)}{weight}" for word in words(text)]
        next(at)
    return " ".join(said)


assert LONGEST_WORD * 4 < 2046
