"""The sync engine: one loop for every provider and service. The domains register their stores here."""
