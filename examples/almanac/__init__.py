"""A whole provider in three short files: Almanac, an invented calendar service (docs/adding-a-provider.md)."""
