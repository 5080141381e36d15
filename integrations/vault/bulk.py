"""Many rows by one statement that is written out here: saving objects would cost a round of renewals several times it.

Rows are mappings of columns to values, ciphertexts among them, all with the same columns. PostgreSQL takes them as one
JSON parameter, whose texts it reads by the columns' types; SQLite prepares the statement once and runs it for each row.
What is written, in which order and under which locks, is left to the callers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from functools import cache
from typing import Any

import orjson
from django.db import connection, models
from django.utils.timezone import make_naive

from integrations.vault.fields import Sealed

Rows = list[dict[str, Any]]

_INSERT = {
    "postgresql": "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_to_recordset(%s) AS given ({typed})",
    "sqlite": "INSERT INTO {table} ({columns}) VALUES ({marks})",
}
_UPDATE = {
    "postgresql": "UPDATE {table} SET {taken} FROM json_to_recordset(%s) AS given ({typed})"
    " WHERE {table}.{key} = given.{key}",
    "sqlite": "UPDATE {table} SET {set} WHERE {key} = %s",
}
_ADD_UP = " ON CONFLICT ({same}) DO UPDATE SET {number} = {table}.{number} + excluded.{number}"


def insert(model: type[models.Model], rows: Rows) -> None:
    """Rows that are not there yet; those with the same primary key or a taken unique value are an error."""
    _run(_INSERT[connection.vendor], model, rows)


def update(model: type[models.Model], rows: Rows) -> None:
    """Set columns of rows that are there. Each row names its primary key, first; the others are what is set."""
    _run(_UPDATE[connection.vendor], model, rows, key_last=True)


def add_up(model: type[models.Model], rows: Rows, *, number: str, same: Sequence[str]) -> None:
    """Add ``number`` to the row that has the same other columns, or insert it with that number."""
    _run(_INSERT[connection.vendor] + _ADD_UP, model, rows, number=number, same=", ".join(map(_quoted, same)))


def _run(statement: str, model: type[models.Model], rows: Rows, *, key_last: bool = False, **words: str) -> None:
    if not rows:
        return
    names = tuple(rows[0])
    with connection.cursor() as cursor:
        sql = statement.format(**_words(connection.vendor, model, names), **words)
        if connection.vendor == "postgresql":
            cursor.execute(sql, [orjson.dumps(rows, _text, orjson.OPT_PASSTHROUGH_DATACLASS).decode()])
        else:
            order = (*names[1:], names[0]) if key_last else names
            cursor.executemany(sql, list(zip(*(_column(model, name, rows) for name in order), strict=True)))


@cache
def _words(vendor: str, model: type[models.Model], names: tuple[str, ...]) -> dict[str, str]:
    """What the statements say of a table and these columns of it, the key first."""
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    quoted = [_quoted(name) for name in names]
    return {
        "table": _quoted(model._meta.db_table),
        "key": quoted[0],
        "columns": ", ".join(quoted),
        "marks": ", ".join(["%s"] * len(names)),
        "set": ", ".join(f"{name} = %s" for name in quoted[1:]),
        "taken": ", ".join(f"{name} = given.{name}" for name in quoted[1:]),
        "typed": ", ".join(f"{_quoted(name)} {types[name]}" for name in names),
    }


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _text(value: Any) -> str:
    """What JSON has no form for, as PostgreSQL reads it."""
    if isinstance(value, Sealed):
        return "\\x" + value.ciphertext.hex()
    raise TypeError(type(value).__name__)


def _column(model: type[models.Model], name: str, rows: Rows) -> list[Any]:
    """A column's values as Django stores them in SQLite."""
    values = [row[name] for row in rows]
    field = model._meta.get_field(name)
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    stored = _STORED.get(field.get_internal_type())
    return [None if value is None else stored(value) for value in values] if stored else values


_STORED: dict[str, Callable[[Any], Any]] = {
    "BinaryField": lambda sealed: sealed.ciphertext,
    "UUIDField": lambda key: key.hex,
    "DateTimeField": lambda moment: str(make_naive(moment, UTC)),
}
