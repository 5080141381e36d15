"""Finding mail by its words: the same on both databases, and the same as looking at every message would find."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.records import Address, AttachmentRecord, MailRecord
from mail.models import Message
from mail.reader import MailReader
from mail.search import schema
from mail.store import reindexing
from tests.mail.conftest import START, Account, message

# Few words, so that they meet; letters of several scripts, so that folding matters.
WORDS = st.sampled_from(
    ["alpha", "Alphabet", "beta", "Être", "etre", "straße", "STRASSE", "x1", "北京", "京都", "-", "…"]
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)
TERMS = st.lists(st.one_of(WORDS, TEXTS.map('"{}"'.format), st.just("alph"), st.just("京")), min_size=1, max_size=3)


def found(account: Account, sought: str, limit: int = 50) -> list[str]:
    known = dict(Message.objects.values_list("pk", "provider_id"))
    return [known[item.id] for item in MailReader().search([account.connection], sought, limit)]


def test_what_can_be_found(gmail: Account) -> None:
    gmail.sync(
        message(1, subject="Model review", text="The café's plan, for M. Straße"),
        message(2, text="", html="<style>plan{}</style><p>Die <b>Straße</b> nach&nbsp;Rom</p>"),
        message(3, text="東京都に行く", sender=Address("kenji@tokyo.example", "Kenji Ōno")),
        message(4, text="none", attachments=(AttachmentRecord("2", "Budget-2026.pdf", "application/pdf", 9),)),
    )
    assert found(gmail, "review") == found(gmail, "MODEL revi") == ["m1"]
    assert found(gmail, "cafe plan") == ["m1"]
    assert found(gmail, "strasse") == ["m1", "m2"]
    assert found(gmail, '"nach rom"') == ["m2"] and found(gmail, '"rom nach"') == []
    assert found(gmail, "kenji@tokyo.example") == found(gmail, "ono") == found(gmail, "京都") == ["m3"]
    assert found(gmail, "budget pdf") == ["m4"]
    assert found(gmail, '"bud"') == [] and found(gmail, "bu") == []
    assert found(gmail, "") == found(gmail, "…") == found(gmail, '"') == []
    assert found(gmail, "ingrid", limit=2) == ["m1", "m2"]


def test_nobody_else_s_mail_is_found(gmail: Account, outlook: Account) -> None:
    gmail.sync(message(1))
    assert found(outlook, "text") == []
    assert MailReader().search([outlook.connection, gmail.connection], "text", 9)[0].account == "ada@gmail.example"


def test_what_changes_is_found_by_its_new_words_only(gmail: Account) -> None:
    gmail.sync(message(1, text="first draft"), message(2, text="another"))
    gmail.sync(message(1, text="second thought", date=START + timedelta(hours=1)))
    assert found(gmail, "draft") == [] and found(gmail, "thought") == ["m1"]
    gmail.sync(message(1, text="second thought", date=START + timedelta(hours=1)))
    assert found(gmail, "thought") == ["m1"]
    assert found(gmail, "ingrid") == ["m1", "m2"]


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mail_words")
        count: int = cursor.fetchone()[0]
    return count


def test_what_goes_leaves_no_word_behind(gmail: Account, outlook: Account) -> None:
    before = rows()  # a database that other tests emptied at a stroke has their words still
    gmail.sync(message(1, date=START.replace(year=1955)), message(2), message(3, text="kept"))
    outlook.sync(message(4, folder_ids=frozenset({"f-inbox"})), into="f-inbox")
    outlook.sync(removed=["m4"], into="f-inbox")
    assert found(outlook, "text") == []
    gmail.sync(removed=["m1"])
    Message.objects.filter(provider_id="m2").delete()
    outlook.connection.delete()
    assert rows() == before + 1
    assert found(gmail, "kept") == ["m3"]


def test_the_index_can_be_made_anew(gmail: Account) -> None:
    gmail.sync(*[message(n, attachments=(AttachmentRecord("2", f"f{n}.pdf", "x/y", 1),)) for n in range(3)])
    schema.drop(connection)
    schema.make(connection)
    assert found(gmail, "text") == []
    assert reindexing.everything() == 3
    assert found(gmail, "text 1") == found(gmail, "f1") == ["m1"]
    Message.objects.all().delete()
    assert found(gmail, "text") == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), sought=TERMS)
def test_the_index_finds_what_looking_at_everything_finds(
    gmail: Account, texts: list[tuple[str, str]], sought: list[str]
) -> None:
    with transaction.atomic():
        gmail.sync(*[message(n, subject=s, text=t) for n, (s, t) in enumerate(texts)])
        query = " ".join(sought)
        expected = [f"m{n}" for n, (s, t) in enumerate(texts) if naive(message(n, subject=s, text=t), query)]
        assert found(gmail, query) == expected, query
        transaction.set_rollback(True)


def naive(of: MailRecord, query: str) -> bool:
    """Whether every term is somewhere in one of the fields: at the beginning of a word, or in quotes as it is."""
    fields = [
        plain(text) for text in (of.subject, of.text, f"{of.sender.name} {of.sender.email}", "ada ada@gmail.example")
    ]
    terms = [(quoted, True) if quoted else (bare, False) for quoted, bare in re.findall(r'"([^"]*)"|([^"\s]+)', query)]
    wanted = [(plain(term).strip(), exact) for term, exact in terms if plain(term).strip()]
    return bool(wanted) and all(any(stands(field, *term) for field in fields) for term in wanted)


def plain(text: str) -> str:
    """Words between single spaces, by hand for the few that are used here."""
    for said, meant in (("Ê", "e"), ("ß", "ss"), ("北", " 北 "), ("京", " 京 "), ("都", " 都 ")):
        text = text.replace(said, meant)
    return f" {' '.join(re.sub(r'[^a-z0-9北京都]', ' ', text.lower()).split())} "


def stands(field: str, term: str, exact: bool) -> bool:
    exact = exact or len(term.split()[-1]) < 3
    return f" {term} " in field if exact else f" {term}" in field
