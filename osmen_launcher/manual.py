"""The help pages: built from ``docs/`` by Sphinx, anew when the documents have changed, for the app to serve.

What stands in them and that they have no dead link is for ``docs/`` and the tests. OsMEN starts without them as well.
"""

from __future__ import annotations

import shutil

from osmen_launcher.console import Steps
from osmen_launcher.errors import Failure
from osmen_launcher.layout import DOCS, MANUAL, ROOT, venv_python
from osmen_launcher.packages import fingerprint, installing
from osmen_launcher.tool import run_tool

STAMP = MANUAL / ".stamp"


def installed() -> bool:
    """Whether the built pages are those of the documents."""
    try:
        return STAMP.read_text(encoding="ascii").strip() == _stamp()
    except OSError:
        return False


def ensure_manual(steps: Steps) -> None:
    """Build the pages where they are missing or of older documents."""
    if installed():
        steps.note("up to date")
        return
    if not DOCS.is_dir():
        steps.note("there are none")
        return
    with installing(steps):
        if installed():  # another osmen.py did it while this one waited
            return
        draft = MANUAL.with_name(f"{MANUAL.name}.new")
        try:
            shutil.rmtree(draft, ignore_errors=True)
            run_tool("build the help pages", [venv_python(), "-m", "sphinx", "-q", "-E", DOCS, draft])
            shutil.rmtree(draft / ".doctrees", ignore_errors=True)
            (draft / STAMP.name).write_text(_stamp() + "\n", encoding="ascii")
            shutil.rmtree(MANUAL, ignore_errors=True)
            draft.rename(MANUAL)
        except (Failure, OSError) as error:
            steps.note(f"left out: {error}")


def _stamp() -> str:
    """What decides whether the pages are the right ones: everything that they are made of."""
    files = [file for file in DOCS.rglob("*") if file.is_file() and MANUAL.name not in file.relative_to(DOCS).parts[0]]
    files += (ROOT / "examples").glob("*.py")
    return fingerprint(*sorted(files), ROOT / "static" / "css" / "tokens.css", ROOT / "requirements.txt")
