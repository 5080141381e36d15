"""Making received mail safe and pleasant to read. Pure functions: text in, markup out."""
