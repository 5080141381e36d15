"""The Microsoft provider against the sandbox: what is there arrives, what is changed is found changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from integrations.errors import CursorExpired, ReconnectRequired, ScopeMissing, Unauthorized
from integrations.providers.base import CalendarClient, MailClient
from integrations.providers.http import Request, send
from integrations.providers.microsoft.calendar_position import window
from integrations.providers.microsoft.graph import IMMUTABLE, path
from integrations.records import (
    ChangeRecord,
    CollectionRecord,
    EventKind,
    EventRecord,
    FolderRecord,
    MailDelta,
    MailRecord,
    Operation,
    Role,
    Service,
)
from tests.providers.sandbox_process import Connected, SandboxProcess

# What the sandbox calls the folders that every mailbox has.
WELL_KNOWN = {
    Role.INBOX: "inbox",
    Role.SENT: "sentitems",
    Role.DRAFTS: "drafts",
    Role.ARCHIVE: "archive",
    Role.TRASH: "deleteditems",
    Role.SPAM: "junkemail",
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A world of this file's own: other tests add accounts to theirs, and these count on who is the last."""
    process = SandboxProcess(tmp_path_factory.mktemp("microsoft"))
    yield process
    process.stop()


@pytest.fixture(scope="module")
def microsoft_account(sandbox: SandboxProcess) -> Connected:
    """The first Microsoft account of that world, connected with every scope."""
    return sandbox.connect("microsoft")


def addresses(sandbox: SandboxProcess) -> list[str]:
    """The Microsoft accounts of the built-in world."""
    return [a["email"] for a in sandbox.state() if a["provider"] == "microsoft"]


@pytest.fixture(scope="module")
def accounts(sandbox: SandboxProcess, microsoft_account: Connected) -> list[Connected]:
    """Microsoft accounts of the world; the last is the one that tests may change."""
    others = [e for e in addresses(sandbox)[:-1] if e != microsoft_account.email]
    return [microsoft_account, *(sandbox.connect("microsoft", email) for email in others)]


def folders(mail: MailClient) -> list[FolderRecord]:
    return [f for f in mail.discover().containers if isinstance(f, FolderRecord)]


def mailbox(mail: MailClient) -> dict[str, MailRecord]:
    pages = [page for collection in mail.discover().collections for page in mail.sync(collection, None)]
    return {r.id: r for page in pages for r in page.changed if isinstance(r, MailRecord)}


def events(calendar: CalendarClient) -> list[EventRecord]:
    found: dict[str, EventRecord] = {}
    for collection in calendar.discover().collections:
        for page in calendar.sync(collection, None):
            found |= {r.id: r for r in page.changed}
    return list(found.values())


def inbox(mail: MailClient) -> tuple[CollectionRecord, list[MailRecord], str]:
    """The inbox, what is in it, and the cursor after that."""
    collection = mail.discover().collections[0]
    pages = list(mail.sync(collection, None))
    records = [r for page in pages for r in page.changed if isinstance(r, MailRecord)]
    return collection, records, pages[-1].cursor


def test_the_account_is_known_and_its_access_renewed(microsoft_account: Connected) -> None:
    app, answer = microsoft_account.app, microsoft_account.answer
    oauth = microsoft_account.provider.oauth
    who = oauth.identify(app, answer["id_token"], nonce=microsoft_account.nonce, access_token=answer["access_token"])
    assert who.email == microsoft_account.email
    assert ":" in who.subject
    asked = frozenset(str(answer["scope"]).split())
    renewed = oauth.refresh(app, answer["refresh_token"], asked)
    assert renewed.refresh_token not in ("", answer["refresh_token"])
    assert renewed.access_token != answer["access_token"]
    for service in (Service.MAIL, Service.CALENDAR):
        assert microsoft_account.provider.usable(service, asked)
        assert microsoft_account.provider.usable(service, renewed.scopes)
    with pytest.raises(ReconnectRequired):
        oauth.refresh(app, "no-such-token", asked)


def test_every_message_arrives_in_its_folder(sandbox: SandboxProcess, accounts: list[Connected]) -> None:
    for account in accounts:
        mail = account.provider.mail(account.session)
        names = {f.id: WELL_KNOWN.get(f.role, f.name) for f in folders(mail)}
        found = {r.id: ([names[f] for f in r.folder_ids], r.subject) for r in mailbox(mail).values()}
        theirs = sandbox.messages("microsoft", account.email)
        assert found == {m["id"]: ([m["folder"]], m["subject"] or "") for m in theirs}


def test_newest_messages_come_first(microsoft_account: Connected) -> None:
    _, records, _ = inbox(microsoft_account.provider.mail(microsoft_account.session))
    dates = [r.date for r in records]
    assert dates == sorted(dates, reverse=True)


def test_attachments_and_sources_can_be_read(accounts: list[Connected]) -> None:
    mails = [account.provider.mail(account.session) for account in accounts]
    holding = [(mail, r) for mail in mails for r in mailbox(mail).values() if r.attachments]
    assert holding
    for mail, record in holding:
        assert record.message_id.encode() in mail.source(record.id)
        for part in record.attachments:
            assert mail.attachment(record.id, part.part_id)


def test_every_event_arrives(sandbox: SandboxProcess, accounts: list[Connected]) -> None:
    counted = {a["email"]: a["events"] for a in sandbox.state() if a["provider"] == "microsoft"}
    for account in accounts:
        kinds = Counter(r.kind for r in events(account.provider.calendar(account.session)))
        assert kinds.total() - kinds[EventKind.OCCURRENCE] == counted[account.email]
        assert kinds[EventKind.OCCURRENCE]


def test_listed_instances_are_those_that_the_rules_mean(accounts: list[Connected]) -> None:
    """Two ways to the same days: Microsoft's list, and our lines of each series."""
    bounds = {name: datetime.fromisoformat(text) for name, text in window(datetime.now(UTC).isoformat()).items()}
    for account in accounts:
        found = events(account.provider.calendar(account.session))
        masters = [r for r in found if r.kind is EventKind.MASTER]
        assert masters
        for master in masters:
            own = [r for r in found if r.series_id == master.id]
            listed = {r.start for r in own if r.kind is EventKind.OCCURRENCE}
            changed = {r.original_start for r in own if r.kind is EventKind.EXCEPTION}
            expected = expanded(master, bounds["startDateTime"], bounds["endDateTime"]) - changed
            assert listed == expected, master.recurrence


def expanded(master: EventRecord, since: datetime, until: datetime) -> set[datetime | date | None]:
    clock = ZoneInfo(master.time_zone)
    if isinstance(master.start, datetime):
        rules = rrulestr("\n".join(master.recurrence), dtstart=master.start.astimezone(clock), forceset=True)
        return {d.astimezone(UTC) for d in rules.between(since, until, inc=True) if d < until}
    start = datetime(master.start.year, master.start.month, master.start.day)  # noqa: DTZ001
    plain = "\n".join(line.replace(";VALUE=DATE", "") for line in master.recurrence)
    rules = rrulestr(plain, dtstart=start, forceset=True)
    return {d.date() for d in rules.between(since.replace(tzinfo=None), until.replace(tzinfo=None), inc=True)}


def test_what_is_archived_leaves_one_folder_and_turns_up_in_the_other(
    sandbox: SandboxProcess, accounts: list[Connected]
) -> None:
    account = accounts[-1]
    mail = account.provider.mail(account.session)
    named = {f.id for f in folders(mail) if f.role is Role.ARCHIVE}
    archive = next(c for c in mail.discover().collections if c.id in named)
    collection, records, cursor = inbox(mail)
    archived = list(mail.sync(archive, None))[-1].cursor
    message = records[0]

    payload: dict[str, object] = {"to": archive.id, "from": collection.id}
    done = mail.apply(ChangeRecord("k", Operation.MAIL_MOVE, message.id, payload, collection.id))

    assert done == (MailDelta(message.id, added=frozenset({archive.id}), removed=frozenset({collection.id})),)
    (left,) = mail.sync(collection, cursor)
    assert (left.removed, left.changed) == ((message.id,), ())
    (arrived,) = mail.sync(archive, archived)
    assert [(r.id, r.folder_ids) for r in arrived.changed if isinstance(r, MailRecord)] == [
        (message.id, frozenset({archive.id}))
    ]
    theirs = {m["id"]: m["folder"] for m in sandbox.messages("microsoft", account.email)}
    assert theirs[message.id] == "archive"


def test_flags_set_here_come_back_as_changes(accounts: list[Connected]) -> None:
    account = accounts[-1]
    mail = account.provider.mail(account.session)
    collection, records, cursor = inbox(mail)
    message = records[1]
    wanted: dict[str, object] = {"unread": not message.unread, "starred": not message.starred}

    (done,) = mail.apply(ChangeRecord("k", Operation.MAIL_MODIFY, message.id, wanted, collection.id))

    assert (done.id, done.unread, done.starred) == (message.id, not message.unread, not message.starred)
    (page,) = mail.sync(collection, cursor)
    (told,) = page.changed
    assert isinstance(told, MailDelta | MailRecord)
    assert told.id == message.id
    assert told.unread in (None, not message.unread)


def drill(sandbox: SandboxProcess, name: str, **fields: object) -> None:
    answer = send(Request.with_json("POST", f"{sandbox.base}/_sandbox/drills/{name}", fields))
    assert answer.ok, answer.text


def test_mail_that_arrives_is_told_by_the_next_run(sandbox: SandboxProcess, accounts: list[Connected]) -> None:
    account = accounts[-1]
    mail = account.provider.mail(account.session)
    collection, _, cursor = inbox(mail)
    drill(sandbox, "add-mail", provider="microsoft", email=account.email, subject="Just now")
    (page,) = mail.sync(collection, cursor)
    assert [(r.subject, r.unread) for r in page.changed if isinstance(r, MailRecord)] == [("Just now", True)]


def test_a_deleted_instance_is_excluded_from_its_series(accounts: list[Connected]) -> None:
    account = accounts[-1]
    calendar = account.provider.calendar(account.session)
    for collection in calendar.discover().collections:
        pages = list(calendar.sync(collection, None))
        instances = [r for page in pages for r in page.changed if r.kind is EventKind.OCCURRENCE and not r.all_day]
        if instances:
            break
    gone = instances[len(instances) // 2]
    headers = {"Authorization": f"Bearer {account.session.access_token()}", "Prefer": IMMUTABLE}
    address = account.app.endpoints["graph"] + path("me", "events", gone.id)
    assert send(Request("DELETE", address, headers=headers)).status == 204

    (page,) = calendar.sync(collection, pages[-1].cursor)

    master = next(r for r in page.changed if r.kind is EventKind.MASTER)
    assert master.id == gone.series_id
    assert f"EXDATE:{gone.start:%Y%m%dT%H%M%SZ}" in master.recurrence
    assert gone.id not in {r.id for r in page.changed}


def test_expired_positions_and_a_walk_after_them(sandbox: SandboxProcess, accounts: list[Connected]) -> None:
    account = accounts[-1]
    mail, calendar = account.provider.mail(account.session), account.provider.calendar(account.session)
    folder, records, read = inbox(mail)
    diary = calendar.discover().collections[0]
    seen = list(calendar.sync(diary, None))[-1].cursor
    drill(sandbox, "expire-cursors", provider="microsoft", email=account.email)
    with pytest.raises(CursorExpired):
        list(mail.sync(folder, read))
    with pytest.raises(CursorExpired):
        list(calendar.sync(diary, seen))
    _, again, _ = inbox(mail)
    assert [r.id for r in again] == [r.id for r in records]


def test_a_revoked_grant_ends_in_a_reconnect(sandbox: SandboxProcess) -> None:
    account = sandbox.connect("microsoft", addresses(sandbox)[-1])
    drill(sandbox, "revoke-grant", provider="microsoft", email=account.email)
    with pytest.raises(Unauthorized):
        account.provider.mail(account.session).discover()
    with pytest.raises(ReconnectRequired):
        account.provider.oauth.refresh(account.app, account.answer["refresh_token"], frozenset({"User.Read"}))


def test_a_permission_that_was_not_given_is_missing(sandbox: SandboxProcess) -> None:
    without = ("Mail.ReadWrite", "https://graph.microsoft.com/Mail.ReadWrite")
    partial = sandbox.connect("microsoft", addresses(sandbox)[-1], without=without)
    granted = frozenset(str(partial.answer["scope"]).split())
    assert not partial.provider.usable(Service.MAIL, granted)
    assert partial.provider.usable(Service.CALENDAR, granted)
    with pytest.raises(ScopeMissing):
        partial.provider.mail(partial.session).discover()
