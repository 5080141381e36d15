"""The contacts domain: people in the address books of every account, on one page."""
