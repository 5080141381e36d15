"""Random histories of accounts at the sandbox, and what their providers say in the end.

A history is a list of steps, each a name and a number that settles its details, so that it can be told again. What
happens at a provider is written over the provider's own API, by its owner and not by OsMEN.
"""
