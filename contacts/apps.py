"""The contacts app: registers its store with the sync engine, and its reader with the Python layer."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from contacts import photos
        from contacts.reader import PeopleReader
        from contacts.store import ContactStore
        from integrations.layers import readers
        from integrations.records import Service
        from integrations.sync.stores import register

        photos.listen()
        register(Service.CONTACTS, ContactStore())
        readers.register(Service.CONTACTS, PeopleReader())
