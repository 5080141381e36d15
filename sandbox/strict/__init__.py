"""Strict mode: every request to an API is held against the vendors' contracts, and what is wrong is written down.

For tests: the APIs refuse by rules of their own, this asks the contracts themselves, with compiled validators. Needs
``jsonschema_rs``; nothing else in the sandbox does. Graph's contract is not among the sandbox's files: without its path
Graph is not judged.
"""
