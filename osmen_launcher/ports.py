"""Whether a port can be had. Another one is never chosen silently: links, cookies and OAuth redirects depend on it."""

from __future__ import annotations

import errno
import os
import socket

from osmen_launcher.errors import Failure

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def check_port(host: str, port: int, *, flag: str, what: str) -> None:
    """Raises Failure unless ``what`` could listen on ``host`` and ``port``; ``flag`` is named in the remedy."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise Failure(f"{host} is no address of this machine.", "Use --host 127.0.0.1 or 0.0.0.0.", code=2) from error
    try:
        _bind(family, address)
        if host in LOOPBACK and _somebody_answers("::1", port):
            # Browsers try ::1 first for "localhost": whoever listens there would get our visitors.
            raise OSError(errno.EADDRINUSE, "in use")
    except PermissionError as error:
        raise Failure(
            f"Port {port} for {what} needs an administrator's rights.", f"Choose one above 1023 with {flag}."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise Failure(
                f"{host} is no address of this machine.", "Use --host 127.0.0.1 or 0.0.0.0.", code=2
            ) from error
        raise Failure(
            f"Port {port} for {what} is taken by another program.",
            f"Stop that program, or choose another port with {flag}.",
        ) from error


def _bind(family: socket.AddressFamily, address: object) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "nt":
            probe.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", -5), 1)
        else:  # ports in TIME_WAIT are free for a server
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)  # type: ignore[arg-type]
        probe.listen(1)


def _somebody_answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.3):
            return True
    except OSError:
        return False
