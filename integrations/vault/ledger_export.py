"""The ledger for others to keep: rows as JSON lines or CSV, and the heads that later checks can be held against.

Everything is given out piece by piece, so that a ledger of years needs no more memory than one of a day.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from integrations.models import LedgerEntry, LedgerHead

COLUMNS = (
    "connection_key",
    "number",
    "at",
    "account",
    "what",
    "detail",
    "code",
    "fingerprint",
    "actor",
    "purpose",
    "service",
    "count",
    "hour",
    "seal",
    "sealed_with",
)
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row(entry: LedgerEntry) -> dict[str, Any]:
    """One row with plain values."""
    values = {name: getattr(entry, name) for name in COLUMNS}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int) or value is None else str(value)


def as_json(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    """One JSON object a line."""
    for entry in entries:
        yield json.dumps(row(entry), ensure_ascii=False) + "\n"


def as_csv(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    """With a line of names; safe to open in a spreadsheet."""
    line = io.StringIO()
    writer = csv.writer(line)

    def written(cells: Iterable[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue()

    yield written(COLUMNS)
    for entry in entries:
        cells = ("" if value is None else str(value) for value in row(entry).values())
        yield written(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)


def heads() -> Iterator[str]:
    """Where each chain ends now, by connection: one JSON object, a head a line."""
    before = "{\n "
    for head in LedgerHead.objects.order_by("pk").iterator():
        told = {
            "account": head.account,
            "number": head.number,
            "last_seal": head.last_seal,
            "closed": head.closed,
            "seal": head.seal,
            "sealed_with": str(head.sealed_with or ""),
        }
        yield f"{before}{json.dumps(str(head.pk))}: {json.dumps(told)}"
        before = ",\n "
    yield "{}\n" if before.startswith("{") else "\n}\n"
