"""Google: Gmail, Calendar and, for their scopes, Contacts. Only ``provider.py`` is for others."""
