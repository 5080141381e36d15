"""The outbox: local edits on their way to the providers, in order, until they are confirmed."""
