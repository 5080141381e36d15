"""``manage.py keys``: look at the key ring, add a key, make it the one in use, take an old one out.

The order is add, (let every process reload), rotate, retire. Exit codes: 0 ok, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from integrations.management.base import USAGE, PlainCommand, add_json
from integrations.management.terminal import live, progress
from integrations.vault import keyring, keysource, rotation
from integrations.vault.keyset import Keyset


class Command(PlainCommand):
    help = "The key ring that encrypts tokens: list its keys, add one, rotate to it, retire one that is not needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        listing = verbs.add_parser("list", help="the keys, and how many values need each")
        add = verbs.add_parser(
            "add", help="add a key; it can decrypt at once and encrypts nothing until the next rotate"
        )
        rotate = verbs.add_parser("rotate", help="use the newest key from now on, and encrypt everything with it")
        rotate.add_argument("--only-promote", action="store_true", help="encrypt nothing that is there already")
        retire = verbs.add_parser("retire", help="take a key out of the ring once nothing needs it")
        retire.add_argument("key", type=int, help="its id, as the list shows it")
        for verb in (listing, add, rotate, retire):
            add_json(verb)

    def run(self, options: dict[str, Any]) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        ring, uses = keyring.keyset(), rotation.uses()
        found = [
            {
                "id": key_id,
                "state": "primary" if key_id == ring.primary else "in the ring" if key_id in ring.ids else "missing",
                "values": sum(uses.get(key_id, {}).values()),
                "columns": dict(uses.get(key_id, {})),
            }
            for key_id in dict.fromkeys((*ring.ids, *sorted(uses)))
        ]
        if options["json"]:
            self.give(found)
        else:
            for key in found:
                self.stdout.write(f"{key['id']:>12}  {key['state']:<12} {key['values']:>9,} values")
        if missing := [key for key in found if key["state"] == "missing"]:
            values = sum(int(str(key["values"])) for key in missing)
            raise CommandError(f"{values:,} values need a key that is not in the ring: restore it from a backup.")

    def _add(self, options: dict[str, Any]) -> None:
        ring = keyring.keyset().added()
        told = self._keep(ring, ring.ids[-1], f"Key {ring.ids[-1]} is added. It encrypts nothing yet.", options)
        self._say("Next, when every process has the new ring: keys rotate.", options)
        self._tell(told, options)

    def _rotate(self, options: dict[str, Any]) -> None:
        ring = keyring.keyset()
        newest = ring.ids[-1]
        told: dict[str, Any] = {"key": newest, "in_place": True, "ring": None}
        if newest != ring.primary:
            told = self._keep(ring.promoted(newest), newest, f"Key {newest} is the one in use from now on.", options)
            if told["in_place"]:
                keyring.reload()
        again = told | {"encrypted": 0, "unreadable": 0}
        if not told["in_place"]:
            self._say(
                "Next, when every process has the new ring: keys rotate again, to encrypt what is there.", options
            )
        elif not options["only_promote"]:
            done = self._encrypt(options)
            again |= {"encrypted": done.done, "unreadable": done.unreadable}
        self._tell(again, options)
        if again["unreadable"]:
            raise CommandError(
                f"{again['unreadable']:,} values need a key that is not in the ring and stay as they are (keys list)."
            )

    def _encrypt(self, options: dict[str, Any]) -> rotation.Progress:
        """Every value with the key in use: a bar for who looks on, a line a batch for a log."""
        with progress(self.stderr, "Encrypting anew") as shown:

            def tell(now: rotation.Progress) -> None:
                shown.show(now.done, now.total, "values")
                if not live(self.stderr):
                    self._say(f"{now.done:,} of {now.total:,} values are encrypted anew.", options)

            done = rotation.run(tell)
        if not done.unreadable:
            self._say(f"Every value is encrypted with key {keyring.primary_key_id()}.", options)
        return done

    def _retire(self, options: dict[str, Any]) -> None:
        ring, key_id = keyring.keyset(), options["key"]
        if key_id not in ring.ids:
            raise CommandError(f"Key {key_id} is not in the ring.", returncode=USAGE)
        if key_id == ring.primary:
            raise CommandError(f"Key {key_id} is in use: add another and rotate first.", returncode=USAGE)
        self._refuse_if_needed(key_id)
        told = self._keep(ring.without(key_id), key_id, f"Key {key_id} is out of the ring.", options)
        if told["in_place"]:
            try:
                # Whoever still had the old ring may have encrypted with it meanwhile.
                self._refuse_if_needed(key_id)
            except CommandError:
                keysource.write(ring)
                raise
            self._say(
                "Backups of the database from before need it still: keep a copy of the old ring beside them.", options
            )
        self._tell(told, options)

    def _refuse_if_needed(self, key_id: int) -> None:
        needed = sum(rotation.uses().get(key_id, {}).values())
        if needed:
            raise CommandError(f"{needed:,} values still need key {key_id}: run keys rotate first. Nothing changed.")

    def _keep(self, ring: Keyset, key_id: int, done: str, options: dict[str, Any]) -> dict[str, Any]:
        """Write the home's own ring; print one that the operator gave, which is theirs to put in place.

        Answers what a script is told: the key it is about, whether the ring is in place, and else the ring.
        """
        if not keysource.given():
            keysource.write(ring)
            self._say(done, options)
            return {"key": key_id, "in_place": True, "ring": None}
        self._say("The key ring is not in this home, so it was not changed. Put this one in its place", options)
        self._say("(wrapped again if it was wrapped) and let every process reload. It is secret.", options)
        if not options["json"]:
            self.stdout.write(ring.text())
        return {"key": key_id, "in_place": False, "ring": ring.text()}

    def _tell(self, told: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.give(told)

    def _say(self, text: str, options: dict[str, Any]) -> None:
        """Beside what is printed for others to read."""
        (self.stderr if options["json"] or keysource.given() else self.stdout).write(text, style_func=str)
