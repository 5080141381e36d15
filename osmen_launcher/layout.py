"""Where things are: the project's own folders, and the home that holds everything a running OsMEN writes.

Makes the home and keeps others out of it. What goes into its files is left to those who write them.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from osmen_launcher.errors import Failure

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
DOCS = ROOT / "docs"
MANUAL = DOCS / "_site"
FOLDERS = ("keys", "broker", "logs", "files", "tmp", "run", "sandbox")


def venv_python(venv: Path = VENV) -> Path:
    """The interpreter of a virtual environment."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Home:
    """One home, by its absolute path."""

    path: Path

    @classmethod
    def choose(cls, given: str | None) -> Home:
        """The folder that ``--home`` names, else ``OSMEN_HOME``, else ``var`` in the project."""
        text = given or os.environ.get("OSMEN_HOME", "").strip()
        return cls((Path(text).expanduser() if text else ROOT / "var").resolve())

    def folder(self, name: str) -> Path:
        return self.path / name

    @property
    def database(self) -> Path:
        return self.path / "db.sqlite3"

    def log(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        return self.path / "run" / f"{name}.pid"

    def prepare(self) -> None:
        """Make the folders, readable by their owner alone. Raises Failure where it cannot write."""
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True, mode=0o700)
            for name in FOLDERS:
                self.folder(name).mkdir(mode=0o700, exist_ok=True)
            self.check_writable()
        except OSError as error:
            raise self._unwritable(error) from error
        self._keep_private()

    def check_writable(self) -> None:
        """Raises OSError unless a file can be written in the home and in each of its folders that exists."""
        for folder in (self.path, *(self.folder(name) for name in FOLDERS)):
            if folder.is_dir():
                with tempfile.TemporaryFile(dir=folder) as probe:
                    probe.write(b"probe")

    def _keep_private(self) -> None:
        # A home on a volume that others own may refuse this; what is made inside it is private all the same (umask).
        secret = [*self.folder("keys").glob("*"), *self.path.glob("db.sqlite3*")]
        with contextlib.suppress(OSError):
            for name in FOLDERS:
                self.folder(name).chmod(0o700)
            for file in secret:
                if file.is_file():
                    file.chmod(0o600)

    def _unwritable(self, error: OSError) -> Failure:
        reason = (error.strerror or str(error)).lower()
        return Failure(
            f"OsMEN cannot write to its home {self.path} ({reason}).",
            "Free or unlock that folder, or choose another with --home DIR.",
        )
