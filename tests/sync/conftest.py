"""Engine tests stand on the journey's people: an account is connected at the sandbox, and the engine runs here."""

from tests.journey.conftest import ada, ben, sandbox

__all__ = ["ada", "ben", "sandbox"]
