"""Fetched attachments on disk, under the home's files; private to the process's user, one folder per connection."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings


def _folder(connection_id: UUID) -> Path:
    return Path(settings.MEDIA_ROOT) / "mail" / str(connection_id)


def save(connection_id: UUID, attachment_id: int, content: bytes) -> None:
    """Whole or not at all: a reader never sees half a file."""
    folder = _folder(connection_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(name, folder / str(attachment_id))


def read(connection_id: UUID, attachment_id: int) -> BinaryIO | None:
    """None where the file is not there (a restored database without its files, say)."""
    try:
        return open(_folder(connection_id) / str(attachment_id), "rb")
    except FileNotFoundError:
        return None


def remove(connection_id: UUID) -> None:
    """Everything that was fetched for a connection."""
    shutil.rmtree(_folder(connection_id), ignore_errors=True)
