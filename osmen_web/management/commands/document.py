"""``osmen.py document``: writes the pages of ``docs/`` that come from the program itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from osmen_web import documents


class Command(BaseCommand):
    help = "Write the reference pages of docs/ (configuration, commands) anew from the program itself."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = documents.write(settings.BASE_DIR / "docs")
        self.stdout.write(f"Written: {', '.join(changed)}" if changed else "Nothing to write: the pages are current.")
