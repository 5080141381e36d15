"""Waits on a loopback address of this machine for the one answer that a provider sends a browser to (RFC 8252, 7.3)."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from integrations.errors import PermanentFailure

_PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>OsMEN</title>
<p>OsMEN has the answer. You can close this window and go back to the terminal.</p></html>"""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# One port that a person can register where a provider answers at known addresses only.
PORT = 8765


class Listener:
    """Holds its port from the moment it is made, and answers in a ``with``. Port 0 takes a free one."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises ``PermanentFailure`` where it cannot listen."""
        self.answer = ""
        self.arrived = threading.Event()
        try:
            self._server = _Server((host, port), _Handler)
        except OSError as error:
            raise PermanentFailure(f"Nothing can listen at {host}:{port}: {error.strerror}.", code="port") from None
        self._server.waiting = self
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, seconds: float) -> str:
        """The whole address that the browser came to. Raises ``PermanentFailure`` when it does not in time."""
        if not self.arrived.wait(seconds):
            raise PermanentFailure(f"No answer came within {seconds:.0f} seconds.", code="timeout")
        return self.answer


class _Server(ThreadingHTTPServer):
    """A thread a request: browsers open connections on which they say nothing."""

    daemon_threads = True
    block_on_close = False
    waiting: Listener


class _Handler(BaseHTTPRequestHandler):
    """Takes the first request with a state, and nothing else."""

    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        known = "state" in parse_qs(urlsplit(self.path).query)
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(_PAGE if known else b"")
        waiting = self.server.waiting
        if known and not waiting.arrived.is_set():
            waiting.answer = f"http://loopback{self.path}"
            waiting.arrived.set()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the request line holds a code."""
