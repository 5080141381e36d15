"""The Google provider against the sandbox as a process: connecting by its pages, syncing, editing, losing access."""

from __future__ import annotations

import collections
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from integrations.errors import (
    CursorExpired,
    NotFound,
    PermanentFailure,
    RateLimited,
    ReconnectRequired,
    ScopeMissing,
    TemporaryFailure,
    Unauthorized,
)
from integrations.providers import keys
from integrations.providers.google import batch
from integrations.records import (
    ChangeRecord,
    CollectionRecord,
    EventKind,
    EventRecord,
    MailDelta,
    MailRecord,
    Operation,
    Page,
    Role,
    Service,
)
from tests.providers.sandbox_process import Connected, SandboxProcess

NewAccount = Callable[..., Connected]


@pytest.fixture
def new_account(sandbox: SandboxProcess) -> NewAccount:
    """Makes an account of the test's own and connects it."""

    def make(*, letters: int = 0, **kinds: list[dict[str, object]]) -> Connected:
        who = {"provider": "google", "email": f"{uuid4().hex[:12]}@gmail.example"}
        named = {kind: [{**who, **item} for item in items] for kind, items in kinds.items()}
        sandbox.control("seed", accounts=[who], **named)
        if letters:
            sandbox.control("drills/add-mail", **who, count=letters)
        return sandbox.connect("google", who["email"])

    return make


def mail_pages(account: Connected, cursor: str | None = None) -> list[Page[MailRecord | MailDelta]]:
    client = account.provider.mail(account.session)
    return list(client.sync(client.discover().collections[0], cursor))


def event_pages(account: Connected, calendar: CollectionRecord, cursor: str | None = None) -> list[Page[EventRecord]]:
    return list(account.provider.calendar(account.session).sync(calendar, cursor))


def apply(account: Connected, operation: Operation, message_id: str, **payload: object) -> MailDelta:
    (delta,) = account.provider.mail(account.session).apply(ChangeRecord("k", operation, message_id, payload))
    assert isinstance(delta, MailDelta)
    return delta


def test_the_account_is_who_it_says(google_account: Connected) -> None:
    answer = google_account.answer
    verify = google_account.provider.oauth.identify
    who = verify(
        google_account.app, answer["id_token"], nonce=google_account.nonce, access_token=answer["access_token"]
    )
    assert who.email == google_account.email and who.subject and who.name
    with pytest.raises(PermanentFailure):
        verify(google_account.app, answer["id_token"], nonce="another", access_token=answer["access_token"])
    other = replace(google_account.app, client_id="somebody-else")
    with pytest.raises(PermanentFailure):
        verify(other, answer["id_token"], nonce=google_account.nonce, access_token=answer["access_token"])


def test_all_mail_arrives_as_google_has_it(sandbox: SandboxProcess, google_account: Connected) -> None:
    there = {m["id"]: frozenset(m["labels"]) for m in sandbox.messages("google", google_account.email)}
    pages = mail_pages(google_account)
    records = [r for page in pages for r in page.changed if isinstance(r, MailRecord)]
    assert {r.id: r.folder_ids for r in records} == there and len(records) == len(there)
    assert [p.complete for p in pages] == [False] * (len(pages) - 1) + [True] and all(p.full for p in pages)
    assert pages[0].total == len(there)
    assert [r.date for r in records] == sorted((r.date for r in records), reverse=True)
    assert all(r.text or r.html for r in records)
    assert any(r.attachments for r in records) and any(r.has_invitation for r in records)
    known = {f.id for f in google_account.provider.mail(google_account.session).discover().containers}
    assert frozenset().union(*there.values()) <= known


def test_labels_have_their_roles(google_account: Connected) -> None:
    discovery = google_account.provider.mail(google_account.session).discover()
    roles = {getattr(f, "role", None) for f in discovery.containers}
    assert {Role.INBOX, Role.SENT, Role.DRAFTS, Role.TRASH, Role.SPAM, Role.STARRED, Role.USER} <= roles
    assert [c.service for c in discovery.collections] == [Service.MAIL]


def test_attachments_and_sources_are_the_message_s(google_account: Connected) -> None:
    client = google_account.provider.mail(google_account.session)
    records = [r for p in mail_pages(google_account) for r in p.changed if isinstance(r, MailRecord)]
    record = next(r for r in records if any(not a.inline for a in r.attachments))
    for attachment in record.attachments:
        assert len(client.attachment(record.id, attachment.part_id)) == attachment.size
    assert record.message_id.encode() in client.source(record.id)
    with pytest.raises(NotFound):
        client.attachment(record.id, "77.7")


def test_every_calendar_arrives_whole(sandbox: SandboxProcess, google_account: Connected) -> None:
    discovery = google_account.provider.calendar(google_account.session).discover()
    events = []
    for collection in discovery.collections:
        pages = event_pages(google_account, collection)
        assert pages[-1].complete and all(p.full for p in pages)
        events += [event for page in pages for event in page.changed]
        (later,) = event_pages(google_account, collection, pages[-1].cursor)
        assert (later.changed, later.removed, later.complete, later.full) == ((), (), True, False)
    state = next(a for a in sandbox.state() if (a["provider"], a["email"]) == ("google", google_account.email))
    assert sum(not e.cancelled for e in events) == state["events"]
    kinds = collections.Counter(event.kind for event in events)
    assert kinds[EventKind.SINGLE] and kinds[EventKind.MASTER] and kinds[EventKind.EXCEPTION]
    assert any(e.all_day for e in events) and any(e.meeting_url for e in events) and any(e.attendees for e in events)
    masters = {event.id for event in events if event.kind is EventKind.MASTER}
    assert all(e.series_id in masters and e.original_start for e in events if e.kind is EventKind.EXCEPTION)
    assert all(event.end >= event.start for event in events)


def test_what_happens_after_the_walk_follows(sandbox: SandboxProcess, new_account: NewAccount) -> None:
    account = new_account(letters=3)
    walk = mail_pages(account)
    first, second, third = (r.id for p in walk for r in p.changed)
    sandbox.control("drills/add-mail", provider="google", email=account.email, subject="Later")
    apply(account, Operation.MAIL_MODIFY, first, unread=False, starred=True)
    apply(account, Operation.MAIL_MOVE, second, **{"to": "", "from": "INBOX"})
    (page,) = mail_pages(account, walk[-1].cursor)
    changed = {r.id: r for r in page.changed}
    assert page.complete and not page.full and page.removed == () and third not in changed
    assert changed[first] == MailDelta(first, frozenset({"STARRED"}), frozenset({"UNREAD"}), unread=False, starred=True)
    assert changed[second] == MailDelta(second, frozenset(), frozenset({"INBOX"}))
    assert [r.subject for r in page.changed if isinstance(r, MailRecord)] == ["Later"]
    (quiet,) = mail_pages(account, page.cursor)
    assert (quiet.changed, quiet.removed) == ((), ())


def test_edits_stay_at_google(sandbox: SandboxProcess, new_account: NewAccount) -> None:
    account = new_account(letters=1)
    (record,) = (r for p in mail_pages(account) for r in p.changed)
    delta = apply(account, Operation.MAIL_MOVE, record.id, **{"to": "", "from": "INBOX"})
    assert "INBOX" in delta.removed and "INBOX" not in delta.added
    assert apply(account, Operation.MAIL_MOVE, record.id, **{"to": "", "from": "INBOX"}) == delta
    delta = apply(account, Operation.MAIL_MODIFY, record.id, unread=False, starred=True)
    assert (delta.unread, delta.starred) == (False, True)
    (there,) = sandbox.messages("google", account.email)
    assert "INBOX" not in there["labels"] and "UNREAD" not in there["labels"] and "STARRED" in there["labels"]
    apply(account, Operation.MAIL_MOVE, record.id, **{"to": "TRASH", "from": "INBOX"})
    assert "TRASH" in sandbox.messages("google", account.email)[0]["labels"]
    with pytest.raises(NotFound):
        apply(account, Operation.MAIL_MODIFY, "ffffffffffffffff", unread=False)


def test_a_walk_that_was_cut_off_goes_on(sandbox: SandboxProcess, new_account: NewAccount) -> None:
    account = new_account(letters=180)
    client = account.provider.mail(account.session)
    mailbox = client.discover().collections[0]
    first = next(iter(client.sync(mailbox, None)))
    sandbox.control("drills/add-mail", provider="google", email=account.email, subject="Meanwhile")
    rest = mail_pages(account, first.cursor)
    after = mail_pages(account, rest[-1].cursor)
    seen = [r.id for p in (first, *rest, *after) for r in p.changed if isinstance(r, MailRecord)]
    assert set(seen) == {m["id"] for m in sandbox.messages("google", account.email)}
    assert len(after[0].changed) == 1 and len(rest) > 1


def test_cursors_that_are_too_old_say_so(sandbox: SandboxProcess, new_account: NewAccount) -> None:
    day = {"uid": "u", "title": "T", "start": "2026-11-24", "end": "2026-11-25"}
    account = new_account(letters=1, events=[day])
    calendar = account.provider.calendar(account.session).discover().collections[0]
    mail, events = mail_pages(account)[-1].cursor, event_pages(account, calendar)[-1].cursor
    sandbox.control("drills/expire-cursors", provider="google", email=account.email)
    with pytest.raises(CursorExpired):
        mail_pages(account, mail)
    with pytest.raises(CursorExpired):
        event_pages(account, calendar, events)
    assert mail_pages(account)[-1].complete and event_pages(account, calendar)[-1].complete


def test_a_scope_that_was_not_granted_is_named_by_the_grant(sandbox: SandboxProcess) -> None:
    refused = "https://www.googleapis.com/auth/gmail.modify"
    account = sandbox.connect("google", without=(refused,))
    granted = frozenset(account.answer["scope"].split())
    assert not account.provider.usable(Service.MAIL, granted) and account.provider.usable(Service.CALENDAR, granted)
    with pytest.raises(ScopeMissing):
        mail_pages(account)
    assert account.provider.calendar(account.session).discover().collections


def test_tokens_are_renewed_until_the_grant_ends(sandbox: SandboxProcess, new_account: NewAccount) -> None:
    account = new_account(letters=1)
    oauth, refresh_token = account.provider.oauth, account.answer["refresh_token"]
    scopes = frozenset(account.answer["scope"].split())
    sandbox.control("drills/expire-access-tokens", provider="google", email=account.email)
    with pytest.raises(Unauthorized):
        mail_pages(account)
    fresh = oauth.refresh(account.app, refresh_token, scopes)
    assert fresh.access_token != account.answer["access_token"] and fresh.refresh_token == ""
    assert fresh.scopes == scopes
    renewed = replace(account, answer={**account.answer, "access_token": fresh.access_token})
    assert mail_pages(renewed)[-1].complete
    assert oauth.revoke(account.app, refresh_token)
    with pytest.raises(ReconnectRequired):
        oauth.refresh(account.app, refresh_token, scopes)
    assert oauth.revoke(account.app, refresh_token)
    with pytest.raises(Unauthorized):
        mail_pages(renewed)


def test_new_signing_keys_are_found(
    sandbox: SandboxProcess, google_account: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "REFETCH_SECONDS", 0.0)
    sandbox.control("drills/rotate-signing-keys", provider="google")
    for account in (google_account, sandbox.connect("google")):
        token, access = account.answer["id_token"], account.answer["access_token"]
        who = account.provider.oauth.identify(account.app, token, nonce=account.nonce, access_token=access)
        assert who.email == account.email


def test_troubles_at_google_are_told_apart(
    sandbox: SandboxProcess, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "LONGEST_PAUSE", 0.0)
    account = new_account(letters=1)
    client = account.provider.mail(account.session)
    try:
        sandbox.control("drills/rate-limit", service="gmail", seconds=30)
        with pytest.raises(RateLimited):
            client.discover()
    finally:
        sandbox.control("drills/rate-limit", service="gmail", seconds=0)
    sandbox.control("drills/server-errors", service="gmail", count=1)
    with pytest.raises(TemporaryFailure):
        client.discover()
    sandbox.control("drills/drop-connections", service="gmail", count=1)
    assert client.discover().collections
