"""Many rows by one statement that is written out here: saving objects would cost a round of renewals several times it.

Rows are mappings of columns to values, ciphertexts among them, all with the same columns. PostgreSQL takes an array for
each column that differs, in its binary form: Django's own cursor would write each ciphertext into the statement as
hexadecimal text, to be read back letter by letter. SQLite prepares the statement once and runs it for each row.
What is written, in which order and under which locks, is left to the callers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from functools import cache
from typing import Any

from django.db import connection, models
from django.utils.timezone import make_naive

from integrations.vault.fields import Sealed

Rows = list[dict[str, Any]]

_INSERT = {
    "postgresql": "INSERT INTO {table} ({columns}) SELECT {given} FROM unnest({arrays}) AS given ({differing})",
    "sqlite": "INSERT INTO {table} ({columns}) VALUES ({marks})",
}
_UPDATE = {
    "postgresql": "UPDATE {table} SET {taken} FROM unnest({arrays}) AS given ({differing})"
    " WHERE {table}.{key} = given.{key}",
    "sqlite": "UPDATE {table} SET {set} WHERE {key} = %s",
}
_LOCKED = "SELECT {columns} FROM {table} WHERE {key} = ANY({keys}) ORDER BY {key} FOR {lock}"
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


def locked(
    model: type[models.Model], keys: Iterable[Any], names: Sequence[str], *, referred: bool = False
) -> list[tuple[Any, ...]]:
    """Columns of the rows with these primary keys, in their order, under locks until the transaction ends.

    Rows that only refer to them may be written meanwhile, if they are ``referred`` to. SQLite has no row locks: whoever
    is in a transaction there is alone.
    """
    if connection.vendor != "postgresql":
        return list(model._default_manager.filter(pk__in=list(keys)).order_by("pk").values_list(*names))
    key = model._meta.pk
    assert key is not None and key.column is not None
    words = {
        "table": _quoted(model._meta.db_table),
        "columns": ", ".join(map(_quoted, names)),
        "key": _quoted(key.column),
        "keys": f"%(keys)b::{key.rel_db_type(connection)}[]",
        "lock": "NO KEY UPDATE" if referred else "UPDATE",
    }
    return _execute(_LOCKED.format(**words), {"keys": list(keys)})


def _run(statement: str, model: type[models.Model], rows: Rows, *, key_last: bool = False, **words: str) -> None:
    if not rows:
        return
    names = tuple(rows[0])
    columns = {name: [row[name] for row in rows] for name in names}
    if connection.vendor == "postgresql":
        # What all rows have in common is said once.
        alike = {name for name in names[1:] if columns[name].count(columns[name][0]) == len(rows)}
        sql = statement.format(**_words(model, names, frozenset(alike)), **words)
        _execute(
            sql, {name: _bare(values[:1])[0] if name in alike else _bare(values) for name, values in columns.items()}
        )
    else:
        sql = statement.format(**_words(model, names), **words)
        order = (*names[1:], names[0]) if key_last else names
        with connection.cursor() as cursor:
            cursor.executemany(sql, list(zip(*(_stored(model, name, columns[name]) for name in order), strict=True)))


def _execute(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement with its parameters beside it, not in it. Answers what it selects."""
    import psycopg

    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql.encode(), given)
        return cursor.fetchall() if cursor.description else []


@cache
def _words(model: type[models.Model], names: tuple[str, ...], alike: frozenset[str] = frozenset()) -> dict[str, str]:
    """What the statements say of a table and these columns of it, the key first; ``alike`` have one value for all."""
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    quoted = {name: _quoted(name) for name in names}
    differing = [name for name in names if name not in alike]
    given = {name: f"%({name})b::{types[name]}" if name in alike else f"given.{quoted[name]}" for name in names}
    return {
        "table": _quoted(model._meta.db_table),
        "key": quoted[names[0]],
        "columns": ", ".join(quoted.values()),
        "marks": ", ".join(["%s"] * len(names)),
        "set": ", ".join(f"{quoted[name]} = %s" for name in names[1:]),
        "taken": ", ".join(f"{quoted[name]} = {given[name]}" for name in names[1:]),
        "given": ", ".join(given.values()),
        "differing": ", ".join(quoted[name] for name in differing),
        "arrays": ", ".join(f"%({name})b::{types[name]}[]" for name in differing),
    }


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _bare(values: list[Any]) -> list[Any]:
    """A column's values as psycopg knows them."""
    if isinstance(values[0], Sealed | None):
        return [value and value.ciphertext for value in values]
    return values


def _stored(model: type[models.Model], name: str, values: list[Any]) -> list[Any]:
    """A column's values as Django stores them in SQLite."""
    field = model._meta.get_field(name)
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    form = _STORED.get(field.get_internal_type())
    return [None if value is None else form(value) for value in values] if form else values


_STORED: dict[str, Callable[[Any], Any]] = {
    "BinaryField": lambda sealed: sealed.ciphertext,
    "UUIDField": lambda key: key.hex,
    "DateTimeField": lambda moment: str(make_naive(moment, UTC)),
}
