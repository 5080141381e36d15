"""``test``: installs what the tests need and runs pytest with a home that is thrown away."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence

from osmen_launcher.console import Console, Steps
from osmen_launcher.layout import ROOT, venv_python
from osmen_launcher.packages import check_modules
from osmen_launcher.up import install

# Whatever else is set for the app itself would change what tests see.
KEPT = {"OSMEN_CHROMIUM"}


def test(arguments: Sequence[str], console: Console) -> int:
    """Run pytest with ``arguments``; ``--proofs`` among them adds the long tests. Returns pytest's exit code."""
    proofs = "--proofs" in arguments
    rest = [argument for argument in arguments if argument != "--proofs"]
    check_modules()
    steps = Steps(console, 4)
    install(steps, dev=True)
    steps.end()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OSMEN_") or name in KEPT}
    environment |= {"PYTHONUTF8": "1", "OSMEN_ENV": "development"}
    if proofs:
        environment["OSMEN_PROOFS"] = "1"
    with tempfile.TemporaryDirectory(prefix="osmen-test-", ignore_cleanup_errors=True) as home:
        environment["OSMEN_HOME"] = home
        marker = ["-m", "proofs or not proofs"] if proofs else []
        # A file at a time, as a file's tests share what they start; in the order that tests/conftest.py gives them; two
        # for each core, as they mostly wait for others. A debugger needs the terminal for itself.
        alone = any(argument.startswith(("-n", "--pdb", "--trace")) for argument in rest)
        spread = [] if alone else ["-n", str(2 * (os.cpu_count() or 1)), "--dist", "loadfile", "--no-loadscope-reorder"]
        command = [str(venv_python()), "-m", "pytest", *marker, *spread, *rest]
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # pytest got it as well and ends its tests in order
                continue
