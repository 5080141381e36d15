"""Turns the bodies of the scripts into plain text and HTML.

A small markup: ``## heading``, ``![what](url)``, ``[label](url)`` on a line of its own for a button, ``| a | b |``
rows, ``* item`` lists, paragraphs between blank lines. The HTML is what careful senders write: tables, inline style,
remote images with alt text, a hidden preheader.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from string import Template

from sandbox.world.people import Party

LAYOUTS = Path(__file__).with_name("layouts")
_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)$")
_BUTTON = re.compile(r"\[([^\]]+)\]\(([^)]+)\)$")
_LINK = re.compile(r"(https://[^\s<)]+[^\s<).,;])")
_RTL = re.compile(r"[\u0590-\u08ff]")


def plain(body: str) -> str:
    """The text a reader without HTML gets."""
    lines: list[str] = []
    for line in body.splitlines():
        if image := _IMAGE.match(line):
            lines.append(f"[{image[1]}]")
        elif button := _BUTTON.match(line):
            lines.append(f"{button[1]}: {button[2]}")
        elif line.startswith("| "):
            lines.append("  ".join(cell.strip() for cell in line.strip("|").split("|")))
        else:
            lines.append(line.removeprefix("## "))
    return "\n".join(lines) + "\n"


def page(layout: str, body: str, sender: Party, subject: str, charset: str = "utf-8") -> str:
    """The body in one of the layouts, with the sender's name and colour."""
    blocks = [block for block in re.split(r"\n\s*\n", body.strip()) if block]
    first = next((block for block in blocks if block[0] not in "#![|*"), subject)
    template = Template((LAYOUTS / f"{layout}.html").read_text(encoding="utf-8"))
    return template.substitute(
        brand=escape(sender.name),
        colour=sender.colour,
        domain=sender.domain,
        subject=escape(subject),
        charset=charset,
        preheader=escape(" ".join(first.split())[:110]),
        content="\n".join(_block(block, sender) for block in blocks),
        direction="rtl" if _RTL.search(body) else "ltr",
    )


def quoted(html: str, attribution: str) -> str:
    """An earlier message as it stands under an HTML answer."""
    found = re.search(r'<body[^>]*dir="(\w+)"[^>]*>(.*)</body>', html, re.DOTALL)
    direction, inner = found.groups() if found else ("auto", html)
    style = "margin:0 0 0 8px;padding-left:12px;border-left:2px solid #cbd5e1"
    return (
        f'<p dir="auto" style="color:#64748b">{escape(attribution)}</p>'
        f'<blockquote dir="{direction}" style="{style}">{inner}</blockquote>'
    )


def _block(block: str, sender: Party) -> str:
    if block.startswith("## "):
        style = f"margin:24px 0 8px;font-size:20px;line-height:1.3;color:{sender.colour}"
        return f'<h2 style="{style}">{escape(block[3:])}</h2>'
    if image := _IMAGE.match(block):
        style = "display:block;width:100%;max-width:536px;height:auto;border:0;border-radius:8px;margin:16px 0"
        return f'<img src="{escape(image[2])}" alt="{escape(image[1])}" width="536" style="{style}">'
    if button := _BUTTON.match(block):
        style = "display:inline-block;padding:12px 22px;color:#ffffff;font-weight:600;text-decoration:none"
        return (
            '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:20px 0"><tr>'
            f'<td style="border-radius:6px;background-color:{sender.colour}">'
            f'<a href="{escape(button[2])}" style="{style}">{escape(button[1])}</a></td></tr></table>'
        )
    if block.startswith("| "):
        return _table(block)
    if block.startswith("* "):
        items = "".join(f'<li style="margin:0 0 6px">{_text(line[2:])}</li>' for line in block.splitlines())
        return f'<ul style="margin:0 0 16px;padding-left:20px">{items}</ul>'
    return f'<p dir="auto" style="margin:0 0 16px;line-height:1.6">{_text(block)}</p>'


def _table(block: str) -> str:
    style = "padding:8px 0;border-bottom:1px solid #e2e8f0"
    rows = []
    for line in block.splitlines():
        first, *rest = (_text(cell.strip()) for cell in line.strip().strip("|").split("|"))
        cells = [f'<td align="left" style="{style}">{first}</td>']
        cells += [f'<td align="right" style="{style}">{cell}</td>' for cell in rest]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    frame = '<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 20px">'
    return f"{frame}{''.join(rows)}</table>"


def _text(text: str) -> str:
    linked = _LINK.sub(r'<a href="\1" style="color:#1d4ed8">\1</a>', escape(text, quote=False))
    return linked.replace("\n", "<br>\n")
