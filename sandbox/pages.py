"""The sandbox's few HTML pages: frame, account chooser, consent and refusal. Forms only, no script, everything escaped.

They make the vendors' steps without their looks, and say "Sandbox" on every page. What a button leads to is left to the
callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

STATIC = "/_sandbox/static"


@dataclass(frozen=True, slots=True)
class Permission:
    """One line of the consent page. A fixed one is shown but cannot be unticked."""

    scope: str
    description: str
    fixed: bool


def page(title: str, main: str, *, status: int = 200, leads_to: str = "") -> HTMLResponse:
    """A whole page around ``main`` (HTML). ``leads_to``: where its forms may end up, for the form-action policy.

    Browsers apply form-action to the redirects that follow a form, too (CSP 3, 6.4.2).
    """
    target = urlsplit(leads_to)
    elsewhere = f" {target.scheme}://{target.netloc}" if target.netloc else ""
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none';"
        f" form-action 'self'{elsewhere}"
    )
    document = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)} · Sandbox</title>'
        f'<link rel="stylesheet" href="{STATIC}/sandbox.css"><link rel="icon" href="{STATIC}/sandbox.svg"></head><body>'
        '<header class="banner"><p><strong>Sandbox</strong> Local stand-in, nothing leaves this machine.</p></header>'
        f"<main><h1>{escape(title)}</h1>{main}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(document, status, headers)


def hidden(fields: Mapping[str, str]) -> str:
    """Hidden inputs for a form."""
    return "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in fields.items())


def chooser(
    vendor: str, app: str, action: str, fields: Mapping[str, str], emails: Iterable[str], leads_to: str
) -> HTMLResponse:
    """One button per account of the vendor, named by its address."""
    buttons = "".join(
        f'<li><button class="account" name="account" value="{escape(email)}">{escape(email)}</button></li>'
        for email in emails
    )
    choice = f'<ul class="accounts">{buttons}</ul>' if buttons else "<p>There is no account here yet.</p>"
    why = f"<p>at the local {escape(vendor)}, to continue to <strong>{escape(app)}</strong></p>"
    form = f'<form action="{escape(action)}">{hidden(fields)}{choice}</form>'
    return page("Choose an account", why + form, leads_to=leads_to)


def consent(
    app: str,
    email: str,
    action: str,
    fields: Mapping[str, str],
    permissions: Iterable[Permission],
    another: str,
    leads_to: str,
) -> HTMLResponse:
    """What an app asks for, one checkbox per scope, with Allow and Cancel. ``another`` is the chooser's address."""
    rows = "".join(_checkbox(number, permission) for number, permission in enumerate(permissions))
    body = (
        f'<p class="who">{escape(email)} <a href="{escape(another)}">Use another account</a></p>'
        f'<form method="post" action="{escape(action)}">{hidden(fields)}'
        f"<fieldset><legend>Choose what <strong>{escape(app)}</strong> may do</legend>{rows}</fieldset>"
        '<div class="buttons"><button name="decision" value="cancel">Cancel</button>'
        '<button class="primary" name="decision" value="allow">Allow</button></div></form>'
    )
    return page(f"{app} wants access", body, leads_to=leads_to)


def _checkbox(number: int, permission: Permission) -> str:
    state = " checked disabled" if permission.fixed else " checked"
    scope, words = escape(permission.scope), escape(permission.description)
    return (
        f'<div class="scope"><input type="checkbox" id="scope-{number}" name="scope" value="{scope}"{state}>'
        f'<label for="scope-{number}">{words} <small>{scope}</small></label></div>'
    )


def hand_over(address: str, fields: Mapping[str, str]) -> HTMLResponse:
    """A form that posts an answer to the app, for those who asked for it that way."""
    form = f'<form method="post" action="{escape(address)}">{hidden(fields)}<button>Continue</button></form>'
    return page("Back to the app", form, leads_to=address)


def refusal(code: str, explanation: str, details: Mapping[str, str], *, status: int = 400) -> HTMLResponse:
    """An error that is shown to the person and never sent to the app."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in details.items() if value)
    body = f'<p class="error">{escape(code)}</p><p>{escape(explanation)}</p>' + (f"<dl>{rows}</dl>" if rows else "")
    return page("Access blocked", body, status=status)
