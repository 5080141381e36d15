"""An app's addresses for being told of changes: a server that keeps what it gets and answers as a test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Told:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Listener:
    """``statuses`` are answered first, one each; then 200. ``shaking`` answers Graph's handshakes."""

    base: str = ""
    told: list[Told] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    shaking: bool = True

    def wait(self, count: int, seconds: float = 8) -> list[Told]:
        """The first ``count`` requests, handshakes apart."""
        deadline = time.monotonic() + seconds
        while len(self.told) < count:
            assert time.monotonic() < deadline, f"{len(self.told)} of {count} came"
            time.sleep(0.02)
        return self.told[:count]

    def stays(self, count: int, seconds: float = 0.8) -> bool:
        """Whether nothing more comes for a while."""
        time.sleep(seconds)
        return len(self.told) == count


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener on a free port."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = parse_qs(urlsplit(self.path).query).get("validationToken")
            if token and listener.shaking:
                self._answer(200, token[0].encode())
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            listener.told.append(Told(self.path, headers, body, time.monotonic()))
            self._answer(listener.statuses.pop(0) if listener.statuses else 200, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
