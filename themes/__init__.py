"""Theme files, read at run time."""
