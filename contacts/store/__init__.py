"""From records to rows of people."""

from contacts.store.store import ContactStore

__all__ = ["ContactStore"]
