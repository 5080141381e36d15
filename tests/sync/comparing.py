"""Whether what is here is what is there, item by item."""

from __future__ import annotations

from collections import Counter

from integrations.models import Connection
from mail.models import Message, MessageFolder
from tests.providers.sandbox_process import SandboxProcess


def mail_here(connection: Connection) -> dict[str, frozenset[str]]:
    """Every message's folders, by the provider's ids. Unread and star are labels at Google and flags here."""
    places: dict[str, set[str]] = {}
    for message, *flags in Message.objects.filter(connection=connection).values_list(
        "provider_id", "unread", "starred"
    ):
        set_flags = {label for label, flag in zip(("UNREAD", "STARRED"), flags, strict=True) if flag}
        places[message] = set_flags if connection.provider == "google" else set()
    memberships = MessageFolder.objects.filter(message__connection=connection)
    for message, folder in memberships.values_list("message__provider_id", "folder__provider_id"):
        places[message].add(folder)
    return {message: frozenset(folders) for message, folders in places.items()}


def mail_there(sandbox: SandboxProcess, connection: Connection) -> dict[str, frozenset[str]]:
    """The same at the provider."""
    messages = sandbox.messages(connection.provider, connection.email)
    return {m["id"]: frozenset(m["labels"] if "labels" in m else [m["folder"]]) for m in messages}


def differences(sandbox: SandboxProcess, connection: Connection) -> list[str]:
    """What differs, in words; empty when the two are the same."""
    here, there = mail_here(connection), mail_there(sandbox, connection)
    if connection.provider == "microsoft":
        # The control API names folders; ids are compared by how messages fall together.
        return _grouping(here, there)
    found = [f"{m}: only here" for m in here.keys() - there.keys()]
    found += [f"{m}: only there" for m in there.keys() - here.keys()]
    found += [f"{m}: {here[m]} here, {there[m]} there" for m in here.keys() & there.keys() if here[m] != there[m]]
    return found


def _grouping(here: dict[str, frozenset[str]], there: dict[str, frozenset[str]]) -> list[str]:
    if here.keys() != there.keys():
        return [f"{m}: on one side only" for m in here.keys() ^ there.keys()]
    pairs = Counter((next(iter(here[m]), ""), next(iter(there[m]), "")) for m in here)
    ours, theirs = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    return [f"folder {a} here is {b} there" for a, b in pairs if ours[a] > 1 or theirs[b] > 1]
