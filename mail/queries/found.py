"""Conversations found by the words of their messages, newest first, by keyset like any other list.

A conversation stands where the newest of its messages that was found does, once over all pages. Mail in spam and trash
is found only where it is looked for. What makes a match is left to ``mail.search``.
"""

from __future__ import annotations

from collections.abc import Iterable

from accounts.clock import Clock
from integrations.records import Role
from mail.models import Message, Thread
from mail.queries.mailboxes import Mailboxes
from mail.queries.selection import Selection
from mail.queries.threads import PAGE, Listing, row
from mail.search import find, index, query, scope
from mail.search.query import Query
from mail.search.scope import Scope

# Messages that are looked at for each row: more of a conversation may match. A page may come out shorter, and the next
# one goes on behind it.
_LOOKED_AT = 4


def page(mailboxes: Mailboxes, selection: Selection, clock: Clock, *, before: str = "", size: int = PAGE) -> Listing:
    """Three queries, and two more behind the first page, however much is found."""
    asked, within = _asked(mailboxes, selection, clock)
    top = min(int(before), find.TOP) if before.isascii() and before.isdecimal() and len(before) < 20 else find.TOP
    limit = size * _LOOKED_AT
    places = find.newest(asked, within, limit, top)
    found = Message.objects.filter(pk__in=[index.message_at(place) for place in places]).order_by()
    facts = {pk: (thread, date) for pk, thread, date in found.values_list("pk", "thread_id", "date")}
    older = str(places[-1]) if len(places) == limit else ""
    newest: dict[int, int] = {}
    last = 0
    for place in places:
        pk = index.message_at(place)
        if pk in facts and facts[pk][0] not in newest:
            if len(newest) == size:
                older = str(last)
                break
            newest[facts[pk][0]] = pk
        last = place
    above = _shown_before(newest, asked, within, top) if top < find.TOP else set()
    threads = Thread.objects.in_bulk([thread for thread in newest if thread not in above])
    rows = []
    for pk in newest.values():
        if thread := threads.get(facts[pk][0]):
            thread.last_at = facts[pk][1]
            rows.append(row(thread, mailboxes.accounts[thread.connection_id].connection, selection, clock))
    return Listing(rows, older)


def _asked(mailboxes: Mailboxes, selection: Selection, clock: Clock) -> tuple[Query, Scope]:
    asked = query.read(selection.sought)
    accounts = [(account.connection, account.folders) for account in mailboxes.accounts.values()]
    role = Role(selection.box.role) if selection.box.role in scope.ASIDE else None
    return asked, scope.of(asked, accounts, clock.zone, only=role)


def _shown_before(threads: Iterable[int], asked: Query, within: Scope, top: int) -> set[int]:
    """Which of the conversations an earlier page showed already, by a newer message."""
    messages = Message.objects.filter(thread__in=list(threads), detached_at=None).order_by()
    places = {index.place(date, pk): thread for pk, thread, date in messages.values_list("pk", "thread_id", "date")}
    return {places[place] for place in find.among([p for p in places if p >= top], asked, within)}
