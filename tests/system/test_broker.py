"""The embedded broker: messages written while they are being read arrive, each once, and a broken one stops nobody."""

from __future__ import annotations

import queue
import threading
import uuid
from pathlib import Path

import pytest
from kombu import Connection

from tests.launcher.running import wait_for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queue").mkdir()
    return tmp_path


@pytest.fixture
def name() -> str:
    """Of a queue: kombu remembers in a process which it has made, wherever that was."""
    return f"work-{uuid.uuid4()}"


def connected(folder: Path) -> Connection:
    data = str(folder / "queue")
    options = {"data_folder_in": data, "data_folder_out": data, "control_folder": str(folder / "control")}
    return Connection("filesystem://", transport="osmen_web.broker:Transport", transport_options=options)


def test_every_message_arrives_once_while_others_are_being_written(folder: Path, name: str) -> None:
    def write(first: int) -> None:
        with connected(folder) as connection, connection.SimpleQueue(name) as work:
            for number in range(first, first + 400):
                work.put({"number": number, "padding": "x" * 2000})

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 1000, 2000)]
    with connected(folder) as connection, connection.SimpleQueue(name) as work:
        for writer in writers:
            writer.start()
        arrived: list[int] = []
        while len(arrived) < 1200:
            message = work.get(timeout=20)
            message.ack()
            arrived.append(message.payload["number"])
        with pytest.raises(queue.Empty):
            work.get_nowait()
    assert sorted(arrived) == [n for first in (0, 1000, 2000) for n in range(first, first + 400)]


@pytest.mark.parametrize("broken", ["", '{"body": "eyJ'])
def test_a_broken_message_is_left_out(folder: Path, name: str, broken: str) -> None:
    with connected(folder) as connection, connection.SimpleQueue(name) as work:
        (folder / "queue" / f"0_0.{name}.msg").write_text(broken)
        work.put({"number": 1})
        assert work.get(timeout=5).payload == {"number": 1}
        wait_for(lambda: not list((folder / "queue").iterdir()), 5)


def test_a_broken_list_of_queues_is_written_anew(folder: Path, name: str) -> None:
    (folder / "control").mkdir()
    (folder / "control" / f"{name}.exchange").write_text("")
    with connected(folder) as connection, connection.SimpleQueue(name) as work:
        work.put({"number": 1})
        assert work.get(timeout=5).payload == {"number": 1}
