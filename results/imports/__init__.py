"""Results of other tools as recordings: one module a format, found by what a file holds and never by its name."""
