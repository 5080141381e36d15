"""Which mail a search is about: the folders and accounts that a query names, and its days as instants."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from uuid import UUID

from integrations.models import Connection
from integrations.records import Role
from mail.models import Folder
from mail.search.query import Query
from mail.search.words import folded, words

_ROLES = {
    "inbox": Role.INBOX,
    "sent": Role.SENT,
    "drafts": Role.DRAFTS,
    "draft": Role.DRAFTS,
    "spam": Role.SPAM,
    "junk": Role.SPAM,
    "trash": Role.TRASH,
    "bin": Role.TRASH,
}
# What is in none of these is kept, and out of the inbox.
_NOT_ARCHIVED = {Role.INBOX, Role.SENT, Role.DRAFTS, Role.SPAM, Role.TRASH}
_ARCHIVE, _ANYWHERE = "archive", "anywhere"
ASIDE = frozenset({Role.SPAM, Role.TRASH})


@dataclass(frozen=True, slots=True)
class Scope:
    """``inside``: in a folder of each of these; ``outside``: in none of these. Received from ``since`` on, ``until``
    then. ``nowhere``: what the query names does not exist, so nothing can be found.
    """

    accounts: Sequence[UUID]
    inside: Sequence[Collection[int]] = ()
    outside: Collection[int] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def nowhere(self) -> bool:
        return not self.accounts or not all(self.inside)


def of(
    query: Query,
    accounts: Iterable[tuple[Connection, Sequence[Folder]]],
    zone: tzinfo,
    *,
    only: Role | None = None,
    aside: Collection[Role] = ASIDE,
) -> Scope:
    """What a query is about, among these accounts. ``only``: in folders of this role. Mail that lies ``aside`` is left
    out unless the query asks for it.
    """
    chosen = [(c, folders) for c, folders in accounts if _named(c, query)]
    known = [folder for _, folders in chosen for folder in folders]
    inside: list[set[int]] = []
    outside: set[int] = set()
    if only:
        inside.append({f.pk for f in known if f.role == only})
    named = [(_plain(name), wanted) for name, wanted in query.folders]
    for name, wanted in named:
        if name == _ANYWHERE:
            continue
        meant = {f.pk for f in known if f.role in _NOT_ARCHIVED} if name == _ARCHIVE else set(_folders(name, known))
        if wanted is not (name == _ARCHIVE):
            inside.append(meant)
        else:
            outside |= meant
    asked = {_ROLES.get(name) for name, wanted in named if wanted} | {only}
    if not any(name == _ANYWHERE and wanted for name, wanted in named):
        outside |= {f.pk for f in known if f.role in aside and f.role not in asked}
    midnight = [datetime.combine(day, time(), zone) if day else None for day in (query.since, query.until)]
    return Scope([c.pk for c, _ in chosen], inside, outside, *midnight)


def _named(connection: Connection, query: Query) -> bool:
    said = f"{connection.email} {connection.display_name}".casefold()
    return all((name.casefold() in said) is wanted for name, wanted in query.accounts)


def _folders(name: str, known: Iterable[Folder]) -> Iterator[int]:
    """A mailbox by what it means, or folders by name; by the beginning of their names where none is called so."""
    if role := _ROLES.get(name):
        yield from (f.pk for f in known if f.role == role)
        return
    names = {f.pk: _plain(f.name) for f in known if not f.hidden}
    called = [pk for pk, other in names.items() if other == name]
    yield from called or (pk for pk, other in names.items() if name and other.startswith(name))


def _plain(name: str) -> str:
    return " ".join(words(folded(name)))
