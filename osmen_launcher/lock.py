"""A lock on a file that the system releases when its holder ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO


class FileLock:
    """Held by one process at a time. The file stays and names its last holder's process id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody has it."""
        file = open(self.path, "a+", encoding="ascii")  # noqa: SIM115 (open as long as the lock is held)
        if not _lock(file):
            file.close()
            return False
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        """Give it back; nothing happens where it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def holder(self) -> str:
        """The process id that the file names, or an empty text."""
        try:
            return self.path.read_text(encoding="ascii").strip()
        except OSError:
            return ""


if sys.platform == "win32":
    import msvcrt

    # Far behind the text, because Windows forbids others to read what is locked.
    _OFFSET = 1 << 20

    def _lock(file: IO[str]) -> bool:
        file.seek(_OFFSET)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
