#!/usr/bin/env python3
"""OsMEN's launcher: ``python3 osmen.py up`` takes a fresh machine to a running app; ``--help`` lists the rest.

Standard library only. This file keeps to words that every Python can read, so that one too old says so in a sentence;
the work is in ``osmen_launcher/``.
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "osmen: OsMEN runs on Python 3.11, 3.12 and 3.13, but this is Python "
        + ".".join(map(str, sys.version_info[:3]))
        + ". Install one of those and start with it by name, for example: python3.12 osmen.py up"
    )

from osmen_launcher.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
