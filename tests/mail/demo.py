"""A small believable inbox over two accounts, stored as a sync would: what the page tests and screenshots show."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.records import Address, AttachmentRecord, MailRecord
from tests.mail.conftest import Account

INGRID = Address("ingrid@nordlys.example", "Ingrid Solheim")
TOMASZ = Address("tomasz@wilk.example", "Tomasz Wilk")
ADA = Address("ada@gmail.example", "Ada Moreau")
NEWSLETTER = """<html><head><style>.hero{background:#123c44;color:#fff} td{font-family:Georgia,serif}</style></head>
<body bgcolor="#f2efe9"><table width="600" align="center" cellpadding="0" cellspacing="0" bgcolor="#ffffff">
<tr><td class="hero" style="padding:32px;background-color:#123c44;color:#ffffff">
<h1 style="margin:0">Hafenbibliothek</h1>
<p style="margin:8px 0 0">Autumn reading, and a new reading room</p></td></tr>
<tr><td style="padding:24px"><img src="https://img.example/room.jpg" width="552" height="240" alt="The reading room">
<p>The upper floor opens on <b>Saturday</b>. Bring a friend; there is tea.</p>
<p><a href="https://hafenbibliothek.example/opening" style="background:#123c44;color:#fff;padding:10px 16px">See the
programme</a></p></td></tr></table><img src="https://t.example/o.gif?u=1" width="1" height="1"></body></html>"""
SIMPLE = """<div dir="ltr"><p>Hi Ada,</p><p>I moved it so that Tomasz can join from Gdańsk. Workshop on the second
floor, the big table is ours from two. Could you bring the 1:50 section and the oak samples?</p><p>Ingrid</p></div>
<div class="gmail_quote"><div>On Fri, Ada Moreau wrote:</div><blockquote><p>Wednesday afternoon then? I can bring the
section model.</p></blockquote></div>"""
ROWS = (
    (INGRID, "Competition brief, questions 4–7", "Could you look at the daylight requirement before noon?", 3 * 24),
    (Address("oksana@hrynko.example", "Oksana Hrynko"), "Ноти для альтів", "Додаю виправлену сторінку 14.", 2 * 24),
    (Address("eleni@vardaki.example", "Eleni Vardaki"), "Άφιξη τον Ιανουάριο", "Έκλεισα τα εισιτήρια για τις 14.", 70),
    (Address("noa@levi.example", "נועה לוי"), "ישיבת תכנון", "נפגשים ביום רביעי בשעה עשר.", 80),
    (Address("marta@oliveira.example", "Marta Oliveira"), "Orçamento da exposição", "Segue a versão revista.", 30),
    (Address("ticket@regiontog.example", "Regiontog"), "Receipt for your journey", "Oslo S to Lærdalsøyri.", 130),
)


def fill(gmail: Account, outlook: Account, now: datetime) -> None:
    """Store the inbox as it would be at ``now``."""
    gmail.sync(*_gmail(now))
    outlook.sync(*_outlook(now), into="f-inbox")


def _gmail(now: datetime) -> list[MailRecord]:
    inbox = frozenset({"INBOX"})
    conversation = [
        _mail(
            "g1",
            "gt1",
            now - timedelta(days=3),
            INGRID,
            "Model review moved to Wednesday",
            inbox,
            "The jury would like to see the 1:50 before the drawings are locked. Could we meet?",
        ),
        _mail(
            "g2",
            "gt1",
            now - timedelta(days=2, hours=9),
            TOMASZ,
            "Re: Model review moved to Wednesday",
            inbox,
            "Tuesday I am at the sawmill until four, any other day this week works.",
        ),
        _mail(
            "g3",
            "gt1",
            now - timedelta(days=2, hours=7),
            ADA,
            "Re: Model review moved to Wednesday",
            frozenset({"SENT"}),
            "Wednesday afternoon then? I can bring the section model.",
        ),
        _mail(
            "g4",
            "gt1",
            now - timedelta(hours=1),
            INGRID,
            "Re: Model review moved to Wednesday",
            inbox | {"Label_1"},
            "I moved it so that Tomasz can join from Gdańsk.",
            html=SIMPLE,
            unread=True,
            has_invitation=True,
            attachments=(
                AttachmentRecord("2", "Laerdal-section-B.pdf", "application/pdf", 2_400_000),
                AttachmentRecord("3", "north-elevation.jpg", "image/jpeg", 860_000),
            ),
        ),
    ]
    others = [
        _mail(
            "g5",
            "gt5",
            now - timedelta(hours=2),
            Address("news@hafenbibliothek.example", "Hafenbibliothek"),
            "Autumn reading, and a new reading room",
            inbox,
            "The upper floor opens on Saturday.",
            html=NEWSLETTER,
        ),
        _mail(
            "g6",
            "gt6",
            now - timedelta(hours=3),
            TOMASZ,
            "Timber supplier quotes",
            inbox | {"Label_1"},
            "The second one includes drying.\n\nSee https://wood.example/quotes (p. 2).\n\n> Which one?\n",
            starred=True,
        ),
        _mail(
            "g7",
            "gt7",
            now - timedelta(hours=5),
            ADA,
            "Draft of the talk",
            frozenset({"DRAFT"}),
            "Dear all,",
            draft=True,
        ),
    ]
    return conversation + others


def _outlook(now: datetime) -> list[MailRecord]:
    inbox = frozenset({"f-inbox"})
    return [
        _mail(f"o{n}", f"ot{n}", now - timedelta(hours=hours), sender, subject, inbox, text, unread=n == 0)
        for n, (sender, subject, text, hours) in enumerate(ROWS)
    ]


def _mail(
    id_: str,
    thread: str,
    date: datetime,
    sender: Address,
    subject: str,
    folders: frozenset[str],
    text: str,
    **facts: object,
) -> MailRecord:
    return MailRecord(
        id=id_,
        thread_id=thread,
        date=date,
        folder_ids=folders,
        subject=subject,
        sender=sender,
        to=(ADA if sender is not ADA else TOMASZ,),
        snippet=text,
        text=text,
        **facts,  # type: ignore[arg-type]
    )
