"""The vendors' authorisation servers: consent, codes, tokens, identity, revocation. The APIs are elsewhere."""
