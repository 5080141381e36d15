"""The page of drills: everything that can happen at a provider, as a form with a button, and what OsMEN should do."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import Response

from sandbox import accounts, misregistered, pages, quotas
from sandbox.control.catalogue import DRILLS, GROUPS, Drill, Field
from sandbox.store import Store

# By vendor, the addresses of those who have an account.
Holders = dict[str, list[str]]
ASIDE = "More"
_LABELS = {
    "account": "Account",
    "from": "From",
    "ms": "Milliseconds",
    "jitter": "Up to so many more",
    "email": "Only for the address",
    "client_id": "Only for the app",
    "what": "What",
    "wrong": "What is wrong",
    "by": "Changed by",
}


def _options(field: Field, holders: Holders) -> str:
    if field.kind == "choice":
        return "".join(_option(one, one, field.start) for one in field.choices)
    groups = "".join(
        f'<optgroup label="{escape(provider.title())}">'
        + "".join(_option(f"{provider} {email}", email) for email in emails)
        + "</optgroup>"
        for provider, emails in holders.items()
    )
    return ('<option value="">All</option>' if field.optional else "") + groups


def _option(value: str, words: str, chosen: str = "") -> str:
    return f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(words)}</option>'


def label(field: Field) -> str:
    """What a field is called on the page."""
    return _LABELS.get(field.name, field.name.replace("_", " ").capitalize())


def _field(drill: str, field: Field, holders: Holders) -> str:
    name = f"{drill}-{field.name}"
    shown = f'<label for="{name}">{escape(label(field))}</label>'
    needed = "" if field.optional else " required"
    if field.kind in ("account", "choice"):
        return f'{shown}<select id="{name}" name="{field.name}"{needed}>{_options(field, holders)}</select>'
    kind = 'type="number" min="0" step="any" inputmode="decimal"' if field.kind == "number" else 'type="text"'
    return f'{shown}<input id="{name}" name="{field.name}" {kind} value="{escape(field.start)}"{needed}>'


def _fields(name: str, fields: list[Field], holders: Holders) -> str:
    rows = "".join(f'<div class="field">{_field(name, one, holders)}</div>' for one in fields)
    return f'<div class="fields">{rows}</div>' if rows else ""


def _drill(name: str, drill: Drill, holders: Holders) -> str:
    fields = _fields(name, [one for one in drill.fields if not one.aside], holders)
    if aside := _fields(name, [one for one in drill.fields if one.aside], holders):
        fields += f"<details><summary>{ASIDE}</summary>{aside}</details>"
    return (
        f'<section class="drill" id="{name}" aria-labelledby="{name}-title"><h3 id="{name}-title">{escape(drill.title)}'
        f'</h3><p>{escape(drill.does)}</p><p class="expect"><strong>OsMEN</strong> {escape(drill.expect)}</p>'
        f'<form method="post" action="/_sandbox/drills/{name}">{fields}'
        f'<button aria-describedby="{name}-title">{escape(drill.title)}</button></form></section>'
    )


def _said(request: Request) -> str:
    """What the last drill came to."""
    drill = DRILLS.get(request.query_params.get("drill", ""))
    if drill is None:
        return ""
    if error := request.query_params.get("error"):
        return f'<p class="error" role="alert">{escape(drill.title)}: {escape(error)}</p>'
    what = f" (“{escape(named)}”)" if (named := request.query_params.get("what")) else ""
    return f'<p class="done" role="status">Done: {escape(drill.title)}{what}. Now OsMEN {escape(drill.expect)}</p>'


def _going_on(store: Store) -> str:
    """The faults that are still planned."""
    rows = store.rows("SELECT * FROM service_fault ORDER BY service, kind")
    now = store.now().timestamp()
    lines = [
        f"{row['service']}: {row['kind'].replace('-', ' ')}"
        + (f" for {row['account']}" if row["account"] else "")
        + (f", {row['until'] - now:.0f} s more" if row["until"] else f", {row['amount']}")
        for row in rows
        if not row["until"] or row["until"] > now
    ]
    lines += [f"{provider}: {what.replace('-', ' ')}" for provider, what in misregistered.present(store)]
    if (table := quotas.table(store)) != "off":
        lines.append(f"quotas: the {table} table counts")
    if not lines:
        return "<p>No fault is planned.</p>"
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    button = '<form method="post" action="/_sandbox/drills/end-faults"><button>End all of these</button></form>'
    return f"<ul>{items}</ul>{button}"


async def board(request: Request) -> Response:
    """GET the page."""
    store: Store = request.app.state.store
    holders: Holders = {}
    for one in accounts.all_of(store):
        holders.setdefault(one.provider, []).append(one.email)
    groups = "".join(f'<li><a href="#{group}">{words}</a></li>' for group, words in GROUPS.items())
    introduction = (
        "<p>Press a button and watch OsMEN: each says what it should do. Everything here can also be called over HTTP"
        ' (<a href="/_sandbox/drills">list</a>). <a href="/">Accounts</a></p>'
        f'<nav class="jumps" aria-label="Kinds of drills"><ul>{groups}</ul></nav>'
    )
    parts = [
        introduction,
        _said(request),
        f'<section aria-labelledby="going-on"><h2 id="going-on">Going on now</h2>{_going_on(store)}</section>',
    ]
    for group, words in GROUPS.items():
        inside = "".join(_drill(name, one, holders) for name, one in DRILLS.items() if one.group == group)
        parts.append(
            f'<section aria-labelledby="{group}"><h2 id="{group}">{words}</h2>'
            f'<div class="drills">{inside}</div></section>'
        )
    return pages.page("Drills", "".join(parts))
