"""The ledger for others to keep: rows as JSON lines or CSV, and the heads that later checks can be held against."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

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


def as_json(entries: Iterator[LedgerEntry], out: TextIO) -> int:
    """One JSON object a line. Answers how many."""
    written = 0
    for entry in entries:
        out.write(json.dumps(row(entry), ensure_ascii=False) + "\n")
        written += 1
    return written


def as_csv(entries: Iterator[LedgerEntry], out: TextIO) -> int:
    """With a line of names; safe to open in a spreadsheet. Answers how many."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    written = 0
    for entry in entries:
        cells = ("" if value is None else str(value) for value in row(entry).values())
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
        written += 1
    return written


def heads() -> dict[str, dict[str, Any]]:
    """Where each chain ends now, by connection."""
    return {
        str(head.pk): {
            "account": head.account,
            "number": head.number,
            "last_seal": head.last_seal,
            "closed": head.closed,
            "seal": head.seal,
            "sealed_with": str(head.sealed_with or ""),
        }
        for head in LedgerHead.objects.order_by("pk").iterator()
    }
