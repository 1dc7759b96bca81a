"""One module a command: its flags and what it calls. ``command(words)`` returns the exit code."""
