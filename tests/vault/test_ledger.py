"""The ledger: chains that show what was changed, removed or cut off; counted uses; tombstones; exports."""

from __future__ import annotations

import csv
import hmac
import io
import json
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from integrations import signals
from integrations.models import Connection, LedgerEntry, LedgerHead, OAuthApp, UsageHour, VaultSecret
from integrations.models.ledger import Happening
from integrations.vault import ledger, ledger_check, usage


@pytest.fixture
def connection(db: None) -> Connection:
    app = OAuthApp.objects.create(provider="google", client_id="client")
    user = User.objects.create_user("ada@example.org", "correct horse battery")
    return Connection.objects.create(user=user, provider="google", app=app, subject="1", email="ada@gmail.example")


@pytest.fixture
def chain(connection: Connection) -> Connection:
    """Five rows of one connection."""
    for what in (Happening.CONNECTED, Happening.REFRESHED, Happening.PAUSED, Happening.RESUMED, Happening.REFRESHED):
        ledger.record(connection, what, detail=f"because of {what}", fingerprint="0123456789abcdef")
    return connection


def problems(heads: dict[str, dict[str, object]] | None = None) -> list[str]:
    return [finding.problem for finding in ledger_check.check(heads).findings]


def test_an_untouched_ledger_holds(chain: Connection) -> None:
    report = ledger_check.check()
    assert (report.rows, report.connections, report.findings) == (5, 1, ())


@pytest.mark.parametrize(
    "column", ["detail", "what", "code", "fingerprint", "actor", "account", "purpose", "service", "count", "at", "hour"]
)
def test_a_changed_row_is_found(chain: Connection, column: str) -> None:
    new = {"count": 7, "at": timezone.now(), "hour": timezone.now()}.get(column, "paused")
    LedgerEntry.objects.filter(number=2).update(**{column: new})
    assert problems() == ["was changed, or is not what was written after the row before it"]


def test_removed_added_cut_off_and_reordered_rows_are_found(chain: Connection) -> None:
    def found(tamper: Callable[[], object]) -> list[str]:
        with transaction.atomic():
            tamper()
            answer = problems()
            transaction.set_rollback(True)
        return answer

    rows = LedgerEntry.objects.all()
    assert found(lambda: rows.filter(number=3).delete()) == ["row 3 removed"]
    assert found(lambda: rows.filter(number__in=(2, 3)).delete()) == ["rows 2 to 3 removed"]
    assert "rows were cut off" in found(lambda: rows.filter(number__gte=4).delete())[0]
    assert "rows were cut off" in found(lambda: rows.all().delete())[0]
    closed_up = found(
        lambda: (rows.filter(number=3).delete(), rows.filter(number__gt=3).update(number=F("number") - 1))
    )
    assert closed_up and "was changed" in closed_up[0]
    assert found(lambda: LedgerHead.objects.all().delete()) == ["the head of the chain is missing"]
    cut = found(lambda: (rows.filter(number=5).delete(), LedgerHead.objects.update(number=4)))
    assert "the head was changed" in cut
    assert found(lambda: VaultSecret.objects.all().delete()) == [
        "cannot be checked with the present keys, nor can the rows up to 5",
        "the head cannot be checked with the present keys",
    ]


def test_what_is_written_while_the_ledger_is_checked_is_no_finding(
    chain: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = ledger_check._chain

    def meanwhile(*of_what_was_read: Any) -> Any:
        """Between reading a chain's head and its rows one more is appended, once."""
        monkeypatch.setattr(ledger_check, "_chain", checked)
        ledger.record(chain, Happening.REFRESHED)
        return checked(*of_what_was_read)

    monkeypatch.setattr(ledger_check, "_chain", meanwhile)
    report = ledger_check.check()
    assert (report.rows, report.connections, report.findings) == (6, 1, ())


def test_every_chain_is_checked_whatever_is_left_of_it(
    chain: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ledger_check, "BATCH", 2)
    for number in range(6):
        other = Connection.objects.create(
            user=chain.user, provider="google", app=chain.app, subject=f"b{number}", email=f"{number}@gmail.example"
        )
        ledger.record(other, Happening.CONNECTED)
    report = ledger_check.check()
    assert (report.rows, report.connections, report.findings) == (11, 7, ())
    headless, rowless, gone = Connection.objects.filter(subject__startswith="b")[:3]
    LedgerHead.objects.filter(pk=headless.pk).delete()
    LedgerEntry.objects.filter(connection_key=rowless.pk).delete()
    LedgerEntry.objects.filter(connection=gone).update(connection=None)
    Connection.objects.filter(pk=gone.pk)._raw_delete("default")  # behind OsMEN's back
    never = str(uuid4())
    found = ledger_check.check({never: {"number": 3, "last_seal": "0" * 64}}).findings
    assert {(finding.connection_key, finding.problem) for finding in found} == {
        (str(headless.pk), "the head of the chain is missing"),
        (str(rowless.pk), "the chain ends at row 0, its head says 1: rows were cut off"),
        (str(gone.pk), "the connection is gone, but its chain was not closed"),
        (never, "the head of the chain is missing"),
    }


def test_a_chain_of_years_is_checked_in_the_memory_of_one_of_days(connection: Connection) -> None:
    def peak(rows: int) -> int:
        ledger.append([ledger.Draft.about(connection, Happening.REFRESHED, detail="d" * 200)] * rows)
        tracemalloc.start()
        try:
            assert ledger_check.check().findings == ()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = peak(2500)
    assert peak(5000) < few * 1.25


def test_an_older_ledger_put_back_is_found_by_exported_heads(chain: Connection, tmp_path: Path) -> None:
    old_rows = list(LedgerEntry.objects.all())
    old_head = LedgerHead.objects.get()
    ledger.record(chain, Happening.GRANT_DIED)
    path = tmp_path / "heads.json"
    call_command("ledger", "export", "--heads", "--output", str(path))
    call_command("ledger", "verify", "--heads", str(path), stdout=io.StringIO())
    LedgerEntry.objects.all().delete()
    LedgerEntry.objects.bulk_create(old_rows)
    old_head.save()
    assert problems() == []
    with pytest.raises(CommandError, match="1 findings"):
        call_command("ledger", "verify", "--heads", str(path), stdout=io.StringIO())


def test_a_removed_connection_leaves_a_closed_chain(chain: Connection) -> None:
    key = chain.pk
    chain.user.delete()
    assert not Connection.objects.exists()
    assert LedgerHead.objects.get(pk=key).closed
    last = LedgerEntry.objects.get(connection_key=key, number=6)
    assert (last.what, last.account) == ("disconnected", "Google ada@gmail.example")
    assert problems() == []


def test_uses_are_counted_by_the_hour_and_sealed_when_it_ends(connection: Connection) -> None:
    now = timezone.now()
    earlier = now - timedelta(hours=2)
    for _ in range(3):
        usage.count(connection, "read", "mail", earlier)
    usage.count(connection, "read", "mail", now)
    usage.count(connection, "change", "calendar", earlier)
    assert usage.seal_hours() == 2
    found = {(e.purpose, e.service): (e.count, e.detail) for e in LedgerEntry.objects.filter(what="used")}
    assert found == {
        ("read", "mail"): (3, "3 times within an hour, to read mail."),
        ("change", "calendar"): (1, "once within an hour, to change calendar."),
    }
    assert [row.count for row in UsageHour.objects.all()] == [1]
    usage.count(connection, "read", "mail", now)
    usage.flush()
    assert [row.count for row in UsageHour.objects.all()] == [2]
    assert usage.seal_hours() == 0 and problems() == []
    connection.delete()
    assert LedgerEntry.objects.filter(what="used", count=2).count() == 1


def test_signals_tell_of_what_happened_after_the_commit(connection: Connection) -> None:
    heard: list[tuple[UUID, str]] = []

    def listen(connection_id: UUID, detail: str, **_: object) -> None:
        heard.append((connection_id, detail))

    def fail(**_: object) -> None:
        raise RuntimeError("a receiver in trouble")

    signals.paused.connect(fail)
    signals.paused.connect(listen)
    try:
        from django.test import TestCase

        with TestCase.captureOnCommitCallbacks(execute=True):
            ledger.record(connection, Happening.PAUSED, detail="for a while")
            assert heard == []
    finally:
        signals.paused.disconnect(fail)
        signals.paused.disconnect(listen)
    assert heard == [(connection.pk, "for a while")]


def test_the_ledger_is_exported_as_json_and_as_csv_for_a_spreadsheet(chain: Connection, tmp_path: Path) -> None:
    ledger.record(chain, Happening.REFRESH_FAILED, detail='=HYPERLINK("https://evil.example")', code="x")
    lines, table = tmp_path / "ledger.jsonl", tmp_path / "ledger.csv"
    call_command("ledger", "export", "--output", str(lines), "--account", "ada@gmail.example")
    call_command("ledger", "export", "--format", "csv", "--output", str(table), "--what", "refresh_failed")
    rows = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5, 6] and rows[0]["what"] == "connected"
    beside = tmp_path / "ledger.jsonl.heads.json"
    assert json.loads(beside.read_text())[str(chain.pk)]["last_seal"] == rows[-1]["seal"]
    call_command("ledger", "verify", "--heads", str(beside), stdout=io.StringIO())
    with table.open(newline="") as file:
        (only,) = csv.DictReader(file)
    assert only["detail"].startswith("'=") and only["number"] == "6"
    shown = io.StringIO()
    call_command("ledger", "show", "--last", "2", stdout=shown)
    assert shown.getvalue().splitlines()[-1].endswith('=HYPERLINK("https://evil.example") (x)')


def test_a_row_has_the_seal_that_it_had_in_every_release() -> None:
    content = ["", '"quoted"\\ \x00\x1f\x7f\t\n', "Zoë Ωmega \u2028 🙂", "1"]
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    assert ledger.seal(b"k" * 32, content) == hmac.digest(b"k" * 32, canonical, "sha256").hex()
