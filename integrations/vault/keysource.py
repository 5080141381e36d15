"""Where the key ring comes from: ``OSMEN_KEYSET``, ``OSMEN_KEYSET_FILE``, or the home's own file.

It may be stored wrapped: then ``OSMEN_KEYSET_COMMAND`` (age, or the client of a key service) gets it on standard input
and prints it unwrapped. Only the home's own file is ever written; what an operator gave is theirs to change.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from django.conf import settings

from integrations.vault.keyset import KeyringError, Keyset

COMMAND_SECONDS = 60.0
# What tells one state of the source from another: the given text, or the file's time, size and inode.
Stamp = tuple[str, int, int, int]


def given() -> bool:
    """Whether the operator gave the key ring; otherwise it is the home's own and may be written."""
    return bool(settings.OSMEN_KEYSET or settings.OSMEN_KEYSET_FILE)


def path() -> Path:
    """The file that holds the ring, where no text was given."""
    return Path(settings.OSMEN_KEYSET_FILE or settings.OSMEN_KEYSET_PATH)


def exists() -> bool:
    """Whether there is a key ring at all."""
    return given() or path().exists()


def stamp() -> Stamp:
    """The state of the source; cheap enough to ask at each use."""
    if settings.OSMEN_KEYSET:
        return (settings.OSMEN_KEYSET, 0, 0, 0)
    try:
        state = os.stat(settings.OSMEN_KEYSET_FILE or settings.OSMEN_KEYSET_PATH)
    except OSError:
        return ("", 0, 0, 0)
    return ("", state.st_mtime_ns, state.st_size, state.st_ino)


def read() -> str:
    """The keyset's text, unwrapped. Raises ``KeyringError`` with a sentence that says what to do."""
    if settings.OSMEN_KEYSET:
        stored = str(settings.OSMEN_KEYSET).encode()
    else:
        try:
            stored = path().read_bytes()
        except OSError as error:
            raise KeyringError(
                f"The key ring {path()} cannot be read: {error.strerror}. Restore it from a backup."
            ) from error
    if settings.OSMEN_KEYSET_COMMAND and given():
        stored = _unwrap(stored)
    try:
        return stored.decode()
    except UnicodeDecodeError:
        raise KeyringError(
            "The key ring is not text. If it is wrapped, OSMEN_KEYSET_COMMAND must name the command that unwraps it."
        ) from None


def _unwrap(stored: bytes) -> bytes:
    """What the operator's command makes of it. The command's words go into the message, its output never does."""
    command = shlex.split(settings.OSMEN_KEYSET_COMMAND)
    try:
        done = subprocess.run(command, input=stored, capture_output=True, timeout=COMMAND_SECONDS, check=False)
    except OSError as error:
        raise KeyringError(f"OSMEN_KEYSET_COMMAND cannot be run: {command[0]}: {error.strerror}.") from None
    except subprocess.TimeoutExpired:
        raise KeyringError(f"OSMEN_KEYSET_COMMAND did not end within {COMMAND_SECONDS:.0f} seconds.") from None
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip()[:200]
        raise KeyringError(f"OSMEN_KEYSET_COMMAND ended with {done.returncode}: {complaint}")
    return done.stdout


def create(target: Path) -> None:
    """Make a key ring with one key, readable by its owner alone. Never overwrites one."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(Keyset.new().text())


def write(keyset: Keyset) -> None:
    """Replace the home's key ring: the new one is there whole and on the disk, or the old one is."""
    target = path()
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(keyset.text())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
