"""Google's events, people and messages in Microsoft's form, and the other way round.

Pure functions on the vendors' own JSON. Each answers with the other form and a report of what that form has no room
for, so that nothing is lost without being named:

>>> from integrations.convert import event_to_microsoft
>>> tea = {"summary": "Tea", "colorId": "5", "start": {"date": "2026-06-15"}, "end": {"date": "2026-06-16"}}
>>> made = event_to_microsoft(tea)
>>> made.value["subject"], made.lost
('Tea', ('colorId',))

Neither form is sent anywhere here; what belongs to one vendor's copy alone (ids, links, etags) is in ``left``.
"""

from integrations.convert.contacts import contact_to_microsoft
from integrations.convert.contacts_back import contact_to_google
from integrations.convert.events import event_to_microsoft
from integrations.convert.events_back import event_to_google
from integrations.convert.messages import message_to_google, message_to_microsoft
from integrations.convert.report import Converted

__all__ = [
    "Converted",
    "contact_to_google",
    "contact_to_microsoft",
    "event_to_google",
    "event_to_microsoft",
    "message_to_google",
    "message_to_microsoft",
]
