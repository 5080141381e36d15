"""The embedded broker: kombu's queue of files, made safe for readers that come while a file is being written.

As it comes, a worker may take up a message before its text is there, and ends. Here a file appears under its name only
when it is whole, and what cannot be read all the same (after a power cut, say) is left out: the rows say what is due.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """A channel whose files are whole from the beginning."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        """Add a message. Raises ``ChannelError``. (kombu's stubs name its parameters in two ways.)"""
        # Names are taken in their order; the clock is that of kombu's own names.
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        _write(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the next message. Raises ``queue.Empty``."""
        while True:
            try:
                return super()._get(queue)
            except ValueError:
                logger.warning("A message in the queue could not be read and was left out.")

    def get_table(self, exchange: str) -> list[Any]:
        """Which queues an exchange feeds."""
        try:
            return list(super().get_table(exchange))
        except ValueError:
            return []

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None) -> None:
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        table = self.get_table(exchange)
        if bound not in table:
            self.control_folder.mkdir(exist_ok=True)
            _write(self.control_folder / f"{exchange}.exchange", [bound, *table])


class Transport(filesystem.Transport):
    """What ``filesystem://`` means in OsMEN."""

    Channel = Channel


def _write(path: Path, content: object) -> None:
    part = path.with_name(f".{uuid.uuid4()}.part")
    try:
        part.write_text(dumps(content), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise ChannelError(f"The broker cannot write to {path.parent}: {os.strerror(error.errno or 0)}.") from error
