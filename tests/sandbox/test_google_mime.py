"""Broken mail in the sandbox's Gmail: it is kept byte for byte, and shown as far as it can be read."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import google
from sandbox.google.gmail import mime, payload
from sandbox.google.gmail.reading import read
from sandbox.seeds import SeedAccount
from sandbox.store import Store
from sandbox.strict.discovery import validator
from tests.sandbox.google_client import World

ME = "/gmail/v1/users/me"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(400)) + b"\ndeep"
BROKEN = {
    "nothing but text": b"just words",
    "headers only": b"Subject: x\n",
    "no boundary": b"Content-Type: multipart/mixed\n\nwhere is it",
    "unknown charset": b"Content-Type: text/plain; charset=klingon\n\n\xff\xfe",
    "charset with NUL": b'Content-Type: text/plain; charset="a\0b"\n\n\xe9',
    "bad base64": b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!=\n",
    "bad encoded word": b"Subject: =?utf-8?b?!!!?= =?x?q?=ZZ?=\n\nx",
    "raw 8-bit header": b"Subject: Gr\xfc\xdfe\nFrom: \xe4 <a@b>\n\nx",
    "uuencode": b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n#garbage\nend\n",
    "type without a slash": b"Content-Type: nonsense\n\nx",
    "odd file name": b"Content-Type: a/b; name*=x'y\nContent-Disposition: attachment; filename*0*=u''%FF\n\nx",
    "report": b"Content-Type: message/delivery-status\n\nA: b\n\nC: d\n\n",
    "message in a message": b"Content-Type: message/rfc822\n\nSubject: inner\n\nhello",
    "surrogates": b"Subject: \xed\xa0\x80\nContent-Type: text/plain; charset=utf-8\n\n\xed\xa0\x80",
    "nested beyond reason": NESTED,
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
def test_broken_mail_is_kept_and_shown(raw: bytes) -> None:
    world = World(Store(None), [SeedAccount("google", "ada@gmail.example", "Ada", "1")])
    google.deliver(world.store, world.account(), raw)
    message = world.get(f"{ME}/messages")["messages"][0]["id"]
    assert base64.urlsafe_b64decode(world.get(f"{ME}/messages/{message}", format="raw")["raw"]) == raw
    assert world.get(f"{ME}/messages/{message}")["payload"]["mimeType"]
    assert world.get(f"{ME}/messages/{message}", format="metadata")["payload"]["headers"] is not None
    assert world.get(f"{ME}/threads/{message}")["messages"]


_HEADERS = ("Subject: ", "Content-Type: ", "Content-Disposition: attachment; ", "Content-Transfer-Encoding: ", "To: ")
_PIECES = st.one_of(
    st.binary(max_size=30), st.sampled_from([h.encode() for h in (*_HEADERS, "\n", "\n\n", "--b\n", "b=")])
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=30).map(b"".join))
def test_nothing_raises(raw: bytes) -> None:
    read(raw)
    shown = payload.tree("1", mime.parse(raw))
    assert validator("gmail", "MessagePart").is_valid(shown)


def test_parts_are_numbered_as_gmail_does() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=i\n\n--i\n\none\n--i\nContent-Type: text/html\n\ntwo\n--i--\n"
    raw = (
        b"Content-Type: multipart/mixed; boundary=o\n\n--o\n"
        + inner
        + b"--o\nContent-Type: message/rfc822\n\n"
        + inner
        + b"--o--\n"
    )
    numbers = [number for number, _ in mime.walk(mime.parse(raw))]
    assert numbers == ["", "0", "0.0", "0.1", "1", "1.0", "1.0.0", "1.0.1"]
