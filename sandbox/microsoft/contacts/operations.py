"""The operations of contacts."""

from __future__ import annotations

from sandbox.microsoft.contacts import folders, people
from sandbox.microsoft.router import Operation

READ, WRITE = "Contacts.Read", "Contacts.ReadWrite"

CONTACTS: list[Operation] = [
    Operation("GET", "me/contacts", READ, people.index),
    Operation("POST", "me/contacts", WRITE, people.create),
    Operation("GET", "me/contacts/delta", READ, people.changes),
    Operation("GET", "me/contacts/{}", READ, people.get),
    Operation("PATCH", "me/contacts/{}", WRITE, people.update),
    Operation("DELETE", "me/contacts/{}", WRITE, people.remove),
    Operation("POST", "me/contacts/{}/permanentDelete", WRITE, people.remove),
    Operation("GET", "me/contacts/{}/photo/$value", READ, people.photo),
    Operation("PUT", "me/contacts/{}/photo/$value", WRITE, people.set_photo),
    Operation("GET", "me/contactFolders", READ, folders.index),
    Operation("POST", "me/contactFolders", WRITE, folders.create),
    Operation("GET", "me/contactFolders/delta", READ, folders.changes),
    Operation("GET", "me/contactFolders/{}", READ, folders.get),
    Operation("PATCH", "me/contactFolders/{}", WRITE, folders.rename),
    Operation("DELETE", "me/contactFolders/{}", WRITE, folders.remove),
    Operation("GET", "me/contactFolders/{}/childFolders", READ, folders.children),
    Operation("POST", "me/contactFolders/{}/childFolders", WRITE, folders.create_child),
    Operation("GET", "me/contactFolders/{}/contacts", READ, people.index_in),
    Operation("POST", "me/contactFolders/{}/contacts", WRITE, people.create_in),
    Operation("GET", "me/contactFolders/{}/contacts/delta", READ, people.changes_in),
]
