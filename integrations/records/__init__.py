"""The provider-neutral values that cross from a provider to a store.

A provider turns its vendor's answers into these; a domain's store turns these into rows. They are frozen, know no
Django model and hold no token. Every instant is an aware datetime in UTC; a date without a time is a ``datetime.date``.
Ids are the provider's own, opaque and case-sensitive. What a vendor sends beyond these fields is left to the provider.
"""

from __future__ import annotations

from integrations.records.calendars import Answer, AttendeeRecord, CalendarRecord, EventKind, EventRecord, Showing
from integrations.records.changes import ChangeRecord, Operation
from integrations.records.common import Address, Role, Service
from integrations.records.contacts import ContactGroupRecord, ContactRecord, Labelled
from integrations.records.grants import Identity, TokenSet
from integrations.records.mail import AttachmentRecord, FolderRecord, MailDelta, MailRecord
from integrations.records.pages import CollectionRecord, Container, Discovery, Page, Record
from integrations.records.push import ChannelRecord, Lifecycle, Notice

__all__ = [
    "Address",
    "Answer",
    "AttachmentRecord",
    "AttendeeRecord",
    "CalendarRecord",
    "ChangeRecord",
    "ChannelRecord",
    "CollectionRecord",
    "ContactGroupRecord",
    "ContactRecord",
    "Container",
    "Discovery",
    "EventKind",
    "EventRecord",
    "FolderRecord",
    "Identity",
    "Labelled",
    "Lifecycle",
    "MailDelta",
    "MailRecord",
    "Notice",
    "Operation",
    "Page",
    "Record",
    "Role",
    "Service",
    "Showing",
    "TokenSet",
]
