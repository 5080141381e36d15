"""``manage.py ledger``: show what happened to connections, verify that nobody changed it, export it.

Exit codes: 0 ok, 1 failed (a chain that does not hold, too), 2 wrong usage.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from integrations.models import LedgerEntry
from integrations.models.ledger import Happening
from integrations.vault import ledger_check, ledger_export, usage
from integrations.vault.keyring import KeyringError


class Command(BaseCommand):
    help = "The history of connections and their tokens: show it, verify that nobody changed it, export it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        show = verbs.add_parser("show", help="the latest rows, newest last")
        show.add_argument("--last", type=int, default=50, metavar="N", help="how many rows (50)")
        show.add_argument("--json", action="store_true", help="print JSON for scripts")
        verify = verbs.add_parser("verify", help="find changed, removed, added and cut-off rows")
        verify.add_argument("--heads", type=Path, metavar="FILE", help="heads that were exported earlier")
        verify.add_argument("--json", action="store_true", help="print JSON for scripts")
        export = verbs.add_parser("export", help="all rows; into a file with the heads beside it (FILE.heads.json)")
        export.add_argument("--format", choices=("json", "csv"), default="json", help="of the rows (json)")
        export.add_argument("--heads", action="store_true", help="the heads alone, for verify --heads")
        export.add_argument("--output", type=Path, metavar="FILE", help="where to write it (the terminal)")
        for command in (show, export):
            command.add_argument("--account", help="an address, or the id of a connection")
            command.add_argument("--what", choices=Happening.values, help="only rows of this kind")
            command.add_argument("--since", help="a date, or a moment with its offset")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except KeyringError as error:
            raise CommandError(str(error)) from error

    def _show(self, options: dict[str, Any]) -> None:
        entries = list(_chosen(options).order_by("-at", "-pk")[: max(options["last"], 0)])
        for entry in reversed(entries):
            if options["json"]:
                self.stdout.write(json.dumps(ledger_export.row(entry), ensure_ascii=False))
                continue
            said = f": {entry.detail}" if entry.detail else ""
            code = f" ({entry.code})" if entry.code else ""
            by = f" by {entry.actor}" if entry.actor else ""
            when = f"{entry.at:%Y-%m-%d %H:%M:%S}"
            self.stdout.write(f"{when}  {entry.account}  {entry.get_what_display()}{by}{said}{code}")

    def _verify(self, options: dict[str, Any]) -> None:
        known = _read_heads(options["heads"]) if options["heads"] else None
        report = ledger_check.check(known)
        if options["json"]:
            found = [
                {"connection": f.connection_key, "account": f.account, "row": f.number, "problem": f.problem}
                for f in report.findings
            ]
            self.stdout.write(json.dumps({"connections": report.connections, "rows": report.rows, "findings": found}))
        else:
            for finding in report.findings:
                row = f", row {finding.number}" if finding.number else ""
                self.stdout.write(f"{finding.account} ({finding.connection_key}){row}: {finding.problem}")
        if report.findings:
            raise CommandError(f"{len(report.findings)} findings in {report.rows:,} rows.")
        if not options["json"]:
            self.stdout.write(f"{report.rows:,} rows of {report.connections:,} connections hold.")

    def _heads(self, path: Path | None) -> None:
        with _opened(path) as out:
            out.writelines(ledger_export.heads())

    def _export(self, options: dict[str, Any]) -> None:
        if options["heads"]:
            self._heads(options["output"])
            return
        with _opened(options["output"]) as out:
            usage.flush()
            entries = _chosen(options).order_by("connection_key", "number").iterator(chunk_size=1000)
            written = ledger_export.as_csv if options["format"] == "csv" else ledger_export.as_json
            out.writelines(written(entries))
        if options["output"]:
            self._heads(options["output"].with_name(f"{options['output'].name}.heads.json"))


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", returncode=2) from error


def _read_heads(path: Path) -> dict[str, Any]:
    try:
        heads = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} does not hold exported heads.", returncode=2) from error
    if not isinstance(heads, dict):
        raise CommandError(f"{path} does not hold exported heads.", returncode=2)
    return heads


def _chosen(options: dict[str, Any]) -> QuerySet[LedgerEntry]:
    entries = LedgerEntry.objects.all()
    if options["account"]:
        wanted = options["account"]
        by_address = Q(account__iendswith=f" {wanted}")
        entries = entries.filter(Q(connection_key=wanted) if _is_uuid(wanted) else by_address)
    if options["what"]:
        entries = entries.filter(what=options["what"])
    if options["since"]:
        entries = entries.filter(at__gte=_moment(options["since"]))
    return entries


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        day = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
    if moment is None:
        raise CommandError("--since takes a date such as 2026-01-31, or a moment.", returncode=2)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
