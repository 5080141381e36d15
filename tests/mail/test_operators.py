"""The operators of a search: read from any text, and finding on both databases what looking at every message finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from integrations.records import Address, AttachmentRecord, FolderRecord, MailRecord, Role
from mail.search import query
from mail.search.query import Part, Query, Term
from tests.mail.conftest import START, Account, message
from tests.mail.test_found import _found
from tests.mail.test_search import found

WORD = st.sampled_from(["alpha", "beta", "gamma", "delta"])
PEOPLE = [Address("ada@a.example", "Ada Alpha"), Address("bo@b.example", "Bo Beta"), Address("cy@c.example", "Cy")]
FOLDERS = ("INBOX", "SENT", "TRASH", "SPAM", "Label_1", "")


@given(st.text(st.characters(codec="utf-8"), max_size=200) | st.text('from: -"in:is:before:2026-1 a', max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    asked = query.read(text)
    assert len(asked.terms) <= query.MOST_TERMS
    assert all(term.words and all(term.words) for term in asked.terms)
    assert query.read(f"{text.replace(chr(34), '')} from:") == query.read(text.replace('"', ""))


PARTS = {"": Part.ANYWHERE, "subject:": Part.SUBJECT, "from:": Part.SENDER, "to:": Part.RECIPIENTS}
DATES = st.dates(date(1970, 1, 1), date(2100, 1, 1))


@given(
    terms=st.lists(st.tuples(st.booleans(), st.sampled_from(list(PARTS)), st.booleans(), WORD, WORD), max_size=6),
    flags=st.lists(st.tuples(st.booleans(), st.sampled_from(["has:attachment", "is:unread", "is:starred", "Is:Read"]))),
    folders=st.lists(st.tuples(st.booleans(), WORD), max_size=3),
    since=st.none() | DATES,
    until=st.none() | DATES,
    order=st.randoms(),
)
def test_what_is_written_is_read(
    terms: list[tuple[bool, str, bool, str, str]],
    flags: list[tuple[bool, str]],
    folders: list[tuple[bool, str]],
    since: date | None,
    until: date | None,
    order: Random,
) -> None:
    said = [
        f"{'' if wanted else '-'}{part}{f'{chr(34)}{one} {two}{chr(34)}' if quoted else one}"
        for wanted, part, quoted, one, two in terms
    ]
    rest = [f"{'' if wanted else '-'}{flag}" for wanted, flag in flags]
    rest += [f'{"" if wanted else "-"}in:"{name} one"' for wanted, name in folders]
    rest += [f"after:{since}"] if since else []
    rest += [f"before:{until:%Y/%m/%d}"] if until else []
    order.shuffle(rest)
    asked = query.read(" ".join(said + rest))
    assert asked.terms == [
        Term((one, two) if quoted else (one,), not quoted, PARTS[part], wanted)
        for wanted, part, quoted, one, two in terms
    ]
    assert (asked.since, asked.until) == (since, until)
    assert sorted(asked.folders) == sorted((f"{name} one", wanted) for wanted, name in folders)
    names = {"has:attachment": ("has_attachments", True), "is:starred": ("starred", True)}
    names |= {"is:unread": ("unread", True), "Is:Read": ("unread", False)}
    meant = [(names[flag][0], names[flag][1] is wanted) for wanted, flag in flags]
    assert sorted(asked.flags) == sorted(meant)


def test_what_says_nothing_to_us_is_words() -> None:
    assert query.read("is:late").terms == [Term(("is", "late"), True)]
    assert query.read("before:2026-13-01").terms == [Term(("before", "2026", "13", "01"), False)]
    assert query.read("a - b --c -").terms == [
        Term(("a",), False),
        Term(("b",), False),
        Term(("c",), False, wanted=False),
    ]
    assert query.read("from: subject:").empty and query.read("").empty and query.read("…").empty
    assert query.read("after:2026 before:2026-11") == Query(since=date(2026, 1, 1), until=date(2026, 11, 1))
    assert query.read("well-known").terms == [Term(("well", "known"), True)]


@dataclass(frozen=True)
class Asked:
    """One item of a query, and whether a message meets it."""

    text: str
    wanted: bool

    def met(self, mail: MailRecord) -> bool:
        return self._holds(mail) is self.wanted

    def _holds(self, mail: MailRecord) -> bool:
        name, _, value = self.text.rpartition(":")
        value = value.strip('"')
        said = {
            "from": f"{mail.sender.name} {mail.sender.email}",
            "to": " ".join(f"{a.name} {a.email}" for a in (*mail.to, *mail.cc)),
            "subject": mail.subject,
        }
        if name in said:
            return _begins(said[name], value)
        if name == "":
            return any(_begins(text, value) for text in (mail.text, *said.values()))
        if name == "in" and value != "starred":
            if value == "archive":
                return not mail.folder_ids & {"INBOX", "SENT", "TRASH", "SPAM"}
            return {"trash": "TRASH", "inbox": "INBOX", "suppliers": "Label_1", "sup": "Label_1"}[
                value
            ] in mail.folder_ids
        if name in ("before", "after"):
            day = date.fromisoformat(value)
            return mail.date.date() < day if name == "before" else mail.date.date() >= day
        facts = {"attachment": bool(mail.attachments), "unread": mail.unread, "read": not mail.unread}
        return facts.get(value, mail.starred)


def _begins(text: str, beginning: str) -> bool:
    words = [" ".join(said.lower().replace("@", " ").replace(".", " ").split()) for said in (text, beginning)]
    return f" {words[1]}" in f" {words[0]}"


ITEMS = st.one_of(
    WORD,
    st.sampled_from(["alp", "bet"]),
    WORD.map("subject:{}".format),
    st.sampled_from(["from:ada", "from:alpha", "from:ada@a.example", "to:beta", "to:ada", "to:cy"]),
    st.sampled_from(["is:unread", "is:read", "is:starred", "has:attachment", "in:starred"]),
    st.sampled_from(["in:trash", "in:inbox", "in:archive", "in:suppliers", "in:sup"]),
    st.integers(0, 4).map(lambda n: f"before:{START.date() - timedelta(days=n)}"),
    st.integers(0, 4).map(lambda n: f"after:{START.date() - timedelta(days=n)}"),
)
ASKED = st.lists(st.builds(Asked, ITEMS, st.booleans()), min_size=1, max_size=4)
Mail = tuple[str, str, Address, list[Address], str, bool, bool, bool]
PERSON = st.sampled_from(PEOPLE)
MAILS = st.lists(
    st.tuples(WORD, WORD, PERSON, st.lists(PERSON, max_size=2), st.sampled_from(FOLDERS), *[st.booleans()] * 3),
    min_size=1,
    max_size=6,
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(mails=MAILS, asked=ASKED)
def test_operators_find_what_looking_at_everything_finds(gmail: Account, mails: list[Mail], asked: list[Asked]) -> None:
    made = [
        message(
            n,
            date=START - timedelta(days=n),
            subject=subject,
            text=text,
            sender=sender,
            to=tuple(to[:1]),
            cc=tuple(to[1:]),
            folder_ids=frozenset({folder} - {""}),
            unread=unread,
            starred=starred,
            attachments=(AttachmentRecord("2", "scan.pdf", "application/pdf", 9),) if attached else (),
        )
        for n, (subject, text, sender, to, folder, unread, starred, attached) in enumerate(mails)
    ]
    sought = " ".join(f"{'' if item.wanted else '-'}{item.text}" for item in asked)
    with transaction.atomic():
        gmail.sync(*made)
        expected = [m.id for m in made if all(item.met(m) for item in asked)]
        assert found(gmail, sought) == expected, sought
        transaction.set_rollback(True)


@pytest.fixture
def page(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def test_days_are_those_of_the_reader(page: Client, gmail: Account) -> None:
    """Berlin is an hour ahead: half past eleven in the evening of the 22nd in Greenwich is the 23rd there."""
    gmail.sync(message(1, subject="Late", date=START.replace(day=22, hour=23, minute=30)))
    assert _found(page, "/inbox/?q=after:2026-11-23") == ["Late"] and _found(page, "/inbox/?q=before:2026-11-23") == []


def test_mail_set_aside_is_found_where_the_words_name_its_place(page: Client, gmail: Account, outlook: Account) -> None:
    gmail.sync(
        message(1, subject="Kept"),
        message(2, subject="Thrown", folder_ids=frozenset({"TRASH"})),
        message(3, subject="Junk", folder_ids=frozenset({"SPAM"})),
    )
    outlook.sync(message(4, subject="Put away", folder_ids=frozenset({"f-archive"})), into="f-archive")
    assert _found(page, "/inbox/?q=from:ingrid") == ["Kept", "Put away"]
    assert _found(page, "/inbox/?q=in:trash") == ["Thrown"] and _found(page, "/inbox/?q=in:junk") == ["Junk"]
    assert _found(page, "/inbox/?q=in:anywhere+text") == ["Kept", "Thrown", "Junk", "Put away"]
    assert _found(page, "/inbox/?q=in:archive") == ["Put away"]
    assert _found(page, "/inbox/?q=in:nowhere") == [] and _found(page, "/inbox/?q=-in:nowhere") == ["Kept", "Put away"]
    assert _found(page, "/inbox/?q=account:outlook") == ["Put away"]
    assert _found(page, "/inbox/?q=-account:outlook") == ["Kept"]
    assert _found(page, "/inbox/?q=account:nobody") == []


def test_a_folder_is_named_whole_or_by_its_beginning(page: Client, gmail: Account) -> None:
    with transaction.atomic():
        gmail.store.containers(
            gmail.connection,
            [FolderRecord("INBOX", "Inbox", Role.INBOX), FolderRecord("a", "Rør"), FolderRecord("b", "Rør & deler")],
        )
    gmail.sync(
        message(1, subject="Pipes", folder_ids=frozenset({"a"})),
        message(2, subject="Parts", folder_ids=frozenset({"b"})),
    )
    assert _found(page, "/inbox/?q=in:rør") == ["Pipes"] and _found(page, "/inbox/?q=in:rø") == ["Pipes", "Parts"]
    assert _found(page, '/inbox/?q=in:"rør deler"') == ["Parts"]


def test_a_conversation_is_shown_by_the_message_that_was_asked_for(page: Client, gmail: Account) -> None:
    """A newer one of the last conversation has been read, and so shows it on no earlier page."""
    many = [message(n, subject=f"S{n}", unread=True, date=START - timedelta(days=1, minutes=n)) for n in range(260)]
    gmail.sync(*many, message(900, thread_id="t259", subject="S259", date=START))
    assert _found(page, "/inbox/?q=is:unread") == [f"S{n}" for n in range(260)]
