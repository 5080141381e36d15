"""Asks the running app how it is, through ``/healthz``; also the command of the containers' health checks.

``python -m osmen_launcher.health worker beat`` asks the app at ``OSMEN_HOST`` and ``OSMEN_PORT`` and fails unless these
checks are well; without names, all of them.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from osmen_launcher.environment import Address, from_environment


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


# Straight to the app: a proxy from the environment has no business here.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def failing(address: Address, timeout: float = 2.0) -> list[str] | None:
    """The names of the checks that fail, none when all is well, or None where nothing answered at all."""
    host = f"[{address.probe_host}]" if ":" in address.probe_host else address.probe_host
    public = urlsplit(address.public_url)
    request = urllib.request.Request(
        f"http://{host}:{address.port}/healthz", headers={"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
    )
    try:
        with _opener.open(request, timeout=timeout) as response:
            body = response.read()
    except urllib.error.HTTPError as error:
        body = error.read()
        if error.code != 503:
            return [f"web (status {error.code})"]
    except OSError:
        return None
    try:
        answer = json.loads(body)
        if answer["status"] == "ok":
            return []
        return [name for name, state in answer["checks"].items() if state == "failed"]
    except (ValueError, KeyError, AttributeError, TypeError):
        return ["web (not OsMEN's answer)"]


def main(names: list[str]) -> int:
    """0 when the checks called ``names`` are well."""
    failed = failing(from_environment(), timeout=8)
    wrong = ["web"] if failed is None else [name for name in failed if not names or name in names or " " in name]
    print(f"{', '.join(wrong)} failed" if wrong else "ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
