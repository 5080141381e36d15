"""The tables of the contacts domain."""

from contacts.models.contact import Contact
from contacts.models.group import Group

__all__ = ["Contact", "Group"]
