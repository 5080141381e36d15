"""Runs an installer (venv, pip, npm), follows what it says line by line and sums up why it failed.

Its whole output goes to ``.venv/install.log``.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from osmen_launcher.errors import Failure
from osmen_launcher.layout import ROOT, VENV

NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|name resolution|etwork is unreachable|ConnectTimeoutError|ReadTimeout|"
    r"ProxyError|Connection refused|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|"
    r"network connectivity|ENETUNREACH|getaddrinfo|ProtocolError|Retrying \(Retry\("
)
TROUBLE = re.compile(r"^(?:ERROR|error|npm error|npm ERR!|Error)[: ]\s*(.*\S)", re.MULTILINE)


def installer_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for installers: the user's own, without what would send packages elsewhere."""
    dropped = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "__PYVENV_LAUNCHER__"}
    kept = {name: value for name, value in os.environ.items() if name.upper() not in dropped}
    return (
        kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1"} | dict(extra or {})
    )


def run_tool(
    what: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> None:
    """Run ``command`` to its end. ``what`` completes "could not …" in the Failure that is raised when it fails."""
    lines: list[str] = []
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=installer_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if on_line is not None:
                on_line(line)
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    log = _record(command, lines)
    if code:
        raise _explain(what, "".join(lines), log)


def _record(command: Sequence[str | Path], lines: list[str]) -> Path:
    log = VENV / "install.log"
    if VENV.is_dir():
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(str(part) for part in command)}\n")
            file.writelines(lines)
    return log


def _explain(what: str, output: str, log: Path) -> Failure:
    if "No space left on device" in output or "ENOSPC" in output:
        return Failure(f"OsMEN could not {what}: the disk is full.", "Free about 1 GB and start again.")
    if "DO NOT MATCH THE HASHES" in output or "EINTEGRITY" in output:
        return Failure(
            f"OsMEN could not {what}: a download was not the file that the lock file names.",
            f"Start again; if it stays, a mirror or proxy changes files on the way ({log} says which).",
        )
    if NETWORK.search(output):
        return Failure(
            f"OsMEN could not {what}: the network did not answer.",
            "Check the connection (behind a proxy, set HTTPS_PROXY) and start again; what has arrived is kept.",
        )
    troubles: list[str] = TROUBLE.findall(output) or output.strip().splitlines()[-1:] or ["no reason was given"]
    return Failure(f"OsMEN could not {what}: {troubles[0].rstrip('.')}.", f"The whole output is in {log}.")
