"""The unified side: everything of a user that is stored here, and writes that go out through the outbox."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Any

from django.db import transaction

from integrations.errors import PermanentFailure
from integrations.layers import readers
from integrations.layers.accounts import Accounts
from integrations.layers.event_fields import event_fields
from integrations.layers.readers import Event, Found, Message, Person
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.outbox import push, queue
from integrations.providers.compose import Recipients, addresses
from integrations.providers.moments import Moment, instant
from integrations.records import Operation, Service
from integrations.sync.stores import store_for

PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Pending:
    """A write on its way: it is kept until the provider has confirmed or refused it."""

    change_id: uuid.UUID
    account: str
    state: str
    error: str = ""

    @property
    def done(self) -> bool:
        """Whether the provider has confirmed it."""
        return self.state == ChangeState.DONE


class Unified:
    """The part of ``IntegrationLayer`` that reads the local store. Nothing that only reads touches the network."""

    accounts: Accounts

    def inbox(self, limit: int = 50, *, unread: bool = False, account: str | None = None) -> list[Message]:
        """The newest messages in all inboxes, or in one account's."""
        return readers.mail().inbox(self._chosen(Service.MAIL, account), unread=unread, limit=limit)

    def read(self, message: Message) -> str:
        """A message's text."""
        return readers.mail().text(self.accounts.all(Service.MAIL), message.id)

    def events(self, start: Moment, end: Moment, *, account: str | None = None) -> list[Event]:
        """What takes place between two instants on the calendars that the user shows, each event once."""
        chosen = self._chosen(Service.CALENDAR, account)
        return readers.calendar().between(self.accounts.user, chosen, instant(start), instant(end))

    def people(self, query: str = "", limit: int = 50, *, account: str | None = None) -> list[Person]:
        """People by name, address, number or organisation."""
        return readers.people().people(self._chosen(Service.CONTACTS, account), query, limit)

    def search(self, query: str, limit: int = 20) -> Found:
        """Mail, events and people with that text; up to ``limit`` of each."""
        user, of = self.accounts.user, self.accounts.all
        known = readers.has(Service.CONTACTS)
        return Found(
            tuple(readers.mail().search(of(Service.MAIL), query, limit)),
            tuple(readers.calendar().search(user, of(Service.CALENDAR), query, limit)),
            tuple(readers.people().people(of(Service.CONTACTS), query, limit)) if known else (),
        )

    def send(
        self,
        to: Recipients,
        subject: str,
        body: str,
        *,
        account: str | None = None,
        cc: Recipients | None = None,
        bcc: Recipients | None = None,
        wait: float = 0,
    ) -> Pending:
        """Send a message in plain text. ``wait``: stay up to so many seconds until the provider has it.

        Sent once, also when this process or the worker dies in between. Raises ``PermanentFailure`` for a message to
        nobody, ``ChoiceNeeded`` where several accounts could send it.
        """
        people = {name: _pairs(given) for name, given in (("to", to), ("cc", cc), ("bcc", bcc))}
        if not any(people.values()):
            raise PermanentFailure("A message needs somebody in to, cc or bcc.", code="recipients")
        connection = self.accounts.one(Service.MAIL, None, account)
        payload: dict[str, object] = {**people, "subject": subject, "text": body}
        return self._write(connection, Service.MAIL, Operation.MAIL_SEND, payload, "", wait)

    def create_event(
        self,
        event_data: Mapping[str, Any],
        *,
        account: str | None = None,
        calendar_id: str | None = None,
        notify: bool = False,
        wait: float = 0,
    ) -> Pending:
        """Make an event, described as in ``CalendarManager.create_event``, in the default calendar or in another.

        Where no account is named it is the primary one. Raises ``ChoiceNeeded`` where none is chosen among several.
        """
        connection = self.accounts.for_writing(Service.CALENDAR, None, account)
        payload: dict[str, object] = {"fields": event_fields(event_data), "notify": notify}
        calendar = calendar_id or self._default_calendar(connection)
        return self._write(connection, Service.CALENDAR, Operation.EVENT_CREATE, payload, calendar, wait)

    def _chosen(self, service: Service, account: str | None) -> Sequence[Connection]:
        return [self.accounts.one(service, None, account)] if account else self.accounts.all(service)

    def _default_calendar(self, connection: Connection) -> str:
        """The most important calendar of an account, as the sync knows them."""
        rows = connection.collections.filter(service=Service.CALENDAR, enabled=True).exclude(provider_id="")
        first = rows.order_by("priority", "name").first()
        if first is None:
            raise PermanentFailure(
                f"The calendars of {connection.email} are not known yet; try again.", code="calendar"
            )
        return first.provider_id

    def _write(
        self,
        connection: Connection,
        service: Service,
        operation: Operation,
        payload: dict[str, object],
        collection_id: str,
        wait: float,
    ) -> Pending:
        with transaction.atomic():
            change = queue.enqueue(connection, service, operation, uuid.uuid4().hex, payload, collection_id)
            store_for(service).overlay(connection, [change])
        deadline = time.monotonic() + wait
        while wait > 0:
            push.push(str(connection.pk))
            change.refresh_from_db()
            if change.state in (ChangeState.DONE, ChangeState.REFUSED) or time.monotonic() > deadline:
                break
            time.sleep(PAUSE_SECONDS)
        return Pending(change.id, connection.email, str(change.state), change.error)

    def pending(self, change: Pending) -> Pending:
        """What has become of a write."""
        row = Change.objects.select_related("connection").filter(
            id=change.change_id, connection__user=self.accounts.user
        )
        found = row.first()
        if found is None:  # settled changes are tidied away after a while
            return Pending(change.change_id, change.account, str(ChangeState.DONE))
        return Pending(found.id, found.connection.email, str(found.state), found.error)


def _pairs(given: Recipients | None) -> list[list[str]]:
    """Recipients as edits have them: address and name."""
    return [[address, name] for name, address in getaddresses(addresses(given)) if address]
