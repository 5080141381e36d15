#!/usr/bin/env python
"""Django's command line with this project's settings.

``python3 osmen.py NAME …`` runs it inside the project's virtual environment with the right home; call it directly only
where that is already arranged (a container, a debugger). A setting that is missing or wrong is said in one sentence.
"""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

NOT_CONFIGURED = 4

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "osmen_web.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        print(f"osmen: {error}", file=sys.stderr)
        sys.exit(NOT_CONFIGURED)
