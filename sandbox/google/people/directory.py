"""One account's address book: finding and writing people and groups. Every change moves the book's version."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any

from sandbox.google.people import lateness
from sandbox.store import Store

Person = dict[str, Any]
SYSTEM_GROUPS = {
    "all": "All Contacts",
    "blocked": "Blocked",
    "chatBuddies": "Chat contacts",
    "coworkers": "Coworkers",
    "family": "Family",
    "friends": "Friends",
    "myContacts": "My Contacts",
    "starred": "Starred",
}


class Directory:
    """The contacts of one account. Call its writing methods inside ``store.write()``."""

    def __init__(self, store: Store, account_id: int) -> None:
        self.store = store
        self.account_id = account_id

    def open(self) -> None:
        """Make the book if the account has none yet."""
        self.store.db.execute(
            "INSERT INTO people_book (account_id) VALUES (?) ON CONFLICT DO NOTHING", (self.account_id,)
        )

    def version(self) -> int:
        return int(self.store.value("SELECT version FROM people_book WHERE account_id = ?", self.account_id) or 0)

    def generation(self) -> int:
        return int(self.store.value("SELECT generation FROM people_book WHERE account_id = ?", self.account_id) or 0)

    def _next(self) -> tuple[int, int]:
        self.open()
        self.store.db.execute("UPDATE people_book SET version = version + 1 WHERE account_id = ?", (self.account_id,))
        return self.version(), int(self.store.now().timestamp() * 1000)

    def _new_id(self, prefix: str) -> str:
        self.open()
        self.store.db.execute("UPDATE people_book SET counter = counter + 1 WHERE account_id = ?", (self.account_id,))
        counter = self.store.value("SELECT counter FROM people_book WHERE account_id = ?", self.account_id)
        digest = hashlib.sha256(f"{self.account_id}/{prefix}/{counter}".encode()).hexdigest()
        return prefix + (str(int(digest[:15], 16)) if prefix else digest[:15])

    # People -----------------------------------------------------------------------------------------------------

    def person(self, person_id: str, *, other: bool = False) -> sqlite3.Row | None:
        """A person who is there, or None."""
        return self.store.row(
            "SELECT * FROM people_person WHERE account_id = ? AND id = ? AND other = ? AND NOT deleted",
            self.account_id,
            person_id,
            other,
        )

    def people(self, *, other: bool = False, since: int | None = None) -> list[sqlite3.Row]:
        """Everybody who is there, in the order they came; or what changed since a version, those deleted too."""
        where = "NOT deleted ORDER BY number" if since is None else "version > ? ORDER BY version"
        values = () if since is None else (since,)
        sql = f"SELECT * FROM people_person WHERE account_id = ? AND other = ? AND {where}"
        return self.store.rows(sql, self.account_id, other, *values)

    def seen(self, *, other: bool = False, since: int | None = None) -> list[sqlite3.Row]:
        """As ``people``, but as a reader sees them, to whom changes may come late."""
        sql = "SELECT * FROM people_person WHERE account_id = ? AND other = ? AND version > ? ORDER BY "
        order = "number" if since is None else "version"
        rows = self.store.rows(sql + order, self.account_id, other, since or 0)
        shown = lateness.seen(self.store, self.account_id, rows, since=since or 0)
        return [row for row in shown if since is not None or not row["deleted"]]

    def seen_one(self, person_id: str) -> sqlite3.Row | None:
        """As ``person``, as a reader sees the one."""
        sql = "SELECT * FROM people_person WHERE account_id = ? AND id = ? AND NOT other"
        rows = lateness.seen(self.store, self.account_id, self.store.rows(sql, self.account_id, person_id))
        return next((row for row in rows if not row["deleted"]), None)

    def seen_version(self) -> int:
        """The version up to which a reader sees everything."""
        return lateness.version(self.store, self.account_id, self.version())

    def add(self, person: Person, *, other: bool = False, photo: bytes = b"") -> str:
        """A new person; the id is the answer."""
        version, updated = self._next()
        made = self._new_id("c")
        number = self.store.db.execute(
            "INSERT INTO people_person (account_id, id, other, version, updated, person, photo)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.account_id, made, other, version, updated, _json(person), photo or None),
        ).lastrowid
        assert number is not None
        lateness.hide(self.store, self.account_id, number)
        return made

    def change(self, person_id: str, person: Person) -> None:
        self._set(person_id, person=_json(person))

    def set_photo(self, person_id: str, photo: bytes | None) -> None:
        self._set(person_id, photo=photo)

    def remove(self, person_id: str) -> None:
        self._set(person_id, deleted=True)

    def _set(self, person_id: str, **columns: Any) -> None:
        columns["version"], columns["updated"] = self._next()
        sql = "SELECT number FROM people_person WHERE account_id = ? AND id = ?"
        number = self.store.value(sql, self.account_id, person_id)
        lateness.keep(self.store, self.account_id, number, columns["version"])
        self.store.db.execute(
            f"UPDATE people_person SET {', '.join(f'{c} = ?' for c in columns)} WHERE account_id = ? AND id = ?",
            (*columns.values(), self.account_id, person_id),
        )

    # Groups -----------------------------------------------------------------------------------------------------

    def groups(self, since: int | None = None) -> list[sqlite3.Row]:
        """The groups that the user made; or what changed since a version, those deleted too."""
        where = "NOT deleted ORDER BY name" if since is None else "version > ? ORDER BY version"
        values = () if since is None else (since,)
        return self.store.rows(f"SELECT * FROM people_group WHERE account_id = ? AND {where}", self.account_id, *values)

    def group(self, group_id: str) -> sqlite3.Row | None:
        return self.store.row(
            "SELECT * FROM people_group WHERE account_id = ? AND id = ? AND NOT deleted", self.account_id, group_id
        )

    def group_named(self, name: str) -> str | None:
        found: str | None = self.store.value(
            "SELECT id FROM people_group WHERE account_id = ? AND lower(name) = lower(?) AND NOT deleted",
            self.account_id,
            name,
        )
        return found

    def put_group(self, name: str, group_id: str = "", *, deleted: bool = False) -> str:
        """Make a group, rename it or delete it; the id is the answer."""
        version, updated = self._next()
        group_id = group_id or self._new_id("")
        self.store.db.execute(
            "INSERT INTO people_group VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, id) DO UPDATE SET"
            " name = excluded.name, version = excluded.version, updated = excluded.updated, deleted = excluded.deleted",
            (self.account_id, group_id, name, version, updated, deleted),
        )
        return group_id

    def members(self, group_id: str) -> list[str]:
        """The ids of the people in a group, in the order they came."""
        return [r["id"] for r in self.people() if group_id == "all" or group_id in groups_of(json.loads(r["person"]))]


def groups_of(person: Person) -> list[str]:
    """The ids of the groups that a person is in."""
    names = [m.get("contactGroupMembership", {}).get("contactGroupResourceName", "") for m in person["memberships"]]
    return [name.removeprefix("contactGroups/") for name in names]


def membership(group_id: str) -> dict[str, Any]:
    """A person's membership in a group."""
    return {
        "contactGroupMembership": {"contactGroupId": group_id, "contactGroupResourceName": f"contactGroups/{group_id}"}
    }


def _json(person: Person) -> str:
    return json.dumps(person, ensure_ascii=False).encode("utf-8", "replace").decode()
