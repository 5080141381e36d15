"""Writes a line of a script as RFC 5322 bytes: charsets, encodings, alternatives, quotes, attachments, invitations.

The bytes follow from the script and the clock alone (boundaries and ids are derived, never random). Whose mailbox they
lie in is left to ``deliveries``.
"""

from __future__ import annotations

import re
from email import message_from_string
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from sandbox.world import files, markup
from sandbox.world.people import Party
from sandbox.world.script import Line

_ATTRIBUTIONS = {
    "fr": "Le {date}, {name} a écrit :",
    "nb": "{date} skrev {name}:",
    "pl": "{date} {name} pisze:",
    "de": "Am {date} schrieb {name}:",
}


def message_id(line: Line) -> str:
    """The same for every copy of a message, distinct for every message."""
    digest = sha256(f"{line.thread}/{line.number}/{line.subject}".encode()).hexdigest()
    return f"<{digest[:12]}.{digest[12:20]}@{line.sender.domain}>"


def write(line: Line, before: list[Line], invitation: bytes | None = None) -> bytes:
    """The message as bytes; ``before`` are the messages of its thread so far, oldest first."""
    message = EmailMessage(policy=SMTP)
    _head(message, line, before)
    _body(message, line, before)
    if invitation is not None:
        _invite(message, invitation)
    if recipient := line.value("bounce"):
        _report(message, recipient, line)
    for name in line.values("inline"):
        _show(message, name, line)
    for name in line.values("attach"):
        kind, data = files.content(name, line.subject)
        main, _, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{message_id(line)[1:13]}_{number}")
    return message.as_bytes()


def _head(message: EmailMessage, line: Line, before: list[Line]) -> None:
    message["Date"] = format_datetime(line.sent)
    message["From"] = line.sender.address()
    if line.to:
        message["To"] = [_listed(party) for party in line.to]
    if line.cc:
        message["Cc"] = [_listed(party) for party in line.cc]
    message["Subject"] = subject(line)
    message["Message-ID"] = message_id(line)
    if before:
        message["In-Reply-To"] = message_id(before[-1])
        message["References"] = " ".join(message_id(one) for one in before[-10:])
    if line.has("list"):
        target = line.to[0]
        message["List-Id"] = f"{target.name} <{target.email.replace('@', '.')}>"
        message["List-Post"] = f"<mailto:{target.email}>"
        message["List-Unsubscribe"] = f"<https://{target.domain}/leave?list={target.email.partition('@')[0]}>"
    elif line.value("layout") == "newsletter":
        message["List-Id"] = f"{line.sender.name} <news.{line.sender.domain}>"
        message["List-Unsubscribe"] = (
            f"<https://{line.sender.domain}/unsubscribe?u=7d1f>, <mailto:leave@{line.sender.domain}>"
        )
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    for name, header in (("priority", "X-Priority"), ("auto", "Auto-Submitted"), ("reply-to", "Reply-To")):
        if value := line.value(name):
            message[header] = value


def subject(line: Line) -> str:
    """``Re:`` in front of an answer, unless the line names its own."""
    own = line.value("subject")
    return own or (line.subject if line.number == 0 or line.has("fresh") else f"Re: {line.subject}")


def _body(message: EmailMessage, line: Line, before: list[Line]) -> None:
    charset = line.value("charset", "utf-8")
    text, layout = markup.plain(line.body), line.value("layout")
    attribution = "" if not before or line.has("bare") else _attribution(before[-1], line.value("lang"))
    if attribution:
        text += f"\n{attribution}\n" + "".join(_quote(row) for row in markup.plain(before[-1].body).splitlines())
    encoding = {"qp": "quoted-printable", "": "quoted-printable"}.get(line.value("cte"), line.value("cte"))
    flowed = {"format": "flowed", "delsp": "no"} if line.has("flowed") else None
    if flowed:
        text = _flow(text)
    message.set_content(text, charset=charset, cte=encoding, params=flowed)
    if layout:
        html = markup.page(layout, line.body, line.sender, line.subject, charset)
        if attribution:
            earlier = markup.page("note", before[-1].body, before[-1].sender, line.subject)
            html = html.replace("</body>", markup.quoted(earlier, attribution) + "</body>")
        message.add_alternative(html, subtype="html", charset=charset, cte=encoding)


def _attribution(line: Line, language: str) -> str:
    date = line.sent.strftime("%d.%m.%Y %H:%M" if language else "%a, %d %b %Y at %H:%M")
    return _ATTRIBUTIONS.get(language, "On {date}, {name} wrote:").format(date=date, name=line.sender.name)


def _quote(row: str) -> str:
    return f">{row}\n" if row.startswith(">") else f"> {row}\n" if row else ">\n"


def _flow(text: str) -> str:
    """Soft line breaks as RFC 3676 has them: a space at the end of a line that goes on."""
    out: list[str] = []
    for row in text.splitlines():
        while len(row) > 72 and not row.startswith(">") and (cut := row.rfind(" ", 0, 72)) > 0:
            out.append(row[: cut + 1])
            row = row[cut + 1 :]
        out.append(row)
    return "\n".join(out) + "\n"


def _invite(message: EmailMessage, calendar: bytes) -> None:
    found = re.search(rb"METHOD:(\w+)", calendar)
    method = found[1].decode() if found else "REQUEST"
    kind = {"method": method, "charset": "utf-8"}
    message.add_alternative(calendar, maintype="text", subtype="calendar", cte="base64", params=kind)
    message.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")


def _report(message: EmailMessage, recipient: str, line: Line) -> None:
    """Make it a delivery status notification (RFC 3464): the words, the facts, and the headers of what came back."""
    message.make_mixed()
    message.replace_header("Content-Type", "multipart/report; report-type=delivery-status")
    facts = (
        f"Reporting-MTA: dns; {line.sender.domain}\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        "Action: failed\r\nStatus: 5.1.2\r\nDiagnostic-Code: X-Postfix; Host or domain name not found\r\n"
    )
    returned = EmailMessage(policy=SMTP)
    returned["From"] = line.to[0].address()
    returned["To"] = recipient
    returned["Subject"] = "Notes from our call"
    for text, kind in ((facts, "message/delivery-status"), (returned.as_string(), "text/rfc822-headers")):
        message.attach(message_from_string(f"Content-Type: {kind}\r\n\r\n{text}", policy=SMTP))


def _show(message: EmailMessage, name: str, line: Line) -> None:
    """An image inside the HTML, referred to by its Content-ID."""
    html = message.get_body(("html",))
    if html is None:
        raise ValueError(f"{line.thread}: an inline image needs a layout")
    cid = f"{sha256(name.encode()).hexdigest()[:10]}@{line.sender.domain}"
    kind, data = files.content(name, line.subject)
    text = html.get_content().replace("</body>", f'<p><img src="cid:{cid}" alt="{name}" width="320"></p></body>')
    html.set_content(text, subtype="html", cte="quoted-printable")
    html.add_related(
        data, maintype="image", subtype=kind.partition("/")[2], cid=f"<{cid}>", filename=name, disposition="inline"
    )


def _listed(party: Party) -> Address:
    return party.address()
