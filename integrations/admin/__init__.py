"""The administration of OAuth apps, connections, grants, collections, changes and the ledger.

Everything that is synced is read-only. A token is a fingerprint, an expiry and its scopes: the text is never here.
"""

from integrations.admin import grants, ledger, oauth_apps, tables

__all__ = ["grants", "ledger", "oauth_apps", "tables"]
