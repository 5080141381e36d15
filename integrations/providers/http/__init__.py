"""The one door to the network: every request to a provider goes through ``send``.

It knows connections, time limits, sizes and what a failed connection means for a retry. What an answer means (its
status, its error body) is left to each provider's ``errors.py``; when to try again is left to the engine.
"""

from integrations.providers.http.addresses import path_template, same_origin
from integrations.providers.http.authorized import send_as
from integrations.providers.http.door import send
from integrations.providers.http.messages import Request, Response

__all__ = ["Request", "Response", "path_template", "same_origin", "send", "send_as"]
