"""Content that was fetched for an account, on disk under the home's files; private to the process's user.

One folder per area and connection, so that everything of a removed account goes at once. Which files there are is
known to the area's rows.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one area."""

    area: str

    def save(self, connection_id: UUID, name: str, content: bytes) -> None:
        """Whole or not at all: a reader never sees half a file."""
        folder = self._folder(connection_id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, path = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(path, folder / name)

    def read(self, connection_id: UUID, name: str) -> BinaryIO | None:
        """None where the file is not there (a restored database without its files, say)."""
        try:
            return open(self._folder(connection_id) / name, "rb")
        except FileNotFoundError:
            return None

    def forget(self, connection_id: UUID, name: str) -> None:
        """One file, if it is there."""
        (self._folder(connection_id) / name).unlink(missing_ok=True)

    def remove(self, connection_id: UUID) -> None:
        """Everything that was fetched for a connection."""
        shutil.rmtree(self._folder(connection_id), ignore_errors=True)

    def _folder(self, connection_id: UUID) -> Path:
        return Path(settings.MEDIA_ROOT) / self.area / str(connection_id)
