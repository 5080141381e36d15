"""The allauth seam:

allauth walks the user through OAuth, the vault gets the grant. Built from the provider registry.
"""
