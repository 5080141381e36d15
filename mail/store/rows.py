"""Rows by the hundred in one statement, without the ORM's compiler: that costs several times what the rows cost.

Values are as a model's fields have them, but foreign keys are ids. What is written where is left to the callers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection, models
from django.db.models.expressions import RawSQL

from integrations.models import Connection

Row = Sequence[Any]
_Adapter = Callable[[Any], Any]


def among(values: Iterable[str] | Iterable[int]) -> RawSQL:
    """For ``__in`` with hundreds of values: as one parameter, which costs no time for each of them."""
    given = list(values)
    if connection.vendor == "postgresql":
        kind = "bigint" if given and isinstance(given[0], int) else "text"
        return RawSQL(f"SELECT unnest(%s::{kind}[])", [given])
    return RawSQL("SELECT value FROM json_each(%s)", [orjson.dumps(given).decode()])


class _Statement(ABC):
    """One statement for many rows: on PostgreSQL with an array for each column, elsewhere prepared and repeated."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        self._model = model
        self._columns = columns
        self._prepared: tuple[str, str, list[_Adapter | None]] | None = None

    def __call__(self, rows: Iterable[Row]) -> int:
        """Write them, inside the caller's transaction. Answers how many were written."""
        if not (given := list(rows)):
            return 0
        postgres = connection.vendor == "postgresql"
        if self._prepared is None or self._prepared[0] != connection.vendor:
            adapters = [_adapter(self._field(name)) for name in self._columns]
            self._prepared = (connection.vendor, self._sql(postgres), adapters)
        _, statement, adapters = self._prepared
        columns = [
            values if adapt is None else [adapt(value) for value in values]
            for values, adapt in zip(zip(*given, strict=True), adapters, strict=True)
        ]
        with connection.cursor() as cursor:
            if postgres:
                cursor.execute(statement, [list(values) for values in columns])
            else:
                cursor.executemany(statement, list(zip(*columns, strict=True)))
            return int(cursor.rowcount)

    @abstractmethod
    def _sql(self, postgres: bool) -> str:
        """The statement, for PostgreSQL or for SQLite."""

    def _field(self, name: str) -> models.Field[Any, Any]:
        field = self._model._meta.get_field(name)
        assert isinstance(field, models.Field)
        return field

    def _quoted(self, names: Iterable[str]) -> list[str]:
        return [f'"{self._field(name).column}"' for name in names]

    def _arrays(self) -> str:
        return ", ".join(f"%s::{_array(self._field(name))}" for name in self._columns)


class Upsert(_Statement):
    """Inserts rows of a model, with these columns in this order; where ``keys`` exist already ``changed`` are updated.

    With nothing in ``changed`` the rows that exist are left alone.
    """

    def __init__(
        self, model: type[models.Model], columns: Sequence[str], keys: Sequence[str], changed: Sequence[str] = ()
    ) -> None:
        super().__init__(model, columns)
        self._keys, self._changed = keys, changed

    def _sql(self, postgres: bool) -> str:
        into = f'INSERT INTO "{self._model._meta.db_table}" ({", ".join(self._quoted(self._columns))})'
        marks = ", ".join(["%s"] * len(self._columns))
        values = f"SELECT * FROM unnest({self._arrays()})" if postgres else f"VALUES ({marks})"
        sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in self._quoted(self._changed))
        then = f"UPDATE SET {sets}" if sets else "NOTHING"
        return f"{into} {values} ON CONFLICT ({', '.join(self._quoted(self._keys))}) DO {then}"


class Update(_Statement):
    """Sets columns of rows that are there: each row given is these columns in this order, and an id."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        super().__init__(model, (*columns, "id"))

    def _sql(self, postgres: bool) -> str:
        *names, _ = self._quoted(self._columns)
        table = f'"{self._model._meta.db_table}"'
        if postgres:
            sets = ", ".join(f"{name} = given.{name}" for name in names)
            given = ", ".join(self._quoted(self._columns))
            values = f"unnest({self._arrays()}) AS given ({given})"
            return f"UPDATE {table} SET {sets} FROM {values} WHERE {table}.id = given.id"
        return f"UPDATE {table} SET {', '.join(f'{name} = %s' for name in names)} WHERE id = %s"


class Find:
    """Reads columns of a connection's rows whose column ``by`` has one of many values. Answers tuples."""

    def __init__(self, model: type[models.Model], by: str, columns: Sequence[str]) -> None:
        self._model, self._by, self._columns = model, by, columns
        self._prepared: tuple[str, str, list[_Adapter | None]] | None = None

    def __call__(self, of: Connection, values: Iterable[str]) -> list[tuple[Any, ...]]:
        postgres = connection.vendor == "postgresql"
        if self._prepared is None or self._prepared[0] != connection.vendor:
            fields = [self._model._meta.get_field(name) for name in self._columns]
            reads = [_reader(field) if isinstance(field, models.Field) else None for field in fields]
            self._prepared = (connection.vendor, self._sql(postgres), reads)
        _, statement, readers = self._prepared
        given = list(values)
        with connection.cursor() as cursor:
            cursor.execute(
                statement, [of.pk if postgres else of.pk.hex, given if postgres else orjson.dumps(given).decode()]
            )
            rows = cursor.fetchall()
        converted = [(n, read) for n, read in enumerate(readers) if read is not None]
        return [_converted(row, converted) for row in rows] if converted else rows

    def _sql(self, postgres: bool) -> str:
        fields = [self._model._meta.get_field(name) for name in (self._by, *self._columns)]
        names = [f'"{field.column}"' for field in fields if isinstance(field, models.Field)]
        among = "= ANY(%s)" if postgres else "IN (SELECT value FROM json_each(%s))"
        table = self._model._meta.db_table
        return f'SELECT {", ".join(names[1:])} FROM "{table}" WHERE connection_id = %s AND {names[0]} {among}'


def _converted(row: Row, readers: Iterable[tuple[int, _Adapter]]) -> tuple[Any, ...]:
    values = list(row)
    for n, read in readers:
        values[n] = read(values[n])
    return tuple(values)


def _reader(field: models.Field[Any, Any]) -> _Adapter | None:
    """How what the database says becomes a field's value; None where it is already."""
    if isinstance(field, models.DateTimeField) and connection.vendor != "postgresql":
        return lambda naive: naive.replace(tzinfo=UTC)
    return None


def _array(field: models.Field[Any, Any]) -> str:
    """A column's type as PostgreSQL's array of it; a text's length is checked where it is stored."""
    kind = str(field.db_type(connection))
    return "text[]" if kind.startswith("varchar") else f"{kind}[]"


def _adapter(field: models.Field[Any, Any]) -> _Adapter | None:
    """How a field's values become the database's; None where they are already."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.JSONField):
        return lambda value: orjson.dumps(value).decode()
    if isinstance(field, models.DateTimeField):
        return None if connection.vendor == "postgresql" else _text_of
    if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field:
        return lambda value: value.hex
    return None


def _text_of(value: datetime | None) -> str | None:
    """An instant as Django keeps it on SQLite."""
    return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
