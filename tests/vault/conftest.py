"""Vault tests stand on the journey's people: a connection is made by connecting."""

from tests.journey.conftest import ada, sandbox

__all__ = ["ada", "sandbox"]
