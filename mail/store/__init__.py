"""Mail's way in: turns the records that providers yield into rows. It knows nothing of leases, tokens or HTTP."""

from mail.store.deltas import of_change
from mail.store.store import MailStore, edit
from mail.store.walks import one_folder_each, walked_alone

__all__ = ["MailStore", "edit", "of_change", "one_folder_each", "walked_alone"]
