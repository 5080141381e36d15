"""The vault: the only code that decrypts a token. Others use ``vault.tokens.access_token`` and never hold a grant."""
