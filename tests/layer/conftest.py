"""What the layer's tests stand on: the journey's sandbox and people, and the live clients of accounts there."""

from __future__ import annotations

from tests.journey.conftest import ada, sandbox

__all__ = ["ada", "sandbox"]

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
OTHER_GOOGLE = "tomasz.zielinski@gmail.example"
