"""Contacts and their folders, with their change tracking."""
