"""What becomes of received mail before anybody sees it: what must never come through, and what must."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from mail.models import Attachment, Message
from mail.reading import html, text
from tests.mail.conftest import Account
from tests.mail.demo import fill

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='/accounts/logout/'>x</a>",
    "<form action='https://e.example'><input name=password><button>Go</button></form>",
    "<iframe src='https://e.example'></iframe><object data='https://e.example'></object><embed src='https://e.example'>",
    "<svg><script>alert(1)</script></svg><math><mtext></mtext></math>",
    "<style>@import url(https://e.example/x.css); a{background:url(https://e.example/p)}</style>",
    "<style></style><script>alert(1)</script></style>",
    "<p style=\"background:url('https://e.example/p.gif')\">x</p>",
    '<p style="background:u\\72l(https://e.example/p.gif)">x</p>',
    "<p style='position:fixed;inset:0;z-index:9'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<base href='https://e.example/'><link rel=stylesheet href='https://e.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://e.example'>",
    "<img src='//e.example/p.gif'><img srcset='https://e.example/p.gif 2x'>",
    "<video poster='https://e.example/p.gif'></video><audio src='https://e.example/a'></audio>",
    "<table background='https://e.example/p.gif'><tr><td>x</table>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<div>" * 3000 + "deep",
)
NEVER = [
    "<script",
    "onerror",
    "javascript:",
    "data:text",
    "/accounts/",
    "<form",
    "<input",
    "<iframe",
    "<object",
    "<svg",
    "e.example",
    "position",
    "expression",
    "<base",
    "<meta",
    "<link",
    "srcset",
    "svg+xml",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_loads_or_covers_comes_through(attack: str) -> None:
    readable = html.render(f"<p>before</p>{attack}<p>after</p>", parts={}, remote=False)
    whole = (readable.markup + readable.styles).lower()
    assert not [bad for bad in NEVER if bad in whole]
    assert "before" in whole


def test_remote_images_wait_and_trackers_never_load() -> None:
    mail = (
        "<img src='http://i.example/a.png' alt='A view' width=300 height=200>"
        "<img src='https://t.example/o.gif' width=1>"
        "<img src='https://t.example/h.gif' style='display:none'><img src='cid:one@x'><img src='cid:two@x'>"
    )
    closed = html.render(mail, parts={"one@x": "/inbox/attachment/7/content/"}, remote=False)
    assert (closed.blocked, closed.trackers) == (1, 2)
    assert "A view" in closed.markup and "/inbox/attachment/7/content/" in closed.markup
    assert "i.example" not in closed.markup
    opened = html.render(mail, parts={}, remote=True)
    assert 'src="https://i.example/a.png"' in opened.markup and "t.example" not in opened.markup


def test_quotations_are_folded_unless_they_are_all_there_is() -> None:
    reply = html.render(
        "<p>Yes.</p><div class='gmail_quote'>On Fri: <blockquote>Shall we?</blockquote></div>", parts={}, remote=False
    )
    assert "<details" in reply.markup and "Shall we?" in reply.markup
    forwarded = html.render("<div class='gmail_quote'>Forwarded</div>", parts={}, remote=False)
    assert "<details" not in forwarded.markup and "Forwarded" in forwarded.markup
    outlook = html.render("<p>Mine</p><div id='divRplyFwdMsg'>From: B</div><p>Theirs</p>", parts={}, remote=False)
    assert outlook.markup.index("<details") < outlook.markup.index("Theirs")


def test_designed_mail_is_told_from_simple_mail() -> None:
    assert html.render("<table bgcolor='#fff'><tr><td>x</table>", parts={}, remote=False).designed
    assert not html.render("<div dir=rtl><p>שלום <b>לך</b></p></div>", parts={}, remote=False).designed


def test_plain_text_is_escaped_linked_and_folded() -> None:
    shown = text.render(
        "See <b> (https://a.example/x_(y)), or ask bo@b.example.\n\nOn Fri, Ada wrote:\n> old\n>> older\n"
    )
    assert "&lt;b&gt;" in shown and 'href="https://a.example/x_(y)"' in shown and 'href="mailto:bo@b.example"' in shown
    assert shown.index("<details") < shown.index("Ada wrote")
    assert "<details" not in text.render("> all quoted\n> here")
    assert "<details" not in text.render("> question\nanswer")


def test_a_body_is_a_document_that_runs_and_loads_nothing(
    ada: User, client: Client, gmail: Account, outlook: Account
) -> None:
    fill(gmail, outlook, timezone.now())
    client.force_login(ada)
    address = f"/inbox/message/{Message.objects.get(provider_id='g5').pk}/body/"
    answer = client.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "https:" not in policy
    assert "allow-scripts" not in policy and answer["Referrer-Policy"] == "no-referrer"
    html_text = answer.content.decode()
    assert "1 remote image not loaded" in html_text and "img.example" not in html_text and "t.example" not in html_text
    opened = client.get(address, {"images": "1"})
    assert "img-src 'self' data: https:;" in opened["Content-Security-Policy"]
    assert "https://img.example/room.jpg" in opened.content.decode()


def test_an_attachment_is_asked_for_then_offered_then_saved(
    ada: User, client: Client, gmail: Account, outlook: Account, settings: object, tmp_path: object
) -> None:
    from mail.files import files

    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    fill(gmail, outlook, timezone.now())
    client.force_login(ada)
    attachment = Attachment.objects.get(filename="Laerdal-section-B.pdf")
    address = f"/inbox/attachment/{attachment.pk}/"
    assert client.get(f"{address}content/").status_code == 404
    assert "being fetched" in client.post(address, headers={"HX-Request": "true"}).content.decode()
    files.save(gmail.connection.pk, str(attachment.pk), b"%PDF-")
    Attachment.objects.update(state=Attachment.State.HERE)
    assert "ready to save" in client.get(address).content.decode()
    answer = client.get(f"{address}content/")
    assert b"".join(answer) == b"%PDF-"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/octet-stream"
    while gmail.store.purge(gmail.connection, 100):
        pass
    assert files.read(gmail.connection.pk, str(attachment.pk)) is None
