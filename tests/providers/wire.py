"""A small HTTP server that tests script: the provider's side of the wire."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)


@dataclass(frozen=True)
class Said:
    """One answer. ``drop`` closes the connection instead of answering."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


def said_json(value: object, status: int = 200, **headers: str) -> Said:
    """An answer whose body is ``value`` as JSON; ``_`` in header names stands for ``-``."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Said(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


class Wire:
    """Answers every request by ``answer``, which a test sets."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Said] = lambda asked: Said(404)
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # the body would wait 40 ms for the headers to be acknowledged

            def handle_request(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                lower = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, lower, self.rfile.read(length))
                wire.asked.append(asked)
                said = wire.answer(asked)
                if said.drop:
                    self.close_connection = True
                    return
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                if self.command != "HEAD":
                    with contextlib.suppress(ConnectionError):  # the asker may be gone by now
                        self.wfile.write(said.body)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_request

            def log_message(self, format: str, *args: object) -> None:
                """The server's own lines would only stand between those of the tests."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
