"""The integration layer: providers, tokens, sync and the outbox. Its public Python API is ``get_integration_layer``.

>>> from integrations import get_integration_layer
>>> layer = get_integration_layer("ada@example.org")  # doctest: +SKIP

This module stays light, so that Django can load the app; the names below are resolved on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrations.layer import IntegrationLayer as IntegrationLayer
    from integrations.layer import get_integration_layer as get_integration_layer
    from integrations.layer import get_integration_status as get_integration_status

__all__ = ["IntegrationLayer", "get_integration_layer", "get_integration_status"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from integrations import layer

    return getattr(layer, name)
